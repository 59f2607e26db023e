"""Cores that mind places on a grid, for whatever knows lengths alone."""

from collections.abc import Callable
from typing import Any, cast

from torch import Tensor, nn

from attnlab.attention.core import Core, Properties, Sides, sides_of, with_side
from attnlab.attention.places import Places, on_places

WIDTH = 2  # of the grids, so that what is padded at the end are the last rows


class OnGrid(nn.Module):
    """A core that minds places in the shape of one that doesn't: keys stand on a grid of as many places as they are.

    The first has no place where their number is odd.
    """

    def __init__(self, core: Core) -> None:
        super().__init__()
        self.core = core
        self.uses = core.uses
        self.side = sides_of(core)

    @property
    def properties(self) -> Properties:
        return self.core.properties

    def forward(
        self,
        q: Tensor,
        k: Tensor,
        v: Tensor,
        *,
        key_mask: Tensor | None = None,
        bias: Tensor | None = None,
        side: Sides | None = None,
    ) -> Tensor:
        told: dict[str, Any] = {"places": grid_of(k), **with_side(side)}
        return self.core(q, k, v, key_mask=key_mask, bias=bias, **told)

    def weights(
        self,
        q: Tensor,
        k: Tensor,
        *,
        key_mask: Tensor | None = None,
        bias: Tensor | None = None,
        side: Sides | None = None,
    ) -> Tensor:
        told: dict[str, Any] = {"places": grid_of(k), **with_side(side)}
        return self.core.weights(q, k, key_mask=key_mask, bias=bias, **told)

    def combine(self, weights: Tensor, v: Tensor, *, side: Sides | None = None) -> Tensor:
        return self.core.combine(weights, v, **with_side(side))


def grid_of(k: Tensor) -> Places:
    """Of keys (B, H, Tk, Dh)."""
    return Places(((k.size(-2) // WIDTH, WIDTH),))


def placed(core: Core) -> Core:
    """The core, on a grid where it minds places."""
    return cast(Core, OnGrid(core)) if on_places(core) else core


def placing(factory: Callable[..., Core]) -> Callable[..., Core]:
    """A factory of `placed` cores."""
    return lambda **given: placed(factory(**given))
