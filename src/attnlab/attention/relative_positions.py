"""How far keys stand from queries, for the mechanisms that mind it."""

import torch
from torch import Tensor


def relative_positions(num_queries: int, num_keys: int, device: torch.device | str | None = None) -> Tensor:
    """j - (Tk - Tq + i) for query i and key j, (Tq, Tk), int64: negative where the key comes before the query.

    Bottom-right aligned as the causal mask is, so that with a cache of earlier keys the last query stands at the last.
    """
    queries = torch.arange(num_keys - num_queries, num_keys, device=device)
    return torch.arange(num_keys, device=device) - queries[:, None]
