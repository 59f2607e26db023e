"""Attention with a learned sink."""

import torch
from torch import Tensor, nn

from attnlab.attention.core import Properties, Role
from attnlab.attention.masks import allowed_mask
from attnlab.attention.parts.extra_logit import fused_with_logit, softmax_with_logit


class SinkAttention(nn.Module):
    """Each head learns a logit that keys compete with: what goes there reads nothing, so a head may attend to little.

    w_ij = exp(s_ij) / (exp(z_h) + Σ_j' exp(s_ij')),   s_ij = q_i · k_j / sqrt(Dh)
    z, a number for each head, starts at zero: `off_by_one`.        (Agarwal et al., 2025, gpt-oss, section 2.2)

    Cost: time T² D, memory T D. Fused.
    """

    uses = frozenset({"query", "key"})
    properties = Properties(rows_sum_to_one=False)
    undecayed = frozenset({"logit"})

    def __init__(self, *, num_heads: int, head_dim: int, role: Role, max_length: int, dropout: float) -> None:
        super().__init__()
        self.scale = head_dim**-0.5
        self.causal = role == "causal"
        self.dropout = dropout
        self.logit = nn.Parameter(torch.zeros(num_heads, 1, 1))

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
