"""Location-based attention."""

import torch
from torch import Tensor, nn

from attnlab.attention.core import Properties, Role, require_length
from attnlab.attention.masks import allowed_mask, masked_softmax
from attnlab.attention.parts.fused import fused_attention


class LocationAttention(nn.Module):
    """The query alone says where to look: each position has a learned vector in the place of a key.

    w_ij = softmax_j(q_i · p_j) = softmax_j((W q_i)_j)        (Luong et al., 2015, eq. 8)
    Differs from the paper: each head has a matrix W, of rows p_j for positions j below `max_length`, of its own. What
    stands at a position is seen in its value only; the shell builds no key projection.

    More than `max_length` keys raise ValueError.

    Cost: time T² D, memory T D. Fused. Parameters grow with max_length · D.
    """

    uses = frozenset({"query"})
    properties = Properties(permutation_equivariant=False)

    def __init__(self, *, num_heads: int, head_dim: int, role: Role, max_length: int, dropout: float) -> None:
        super().__init__()
        self.causal = role == "causal"
        self.dropout = dropout
        bound = (3 / head_dim) ** 0.5  # keeps the variance of a score at that of the query's components
        self.positions = nn.Parameter(torch.empty(num_heads, max_length, head_dim).uniform_(-bound, bound))  # p

    def forward(
        self, q: Tensor, k: Tensor, v: Tensor, *, key_mask: Tensor | None = None, bias: Tensor | None = None
    ) -> Tensor:
        dropout = self.dropout if self.training else 0.0
        positions = self._positions_like(k)
        return fused_attention(
            q, positions, v, scale=1.0, causal=self.causal, key_mask=key_mask, bias=bias, dropout=dropout
        )

    def weights(self, q: Tensor, k: Tensor, *, key_mask: Tensor | None = None, bias: Tensor | None = None) -> Tensor:
        scores = q @ self._positions_like(k).mT  # (B, H, Tq, Tk)
        return masked_softmax(scores, allowed_mask(q, k, causal=self.causal, key_mask=key_mask), bias)

    def combine(self, weights: Tensor, v: Tensor) -> Tensor:
        return weights @ v

    def _positions_like(self, k: Tensor) -> Tensor:
        """Those of the keys, (B, H, Tk, Dh)."""
        num_keys = k.size(-2)
        require_length(num_keys, self.positions.size(1))
        return self.positions[:, :num_keys].to(k.dtype).expand_as(k)
