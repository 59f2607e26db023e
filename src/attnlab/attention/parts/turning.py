"""Queries and keys turned by their positions, as rotary mechanisms do."""

import torch
from torch import Tensor


def turned(q: Tensor, k: Tensor, *, base: float) -> tuple[Tensor, Tensor]:
    """R_i q_i and R_j k_j (B, H, T, Dh): pair n of coordinates turns by base^(-2n / Dh) a position.

    Query i sits at position Tk - Tq + i.
    """
    num_queries, num_keys, head_dim = q.size(-2), k.size(-2), k.size(-1)
    dtype = torch.promote_types(k.dtype, torch.float32)  # a late position's angle is beyond bfloat16
    frequency = base ** (-torch.arange(0, head_dim, 2, dtype=dtype, device=k.device) / head_dim)
    angle = torch.arange(num_keys, dtype=dtype, device=k.device)[:, None] * frequency  # (Tk, Dh / 2)
    return turned_by(q, angle[num_keys - num_queries :]), turned_by(k, angle)


def turned_by(x: Tensor, angle: Tensor) -> Tensor:
    """Pairs of coordinates of x (B, H, T, Dh), each turned by its angle (T, Dh / 2) or (H, T, Dh / 2)."""
    cos, sin = angle.cos(), angle.sin()
    even, odd = x.view(*x.shape[:-1], x.size(-1) // 2, 2).unbind(
        -1
    )  # whose way back, unlike that of slices, is one pass
    return torch.stack([even * cos - odd * sin, even * sin + odd * cos], dim=-1).flatten(-2).to(x.dtype)
