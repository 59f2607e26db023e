"""Rotary position embedding on a grid, along its axes."""

import torch
from torch import Tensor, nn

from attnlab.attention.core import Properties, Role
from attnlab.attention.masks import allowed_mask, masked_softmax
from attnlab.attention.parts.fused import fused_attention
from attnlab.attention.parts.turning import turned_by
from attnlab.attention.places import Places, require_self


class AxialRotaryAttention(nn.Module):
    """Half of the pairs of channels turn with a place's column, half with its row: dot products see both distances.

    w_ij = softmax_j((R_i q_i) · (R_j k_j) / sqrt(Dh))
    R_t turns pair 2n by the angle column_t base^(-4n / Dh) and pair 2n + 1 by row_t base^(-4n / Dh)
    (Heo et al., 2024, eqs. 5-7, RoPE-Axial.) Keys without a place, as a class token, don't turn. Places are counted in
    cells of the grid, whatever its size. Nothing is learned here.

    Cost: time T² D, memory T D. Fused.

    Raises ValueError for an odd Dh or a `base` of at most 1, RoleError for the roles causal and cross.
    """

    uses = frozenset({"query", "key"})
    properties = Properties(permutation_equivariant=False)
    on_places = True

    def __init__(
        self, *, num_heads: int, head_dim: int, role: Role, max_length: int, dropout: float, base: float = 100.0
    ) -> None:
        super().__init__()
        require_self("axial_rotary", role)
        if head_dim % 2 or head_dim < 4:
            raise ValueError(
                "axial_rotary attention turns pairs of coordinates by row and by column, so the head width must be "
                f"even and at least 4, got {head_dim} (set model.dim or model.num_heads)"
            )
        if base <= 1:
            raise ValueError(f"base must be greater than 1, got {base} (set attention.core.base)")
        self.scale = head_dim**-0.5
        self.dropout = dropout
        self.base = base

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
        """(T, Dh / 2), of each place and pair of channels."""
        head_dim, dtype = k.size(-1), torch.promote_types(k.dtype, torch.float32)
        row, column = places.coordinates(k.size(-2), device=k.device, dtype=dtype).unsqueeze(-1).unbind(1)  # (T, 1)
        pair = torch.arange(head_dim // 2, device=k.device)
        frequency = self.base ** (-4 * (pair // 2).to(dtype) / head_dim)
        return torch.where(pair % 2 == 0, column, row) * frequency
