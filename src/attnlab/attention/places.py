"""Where keys stand, for mechanisms that mind places on a grid and not on a line."""

import inspect
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import torch
from torch import Tensor

from attnlab.attention.core import Role, RoleError

Grid = tuple[int, int]
"""Height and width of a map."""


class NeedsGrid(RoleError):
    """Raised where a core that minds places is to stand on a line."""


@dataclass(frozen=True)
class Places:
    """The maps whose places the last keys are, row by row and one map after the other; keys before have no place.

    Raises ValueError for a map that isn't (height, width) of 1 or more.
    """

    grids: tuple[Grid, ...]

    def __post_init__(self) -> None:
        for grid in self.grids:
            if not isinstance(grid, Sequence) or len(grid) != 2 or min(grid) < 1:
                raise ValueError(f"a grid must be (height, width), each 1 or more, got {grid}")

    def num_extra(self, num_keys: int) -> int:
        """How many keys have no place, as a class token. ValueError if there are fewer keys than places."""
        num_places = sum(map(math.prod, self.grids))
        if num_keys < num_places:
            raise ValueError(
                f"there must be a key for each of {self._places_in_words()}, got {num_keys} (set grid, or places, to "
                "the height and width that these keys come from)"
            )
        return num_keys - num_places

    def check(self, num_keys: int, *, num_extra: int) -> None:
        """ValueError unless there is a key for each place and `num_extra` before: others would stand wrongly."""
        if self.num_extra(num_keys) != num_extra:
            raise ValueError(
                f"there must be a key for each of {self._places_in_words()} and {num_extra} before them, got "
                f"{num_keys} keys: grid, or places, and num_extra say where they stand"
            )

    def _places_in_words(self) -> str:
        sizes = ", ".join(f"{height} by {width}" for height, width in self.grids)
        return f"{sum(map(math.prod, self.grids))} places ({sizes})"

    def coordinates(self, num_keys: int, *, device: torch.device, dtype: torch.dtype) -> Tensor:
        """(Tk, 2), row and column of each key in its map, counted from 0; zeros where it has no place."""
        maps = [
            torch.cartesian_prod(*(torch.arange(size, device=device, dtype=dtype) for size in grid))
            for grid in self.grids
        ]
        return torch.cat([torch.zeros(self.num_extra(num_keys), 2, device=device, dtype=dtype), *maps])

    def one_grid(self) -> Grid:
        """The map, where there must be one alone, else ValueError."""
        if len(self.grids) != 1:
            raise ValueError(f"this attention stays within one map, got {len(self.grids)}")
        return self.grids[0]


def on_places(core: object) -> bool:
    """Whether a core is to be told where keys stand, by the keyword `places`."""
    return bool(getattr(core, "on_places", False))


def with_places(places: Places | None) -> dict[str, Any]:
    """How a core is told: by a keyword that one which doesn't mind places isn't called with."""
    return {} if places is None else {"places": places}


def told_grid(attention: Callable[..., Any], grid: Grid | None, *, num_extra: int = 0) -> Callable[..., Any]:
    """A factory of attention that is told the grid its keys stand on, and how many keys before have no place.

    A sibling of the shell is told what it takes of these.
    """
    told = {} if grid is None else {"grid": grid, "num_extra": num_extra}
    takes = inspect.signature(attention).parameters
    return partial(attention, **{name: value for name, value in told.items() if name in takes})


def require_self(name: str, role: Role) -> None:
    """RoleError unless queries are the places themselves."""
    if role != "self":
        raise RoleError(f"{name} attention needs queries and keys that are the places of one grid, got role {role}")
