"""Rotary position embedding."""

import torch
from torch import Tensor, nn

from attnlab.attention.core import Properties, Role, RoleError
from attnlab.attention.masks import allowed_mask, masked_softmax
from attnlab.attention.parts.fused import fused_attention


class RotaryAttention(nn.Module):
    """Queries and keys turn with their position, so that their dot product sees how far apart they stand.

    w_ij = softmax_j((R_i q_i) · (R_j k_j) / sqrt(Dh)) = softmax_j(q_i · R_{j-i} k_j / sqrt(Dh))
    R_t turns the pair of coordinates (2n, 2n + 1) by the angle t base^(-2n / Dh)        (Su et al., 2021, eqs. 14-16)
    Keys arrive unturned, so a cache holds them so and every step turns them anew; positions are counted from the first
    key of all. Nothing is learned here, and lengths beyond `max_length` are served.

    Cost: time T² D, memory T D. Fused.

    Raises ValueError for an odd Dh or a `base` of at most 1, RoleError for the role cross.
    """

    uses = frozenset({"query", "key"})
    properties = Properties(permutation_equivariant=False)

    def __init__(
        self, *, num_heads: int, head_dim: int, role: Role, max_length: int, dropout: float, base: float = 10000.0
    ) -> None:
        super().__init__()
        if role == "cross":
            raise RoleError("rotary attention needs queries and keys that share one line of positions, got role cross")
        if head_dim % 2:
            raise ValueError(
                f"rotary attention turns pairs of coordinates, so the head width must be even, got {head_dim} "
                "(set model.dim or model.num_heads)"
            )
        if base <= 1:
            raise ValueError(f"base must be greater than 1, got {base} (set attention.core.base)")
        self.scale = head_dim**-0.5
        self.causal = role == "causal"
        self.dropout = dropout
        self.base = base

    def forward(
        self, q: Tensor, k: Tensor, v: Tensor, *, key_mask: Tensor | None = None, bias: Tensor | None = None
    ) -> Tensor:
        dropout = self.dropout if self.training else 0.0
        q, k = self._turned(q, k)
        return fused_attention(
            q, k, v, scale=self.scale, causal=self.causal, key_mask=key_mask, bias=bias, dropout=dropout
        )

    def weights(self, q: Tensor, k: Tensor, *, key_mask: Tensor | None = None, bias: Tensor | None = None) -> Tensor:
        q, k = self._turned(q, k)
        scores = q @ k.mT * self.scale  # (B, H, Tq, Tk)
        return masked_softmax(scores, allowed_mask(q, k, causal=self.causal, key_mask=key_mask), bias)

    def combine(self, weights: Tensor, v: Tensor) -> Tensor:
        return weights @ v

    def _turned(self, q: Tensor, k: Tensor) -> tuple[Tensor, Tensor]:
        """R_i q_i and R_j k_j."""
        num_queries, num_keys, head_dim = q.size(-2), k.size(-2), k.size(-1)
        dtype = torch.promote_types(k.dtype, torch.float32)  # a late position's angle is beyond bfloat16
        frequency = self.base ** (-torch.arange(0, head_dim, 2, dtype=dtype, device=k.device) / head_dim)
        angle = torch.arange(num_keys, dtype=dtype, device=k.device)[:, None] * frequency  # (Tk, Dh / 2)
        return _turn(q, angle[num_keys - num_queries :]), _turn(k, angle)


def _turn(x: Tensor, angle: Tensor) -> Tensor:
    """Pairs of coordinates of x (B, H, T, Dh), each turned by its angle (T, Dh / 2)."""
    cos, sin = angle.cos(), angle.sin()
    even, odd = x.view(*x.shape[:-1], x.size(-1) // 2, 2).unbind(
        -1
    )  # whose way back, unlike that of slices, is one pass
    return torch.stack([even * cos - odd * sin, even * sin + odd * cos], dim=-1).flatten(-2).to(x.dtype)
