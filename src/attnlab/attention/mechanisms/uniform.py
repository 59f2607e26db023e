"""Uniform attention, the control."""

import torch
from torch import Tensor, nn

from attnlab.attention.core import Properties, Role
from attnlab.attention.masks import allowed_mask, masked_softmax
from attnlab.attention.parts.fused import fused_attention


class UniformAttention(nn.Module):
    """Every key counts the same: an average over what may be attended, the control that any mechanism has to beat.

    w_ij = 1 / #{allowed j}        (the "average attention" of Zhang et al., 2018, without its gate and network)
    Under a bias, w_ij = softmax_j(bias_ij): a mechanism whose scores are all zero.

    Cost: time T² D, memory T D. Fused; an average has no cheaper way under masks and biases.
    """

    uses: frozenset[str] = frozenset()
    properties = Properties()

    def __init__(self, *, num_heads: int, head_dim: int, role: Role, max_length: int, dropout: float) -> None:
        super().__init__()
        self.causal = role == "causal"
        self.dropout = dropout

    def forward(
        self, q: Tensor, k: Tensor, v: Tensor, *, key_mask: Tensor | None = None, bias: Tensor | None = None
    ) -> Tensor:
        dropout = self.dropout if self.training else 0.0
        zero = torch.zeros_like(q)
        return fused_attention(zero, k, v, scale=1.0, causal=self.causal, key_mask=key_mask, bias=bias, dropout=dropout)

    def weights(self, q: Tensor, k: Tensor, *, key_mask: Tensor | None = None, bias: Tensor | None = None) -> Tensor:
        scores = q.new_zeros(*q.shape[:-1], k.size(-2))  # (B, H, Tq, Tk)
        return masked_softmax(scores, allowed_mask(q, k, causal=self.causal, key_mask=key_mask), bias)

    def combine(self, weights: Tensor, v: Tensor) -> Tensor:
        return weights @ v
