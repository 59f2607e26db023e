"""Scaled dot-product attention."""

from torch import Tensor, nn

from attnlab.attention.core import Properties, Role
from attnlab.attention.masks import allowed_mask, masked_softmax
from attnlab.attention.parts.fused import fused_attention


class ScaledDotAttention(nn.Module):
    """A key counts by its dot product with the query, scaled so that its variance doesn't grow with the width.

    w_ij = softmax_j(q_i · k_j / sqrt(Dh))        (Vaswani et al., 2017, eq. 1)

    Cost: time T² D, memory T D. Fused; with dropout on a CPU, or under a bias that learns, memory is T² H.
    """

    uses = frozenset({"query", "key"})
    properties = Properties()

    def __init__(self, *, num_heads: int, head_dim: int, role: Role, max_length: int, dropout: float) -> None:
        super().__init__()
        self.scale = head_dim**-0.5
        self.causal = role == "causal"
        self.dropout = dropout

    def forward(
        self, q: Tensor, k: Tensor, v: Tensor, *, key_mask: Tensor | None = None, bias: Tensor | None = None
    ) -> Tensor:
        dropout = self.dropout if self.training else 0.0
        return fused_attention(
            q, k, v, scale=self.scale, causal=self.causal, key_mask=key_mask, bias=bias, dropout=dropout
        )

    def weights(self, q: Tensor, k: Tensor, *, key_mask: Tensor | None = None, bias: Tensor | None = None) -> Tensor:
        scores = q @ k.mT * self.scale  # (B, H, Tq, Tk)
        return masked_softmax(scores, allowed_mask(q, k, causal=self.causal, key_mask=key_mask), bias)

    def combine(self, weights: Tensor, v: Tensor) -> Tensor:
        return weights @ v
