"""General, or bilinear, attention."""

import torch
from torch import Tensor, nn

from attnlab.attention.core import Properties, Role
from attnlab.attention.masks import allowed_mask, masked_softmax
from attnlab.attention.parts.fused import fused_attention


class GeneralAttention(nn.Module):
    """A learned matrix relates what a query asks to what a key offers.

    w_ij = softmax_j(q_iᵀ W k_j)        (Luong et al., 2015, section 3.1, "general")
    Differs from the paper: each head has a matrix W (Dh, Dh) of its own. Behind the shell's projections it coincides
    with `dot`, as W merges into the query's; what differs is the path of training.

    Cost: time T² D + T D²/H, memory T D. Fused.
    """

    uses = frozenset({"query", "key"})
    properties = Properties()

    def __init__(self, *, num_heads: int, head_dim: int, role: Role, max_length: int, dropout: float) -> None:
        super().__init__()
        self.causal = role == "causal"
        self.dropout = dropout
        bound = (3 / head_dim) ** 0.5  # W then leaves the query's variance, and the scores start as large as `dot`'s
        self.matrix = nn.Parameter(torch.empty(num_heads, head_dim, head_dim).uniform_(-bound, bound))  # W

    def forward(
        self, q: Tensor, k: Tensor, v: Tensor, *, key_mask: Tensor | None = None, bias: Tensor | None = None
    ) -> Tensor:
        dropout = self.dropout if self.training else 0.0
        q = q @ self.matrix  # (B, H, Tq, Dh)
        return fused_attention(q, k, v, scale=1.0, causal=self.causal, key_mask=key_mask, bias=bias, dropout=dropout)

    def weights(self, q: Tensor, k: Tensor, *, key_mask: Tensor | None = None, bias: Tensor | None = None) -> Tensor:
        related = q @ self.matrix  # (B, H, Tq, Dh)
        scores = related @ k.mT  # (B, H, Tq, Tk)
        return masked_softmax(scores, allowed_mask(q, k, causal=self.causal, key_mask=key_mask), bias)

    def combine(self, weights: Tensor, v: Tensor) -> Tensor:
        return weights @ v
