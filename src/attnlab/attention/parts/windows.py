"""Windows around each query, without or with gaps, which `local` and `dilated` share."""

import torch
from torch import Tensor

from attnlab.attention.parts.gathered import BlockPlan

MIN_BLOCK_LENGTH = 16  # fewer queries at once than this leave a matrix product idle


def check_window(window: int) -> None:
    """Raise ValueError unless `window` is an odd number from 3 on; one of 1 would be `identity`."""
    if window < 3 or window % 2 == 0:
        raise ValueError(
            f"window must be odd, so that it has a centre, and at least 3, got {window} (set attention.core.window)"
        )


def window_mask(
    num_queries: int, num_keys: int, *, window: int, dilation: int, causal: bool, device: torch.device
) -> Tensor:
    """(Tq, Tk) bool: the keys a multiple of `dilation` away, up to (window - 1) / 2 of them; where causal, behind.

    Query i sits at position Tk - Tq + i.
    """
    position = torch.arange(num_keys, device=device)
    offset = position - position[num_keys - num_queries :, None]
    reach = window // 2 * dilation
    return (offset % dilation == 0) & (offset >= -reach) & (offset <= (0 if causal else reach))


def window_plan(
    num_queries: int, num_keys: int, *, window: int, dilation: int, causal: bool, device: torch.device
) -> BlockPlan:
    """The same in blocks.

    Positions of one remainder by `dilation` form a lane, in which the window has no gaps: place n of lane r is position
    n * dilation + r. Each lane's queries are cut into blocks of neighbours, which see the keys from `radius` places
    before the first to `radius` behind the last.
    """
    first, radius = num_keys - num_queries, window // 2
    first_place, num_places = first // dilation, -(-num_keys // dilation)
    length = min(max(MIN_BLOCK_LENGTH, 2 * radius), num_places - first_place)
    num_blocks = -(-(num_places - first_place) // length)
    span = length + (radius if causal else 2 * radius)

    lane = torch.arange(min(dilation, num_keys), device=device)[:, None, None]  # (num_lanes, 1, 1)
    start = first_place + length * torch.arange(num_blocks, device=device)[:, None]  # (num_blocks, 1)
    query_place, key_place = torch.arange(length, device=device), torch.arange(span, device=device) - radius
    queries = (start + query_place) * dilation + lane  # positions, (num_lanes, num_blocks, length)
    keys = (start + key_place) * dilation + lane  # positions, (num_lanes, num_blocks, span)
    offset = key_place - query_place[:, None]
    near = (offset >= -radius) & (offset <= (0 if causal else radius))  # (length, span)
    exists = (keys >= 0) & (keys < num_keys)

    position = torch.arange(first, num_keys, device=device)
    return BlockPlan(
        queries=(queries - first).clamp(0, num_queries - 1).flatten(0, 1),
        keys=keys.clamp(0, num_keys - 1).flatten(0, 1),
        allowed=(near & exists.unsqueeze(-2)).flatten(0, 1),
        places=position % dilation * (num_blocks * length) + position // dilation - first_place,
    )
