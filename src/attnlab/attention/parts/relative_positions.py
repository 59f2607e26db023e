"""How far keys stand from queries, for the mechanisms that mind it."""

import torch
from torch import Tensor


def relative_positions(num_queries: int, num_keys: int, device: torch.device | str | None = None) -> Tensor:
    """j - (Tk - Tq + i) for query i and key j, (Tq, Tk), int64: negative where the key comes before the query.

    Bottom-right aligned as the causal mask is, so that with a cache of earlier keys the last query stands at the last.
    """
    queries = torch.arange(num_keys - num_queries, num_keys, device=device)
    return torch.arange(num_keys, device=device) - queries[:, None]


def all_relative_positions(num_queries: int, num_keys: int, device: torch.device | str | None = None) -> Tensor:
    """Each of these there is, once, from the least on: (Tq + Tk - 1,), int64."""
    return torch.arange(num_queries + num_keys - 1, device=device) - (num_keys - 1)


def spread(values: Tensor, num_queries: int) -> Tensor:
    """What `values` (..., Tq + Tk - 1) hold for each of `all_relative_positions`, for every pair: (..., Tq, Tk).

    A query's row is that of the query after it, moved by one: rows are windows, which takes no index of every pair, and
    backwards no sum over them one by one.
    """
    if isinstance(num_queries, torch.SymInt) or isinstance(values.size(-1), torch.SymInt):
        # In a graph for any length no window has a width that is known.
        num_keys = values.size(-1) - num_queries + 1
        return values[..., relative_positions(num_queries, num_keys, values.device) + num_keys - 1]
    return values.unfold(-1, values.size(-1) - num_queries + 1, 1).flip(-2)
