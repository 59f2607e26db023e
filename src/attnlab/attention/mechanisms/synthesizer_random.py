"""Random synthesizer attention."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from attnlab.attention.core import Properties, Role, RoleError, require_length
from attnlab.attention.masks import allowed_mask, masked_softmax


class SynthesizerRandomAttention(nn.Module):
    """One learned pattern of positions for all inputs, which starts at random.

    w_ij = softmax_j(R_ij),   R ~ N(0, 1) at the start, learned for each head        (Tay et al., 2020, eq. 5)
    `random_frozen` is the same with R fixed; `position_only` learns distances instead of pairs of positions.

    Cost: time T² D, memory T² H. Parameters grow with max_length² · H.

    Raises RoleError for the role cross; an input longer than `max_length` raises ValueError.
    """

    uses: frozenset[str] = frozenset()
    properties = Properties(permutation_equivariant=False)

    def __init__(self, *, num_heads: int, head_dim: int, role: Role, max_length: int, dropout: float) -> None:
        super().__init__()
        if role == "cross":
            raise RoleError(
                "synthesizer_random attention needs queries and keys that share one line of positions, got role cross"
            )
        self.causal = role == "causal"
        self.dropout = dropout
        self.max_length = max_length
        self.logits = nn.Parameter(torch.randn(num_heads, max_length, max_length))  # R

    def forward(
        self, q: Tensor, k: Tensor, v: Tensor, *, key_mask: Tensor | None = None, bias: Tensor | None = None
    ) -> Tensor:
        weights = self.weights(q, k, key_mask=key_mask, bias=bias)
        return self.combine(F.dropout(weights, self.dropout, self.training), v)

    def weights(self, q: Tensor, k: Tensor, *, key_mask: Tensor | None = None, bias: Tensor | None = None) -> Tensor:
        num_queries, num_keys = q.size(-2), k.size(-2)
        require_length(num_keys, self.max_length)
        logits = self.logits[:, num_keys - num_queries : num_keys, :num_keys]  # (H, Tq, Tk)
        scores = logits.to(q.dtype).expand(q.size(0), -1, -1, -1)
        return masked_softmax(scores, allowed_mask(q, k, causal=self.causal, key_mask=key_mask), bias)

    def combine(self, weights: Tensor, v: Tensor) -> Tensor:
        return weights @ v
