"""Dot-product attention, unscaled."""

from torch import Tensor, nn

from attnlab.attention.core import Properties, Role
from attnlab.attention.masks import allowed_mask, masked_softmax
from attnlab.attention.parts.fused import fused_attention


class DotAttention(nn.Module):
    """A key counts by its dot product with the query, as it is.

    w_ij = softmax_j(q_i · k_j)        (Luong et al., 2015, section 3.1, "dot")
    Differs from the paper: behind the shell, query and key are projections. These could learn the scale that
    `scaled_dot` divides by, so the two express the same and differ in where training starts and how it goes.

    Cost: time T² D, memory T D. Fused.
    """

    uses = frozenset({"query", "key"})
    properties = Properties()

    def __init__(self, *, num_heads: int, head_dim: int, role: Role, max_length: int, dropout: float) -> None:
        super().__init__()
        self.causal = role == "causal"
        self.dropout = dropout

    def forward(
        self, q: Tensor, k: Tensor, v: Tensor, *, key_mask: Tensor | None = None, bias: Tensor | None = None
    ) -> Tensor:
        dropout = self.dropout if self.training else 0.0
        return fused_attention(q, k, v, scale=1.0, causal=self.causal, key_mask=key_mask, bias=bias, dropout=dropout)

    def weights(self, q: Tensor, k: Tensor, *, key_mask: Tensor | None = None, bias: Tensor | None = None) -> Tensor:
        scores = q @ k.mT  # (B, H, Tq, Tk)
        return masked_softmax(scores, allowed_mask(q, k, causal=self.causal, key_mask=key_mask), bias)

    def combine(self, weights: Tensor, v: Tensor) -> Tensor:
        return weights @ v
