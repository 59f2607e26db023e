"""Rotary position embedding on a grid, in directions that are learned."""

import math

import torch
from torch import Tensor, nn

from attnlab.attention.core import Properties, Role
from attnlab.attention.masks import allowed_mask, masked_softmax
from attnlab.attention.parts.fused import fused_attention
from attnlab.attention.parts.turning import turned_by
from attnlab.attention.places import Places, require_self


class MixedRotaryAttention(nn.Module):
    """Each pair of channels turns with row and column at once, at frequencies that each head learns: any direction.

    w_ij = softmax_j((R_i q_i) · (R_j k_j) / sqrt(Dh))
    R_t turns pair n of head h by the angle f_hn row_t + g_hn column_t        (Heo et al., 2024, eq. 9, RoPE-Mixed)
    At the start (g, f) of pair n points in a direction that is drawn for each head, a quarter turn on for odd n, and is
    base^(-4 floor(n / 2) / Dh) long, as in the authors' code. Keys without a place, as a class token, don't turn.

    Cost: time T² D, memory T D. Fused.

    Raises ValueError for an odd Dh or a `base` of at most 1, RoleError for the roles causal and cross.
    """

    uses = frozenset({"query", "key"})
    properties = Properties(permutation_equivariant=False)
    on_places = True
    undecayed = frozenset({"frequencies"})

    def __init__(
        self, *, num_heads: int, head_dim: int, role: Role, max_length: int, dropout: float, base: float = 10.0
    ) -> None:
        super().__init__()
        require_self("mixed_rotary", role)
        if head_dim % 2:
            raise ValueError(
                f"mixed_rotary attention turns pairs of coordinates, so the head width must be even, got {head_dim} "
                "(set model.dim or model.num_heads)"
            )
        if base <= 1:
            raise ValueError(f"base must be greater than 1, got {base} (set attention.core.base)")
        self.scale = head_dim**-0.5
        self.dropout = dropout
        pair = torch.arange(head_dim // 2)
        length = base ** (-4 * (pair // 2) / head_dim)  # (Dh / 2,)
        direction = 2 * math.pi * torch.rand(num_heads, 1, 1) + pair % 2 * (math.pi / 2)  # (H, 1, Dh / 2)
        self.frequencies = nn.Parameter(torch.stack([length * direction.sin(), length * direction.cos()]))

    def forward(
        self,
        q: Tensor,
        k: Tensor,
        v: Tensor,
        *,
        places: Places,
        key_mask: Tensor | None = None,
        bias: Tensor | None = None,
    ) -> Tensor:
        dropout = self.dropout if self.training else 0.0
        q, k = self._turned(q, k, places)
        return fused_attention(q, k, v, scale=self.scale, causal=False, key_mask=key_mask, bias=bias, dropout=dropout)

    def weights(
        self, q: Tensor, k: Tensor, *, places: Places, key_mask: Tensor | None = None, bias: Tensor | None = None
    ) -> Tensor:
        q, k = self._turned(q, k, places)
        scores = q @ k.mT * self.scale  # (B, H, Tq, Tk)
        return masked_softmax(scores, allowed_mask(q, k, causal=False, key_mask=key_mask), bias)

    def combine(self, weights: Tensor, v: Tensor) -> Tensor:
        return weights @ v

    def _turned(self, q: Tensor, k: Tensor, places: Places) -> tuple[Tensor, Tensor]:
        angle = self._angle(k, places)
        return turned_by(q, angle), turned_by(k, angle)

    def _angle(self, k: Tensor, places: Places) -> Tensor:
        """(H, T, Dh / 2), of each head, place and pair of channels."""
        dtype = torch.promote_types(k.dtype, torch.float32)
        row, column = places.coordinates(k.size(-2), device=k.device, dtype=dtype).unsqueeze(-1).unbind(1)  # (T, 1)
        by_row, by_column = self.frequencies.to(dtype).unbind(0)  # (H, 1, Dh / 2)
        return row * by_row + column * by_column
