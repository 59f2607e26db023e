"""Attention with normalized queries and keys."""

import torch
from torch import Tensor, nn

from attnlab.attention.core import Properties, Role
from attnlab.attention.masks import allowed_mask, masked_softmax
from attnlab.attention.parts.fused import fused_attention
from attnlab.attention.parts.root_mean_square import of_unit_root_mean_square


class QkNormAttention(nn.Module):
    """Queries and keys are brought to one root mean square before they meet, so that scores can't grow without bound.

    w_ij = softmax_j(q'_i · k'_j / sqrt(Dh)),   x' = g ⊙ x / sqrt(mean(x²) + ε)
    The gains g, of queries and of keys, are learned for each of the Dh channels, start at one and serve all heads
    (Yang et al., 2025, Qwen3, section 2; the idea is that of Henry et al., 2020, whose norm is of unit length).

    Cost: time T² D, memory T D. Fused.
    """

    uses = frozenset({"query", "key"})
    properties = Properties()
    undecayed = frozenset({"query_gain", "key_gain"})

    def __init__(self, *, num_heads: int, head_dim: int, role: Role, max_length: int, dropout: float) -> None:
        super().__init__()
        self.scale = head_dim**-0.5
        self.causal = role == "causal"
        self.dropout = dropout
        self.query_gain = nn.Parameter(torch.ones(head_dim))
        self.key_gain = nn.Parameter(torch.ones(head_dim))

    def forward(
        self, q: Tensor, k: Tensor, v: Tensor, *, key_mask: Tensor | None = None, bias: Tensor | None = None
    ) -> Tensor:
        dropout = self.dropout if self.training else 0.0
        q, k = self._normalized(q, k)
        return fused_attention(
            q, k, v, scale=self.scale, causal=self.causal, key_mask=key_mask, bias=bias, dropout=dropout
        )

    def weights(self, q: Tensor, k: Tensor, *, key_mask: Tensor | None = None, bias: Tensor | None = None) -> Tensor:
        q, k = self._normalized(q, k)
        scores = q @ k.mT * self.scale  # (B, H, Tq, Tk)
        return masked_softmax(scores, allowed_mask(q, k, causal=self.causal, key_mask=key_mask), bias)

    def combine(self, weights: Tensor, v: Tensor) -> Tensor:
        return weights @ v

    def _normalized(self, q: Tensor, k: Tensor) -> tuple[Tensor, Tensor]:
        """q' and k'."""
        return of_unit_root_mean_square(q, self.query_gain), of_unit_root_mean_square(k, self.key_gain)
