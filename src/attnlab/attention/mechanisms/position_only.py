"""Attention by learned distances alone, a control."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from attnlab.attention.core import Properties, Role, RoleError, require_length
from attnlab.attention.masks import allowed_mask, masked_softmax
from attnlab.attention.parts.relative_positions import all_relative_positions, spread


class PositionOnlyAttention(nn.Module):
    """A key counts by how far before or after the query it stands, whatever either holds: the control for content.

    w_ij = softmax_j(r_{j-i}),   r learned for each head and distance, zero at the start
    (No paper; a convolution of learned kernel, as wide as the input and normalised. `t5_bias` and `relative` are this
    with content; `synthesizer_random` learns each pair of absolute positions instead.)

    Cost: time T² D, memory T² H. Parameters grow with max_length · H.

    Raises RoleError for the role cross; an input longer than `max_length` raises ValueError.
    """

    uses: frozenset[str] = frozenset()
    properties = Properties(permutation_equivariant=False)

    def __init__(self, *, num_heads: int, head_dim: int, role: Role, max_length: int, dropout: float) -> None:
        super().__init__()
        if role == "cross":
            raise RoleError(
                "position_only attention needs queries and keys that share one line of positions, got role cross"
            )
        self.causal = role == "causal"
        self.dropout = dropout
        self.max_length = max_length
        # r from the farthest key before, max_length - 1 away, to the farthest after, of which a causal query sees none.
        self.logits = nn.Parameter(torch.zeros(num_heads, max_length if self.causal else 2 * max_length - 1))

    def forward(
        self, q: Tensor, k: Tensor, v: Tensor, *, key_mask: Tensor | None = None, bias: Tensor | None = None
    ) -> Tensor:
        weights = self.weights(q, k, key_mask=key_mask, bias=bias)
        return self.combine(F.dropout(weights, self.dropout, self.training), v)

    def weights(self, q: Tensor, k: Tensor, *, key_mask: Tensor | None = None, bias: Tensor | None = None) -> Tensor:
        num_queries, num_keys = q.size(-2), k.size(-2)
        require_length(num_keys, self.max_length)
        offset = all_relative_positions(num_queries, num_keys, q.device)  # j - i
        if self.causal:
            offset = offset.clamp(max=0)
        by_offset = self.logits[:, offset + self.max_length - 1].to(q.dtype)  # (H, Tq + Tk - 1)
        scores = spread(by_offset, num_queries).expand(q.size(0), -1, -1, -1)  # (B, H, Tq, Tk)
        return masked_softmax(scores, allowed_mask(q, k, causal=self.causal, key_mask=key_mask), bias)

    def combine(self, weights: Tensor, v: Tensor) -> Tensor:
        return weights @ v
