"""Windows on a grid, which `neighbourhood` and `swin` share: as masks, and in blocks.

n places of an axis at a time: what a pair of places may do on a grid is what their rows and their columns may. Keys
without a place, as a class token, stand before the grid; they see everything and everything sees them.
"""

from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor

from attnlab.attention.masks import all_of, allowed_mask, masked_softmax
from attnlab.attention.parts.fused import fused_attention
from attnlab.attention.parts.gathered import BlockPlan, gathered_attention

MIN_SIDE = 4  # of a tile of queries: fewer at once leave a matrix product idle


class Axis(NamedTuple):
    """An axis cut into M tiles of C queries, each with S keys; indices past its ends are put to the nearest place."""

    queries: Tensor
    """(M, C), places."""
    keys: Tensor
    """(M, S), places."""
    allowed: Tensor
    """(M, C, S) bool, what each query may attend of them."""
    tile: Tensor
    """(n,), the tile of each place as a query."""
    within: Tensor
    """(n,), where it stands in that."""


def nearest_mask(size: int, *, window: int, device: torch.device) -> Tensor:
    """(n, n) bool: the `window` places nearest to each, itself in their middle but at the ends, which they keep to."""
    place = torch.arange(size, device=device)
    first = _first_of_window(place, size=size, window=window).unsqueeze(-1)
    return (place >= first) & (place < first + window)


def nearest_axis(size: int, *, window: int, device: torch.device) -> Axis:
    """The same in tiles of neighbours, with the keys that any of a tile's queries sees."""
    side = min(size, max(MIN_SIDE, window - 1))
    span = min(size, side + window - 1)
    start = torch.arange(0, size, side, device=device).unsqueeze(-1)  # (M, 1)
    queries = (start + torch.arange(side, device=device)).clamp(max=size - 1)
    keys = (start - window // 2).clamp(0, size - span) + torch.arange(span, device=device)
    first = _first_of_window(queries, size=size, window=window).unsqueeze(-1)  # (M, C, 1)
    allowed = (keys.unsqueeze(1) >= first) & (keys.unsqueeze(1) < first + window)
    place = torch.arange(size, device=device)
    return Axis(queries, keys, allowed, tile=place // side, within=place % side)


def _first_of_window(place: Tensor, *, size: int, window: int) -> Tensor:
    return (place - window // 2).clamp(0, max(0, size - window))


def tiled_mask(size: int, *, window: int, shift: int, device: torch.device) -> Tensor:
    """(n, n) bool: the places of one window, of those that lie side by side from `shift` before the first place on."""
    tile = (torch.arange(size, device=device) + _shift(size, window=window, shift=shift)) // window
    return tile == tile.unsqueeze(-1)


def tiled_axis(size: int, *, window: int, shift: int, device: torch.device) -> Axis:
    """The same in tiles, a window each."""
    window = min(window, size)
    shift = _shift(size, window=window, shift=shift)
    start = torch.arange(-shift, size, window, device=device).unsqueeze(-1)  # (M, 1)
    places = start + torch.arange(window, device=device)
    exists = (places >= 0) & (places < size)
    places, place = places.clamp(0, size - 1), torch.arange(size, device=device) + shift
    allowed = exists.unsqueeze(1).expand(-1, window, -1)
    return Axis(places, places, allowed, tile=place // window, within=place % window)


def _shift(size: int, *, window: int, shift: int) -> int:
    """A window that holds the whole axis isn't shifted: it would only be cut."""
    return 0 if window >= size else shift


def grid_mask(rows: Tensor, columns: Tensor, *, num_extra: int) -> Tensor:
    """(T, T) bool of what rows (h, h) and columns (w, w) of places may attend, T = `num_extra` + h w."""
    both = rows[:, None, :, None] & columns[None, :, None, :]  # (h, w, h, w)
    return F.pad(both.flatten(2).flatten(0, 1), (num_extra, 0, num_extra, 0), value=True)


def distance_bias(table: Tensor, grid: tuple[int, int], *, num_extra: int) -> Tensor:
    """(H, T, T): of a pair of places what the `table` (H, 2 window - 1, 2 window - 1) says of their distance.

    Its middle is a place and itself; what lies beyond it has no meaning. Zero where one of the pair has no place.
    """
    row, column = (_distances(torch.arange(size, device=table.device), table) for size in grid)  # (h, h), (w, w)
    bias = table[:, row[:, None, :, None], column[None, :, None, :]]  # (H, h, w, h, w)
    return F.pad(bias.flatten(3).flatten(1, 2), (num_extra, 0, num_extra, 0))


def _distances(queries: Tensor, table: Tensor, keys: Tensor | None = None) -> Tensor:
    """Indices into an axis of the table, (..., C, S), of how far keys (..., S) lie behind queries (..., C)."""
    keys, reach = queries if keys is None else keys, table.size(-1) // 2
    return (keys.unsqueeze(-2) - queries.unsqueeze(-1)).clamp(-reach, reach) + reach


def attended_in_windows(
    q: Tensor,
    k: Tensor,
    v: Tensor,
    *,
    rows: Axis,
    columns: Axis,
    num_extra: int,
    table: Tensor,
    scale: float,
    key_mask: Tensor | None,
    bias: Tensor | None,
    dropout: float,
) -> Tensor:
    """softmax(scale q kᵀ + distance bias + bias) v over each query's window, (B, H, T, Dh), a tile at a time.

    `bias` is broadcastable to (B, H, T, T); `dropout` is the share of weights to drop now.
    """
    bias = None if bias is None else bias.expand(*q.shape[:-1], k.size(-2))
    on_grid = gathered_attention(
        q[:, :, num_extra:],
        k,
        v,
        _plan(rows, columns, num_extra=num_extra),
        scale=scale,
        key_mask=key_mask,
        bias=None if bias is None else bias[..., num_extra:, :],
        block_bias=_bias_of_blocks(rows, columns, table, num_extra=num_extra),
        dropout=dropout,
    )
    if not num_extra:
        return on_grid
    bias = None if bias is None else bias[..., :num_extra, :]
    before = fused_attention(
        q[:, :, :num_extra], k, v, scale=scale, causal=False, key_mask=key_mask, bias=bias, dropout=dropout
    )
    return torch.cat([before, on_grid], dim=-2)


def weights_in_windows(
    q: Tensor,
    k: Tensor,
    *,
    near: Tensor,
    distances: Tensor,
    scale: float,
    key_mask: Tensor | None,
    bias: Tensor | None,
) -> Tensor:
    """The weights (B, H, T, T) by definition, for pairs `near` (H or 1, T, T) each other and `distances` (H, T, T)."""
    scores = q @ k.mT * scale + distances.to(q.dtype)
    allowed = all_of(near, allowed_mask(q, k, causal=False, key_mask=key_mask))
    return masked_softmax(scores, allowed, bias)


def _plan(rows: Axis, columns: Axis, *, num_extra: int) -> BlockPlan:
    """A block for each pair of tiles: queries are counted from the grid's first place, keys from the first of all."""
    width = len(columns.tile)
    queries = _crossed(rows.queries * width, columns.queries)  # (N, C)
    keys = F.pad(_crossed(rows.keys * width, columns.keys) + num_extra, (num_extra, 0))  # (N, num_extra + S)
    keys[:, :num_extra] = torch.arange(num_extra, device=keys.device)
    allowed = rows.allowed[:, None, :, None, :, None] & columns.allowed[None, :, None, :, None, :]
    allowed = allowed.flatten(4).flatten(2, 3).flatten(0, 1)  # (N, C, S)
    num_tiles, (height_of_tile, width_of_tile) = len(columns.queries), (rows.queries.size(1), columns.queries.size(1))
    tile = rows.tile.unsqueeze(-1) * num_tiles + columns.tile  # (h, w)
    within = rows.within.unsqueeze(-1) * width_of_tile + columns.within
    places = tile * (height_of_tile * width_of_tile) + within
    return BlockPlan(queries, keys, F.pad(allowed, (num_extra, 0), value=True), places.flatten())


def _crossed(rows: Tensor, columns: Tensor) -> Tensor:
    """(M_r M_c, C_r C_c), sums of each pair of entries (M_r, C_r) and (M_c, C_c)."""
    return (rows[:, None, :, None] + columns[None, :, None, :]).flatten(2).flatten(0, 1)


def _bias_of_blocks(rows: Axis, columns: Axis, table: Tensor, *, num_extra: int) -> Tensor:
    """(H, N, C, num_extra + S), as `distance_bias`."""
    row, column = (_distances(axis.queries, table, axis.keys) for axis in (rows, columns))  # (M, C, S) of each
    index = row[:, None, :, None, :, None] * table.size(-1) + column[None, :, None, :, None, :]
    index = index.flatten(4).flatten(2, 3).flatten(0, 1)  # (N, C, S)
    bias = table.flatten(1).index_select(1, index.flatten()).view(-1, *index.shape)
    return F.pad(bias, (num_extra, 0))
