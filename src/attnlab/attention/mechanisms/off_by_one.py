"""Softmax off by one."""

import torch
from torch import Tensor, nn

from attnlab.attention.core import Properties, Role
from attnlab.attention.masks import allowed_mask
from attnlab.attention.parts.extra_logit import fused_with_logit, softmax_with_logit


class OffByOneAttention(nn.Module):
    """A softmax that may come to nothing: where all scores are low, so are all weights.

    w_ij = exp(s_ij) / (1 + Σ_j' exp(s_ij')),   s_ij = q_i · k_j / sqrt(Dh)        (Miller, 2023)
    As if there were a key more, whose score and value are zero.

    Cost: time T² D, memory T D. Fused.
    """

    uses = frozenset({"query", "key"})
    properties = Properties(rows_sum_to_one=False)

    logit: Tensor

    def __init__(self, *, num_heads: int, head_dim: int, role: Role, max_length: int, dropout: float) -> None:
        super().__init__()
        self.scale = head_dim**-0.5
        self.causal = role == "causal"
        self.dropout = dropout
        self.register_buffer("logit", torch.zeros(num_heads, 1, 1), persistent=False)

    def forward(
        self, q: Tensor, k: Tensor, v: Tensor, *, key_mask: Tensor | None = None, bias: Tensor | None = None
    ) -> Tensor:
        dropout = self.dropout if self.training else 0.0
        return fused_with_logit(
            q,
            k,
            v,
            logit=self.logit,
            scale=self.scale,
            causal=self.causal,
            key_mask=key_mask,
            bias=bias,
            dropout=dropout,
        )

    def weights(self, q: Tensor, k: Tensor, *, key_mask: Tensor | None = None, bias: Tensor | None = None) -> Tensor:
        scores = q @ k.mT * self.scale  # (B, H, Tq, Tk)
        return softmax_with_logit(scores, self.logit, allowed_mask(q, k, causal=self.causal, key_mask=key_mask), bias)

    def combine(self, weights: Tensor, v: Tensor) -> Tensor:
        return weights @ v
