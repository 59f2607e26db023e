"""Cosine attention."""

import math

import torch
from torch import Tensor, nn

from attnlab.attention.core import Properties, Role
from attnlab.attention.masks import allowed_mask, masked_softmax
from attnlab.attention.parts.fused import fused_attention
from attnlab.errors import above_zero, between

EPS = 1e-6  # a vector shorter than this counts as it is; its gradient grows with 1 / EPS


class CosineAttention(nn.Module):
    """Only the angle between query and key counts; each head learns how sharply.

    w_ij = softmax_j(β cos(q_i, k_j)),   β = exp(log_sharpness) > 0        (Graves et al., 2014, eqs. 5 and 6)
    Differs from the paper: β is a parameter of each head and not given out by a controller, as in Swin V2 (Liu et al.,
    2022, eq. 2, whose 1/τ it is, with the same start at 10 but no upper bound).

    Cost: time T² D, memory T D. Fused.

    Raises ValueError unless `initial_sharpness`, the β to start from, is positive.
    """

    uses = frozenset({"query", "key"})
    properties = Properties()

    def __init__(
        self,
        *,
        num_heads: int,
        head_dim: int,
        role: Role,
        max_length: int,
        dropout: float,
        initial_sharpness: float = 10.0,
    ) -> None:
        super().__init__()
        above_zero("attention.core", initial_sharpness=initial_sharpness)
        between(1e-6, 1e6, "attention.core", initial_sharpness=initial_sharpness)
        self.causal = role == "causal"
        self.dropout = dropout
        self.log_sharpness = nn.Parameter(torch.full((num_heads, 1, 1), math.log(initial_sharpness)))

    def forward(
        self, q: Tensor, k: Tensor, v: Tensor, *, key_mask: Tensor | None = None, bias: Tensor | None = None
    ) -> Tensor:
        dropout = self.dropout if self.training else 0.0
        q, k = self._directions(q, k)
        return fused_attention(q, k, v, scale=1.0, causal=self.causal, key_mask=key_mask, bias=bias, dropout=dropout)

    def weights(self, q: Tensor, k: Tensor, *, key_mask: Tensor | None = None, bias: Tensor | None = None) -> Tensor:
        q, k = self._directions(q, k)
        return masked_softmax(q @ k.mT, allowed_mask(q, k, causal=self.causal, key_mask=key_mask), bias)

    def combine(self, weights: Tensor, v: Tensor) -> Tensor:
        return weights @ v

    def _directions(self, q: Tensor, k: Tensor) -> tuple[Tensor, Tensor]:
        """Vectors whose dot product is β cos(q, k)."""
        return _scaled(q, self.log_sharpness.exp()), _scaled(k, 1.0)


def _scaled(x: Tensor, length: Tensor | float) -> Tensor:
    """The vectors of x (B, H, T, Dh) brought to a length: in fewer passes, both ways, than by F.normalize."""
    wide = torch.promote_types(x.dtype, torch.float32)  # 1 / EPS is beyond float16
    norm: Tensor = torch.linalg.vector_norm(x, dim=-1, keepdim=True, dtype=wide)
    return (x * (length / norm.clamp(min=EPS))).to(x.dtype)
