"""The whole number in a model's configuration at which a cost comes nearest to a target."""

from collections.abc import Callable
from dataclasses import dataclass

from attnlab.errors import UserError

FAR = 0.02  # a gap above this share of the target is said on every page
LARGEST_STEP = 128  # between values that a model takes, such as multiples of its heads
LARGEST_FACTOR = 64  # by which a value is raised at most


@dataclass(frozen=True, kw_only=True)
class Matched:
    """What was found: the value at `key`, the cost there, and the one that was looked for."""

    key: str
    value: int
    cost: int
    target: int

    @property
    def gap(self) -> float:
        """The share of the target by which the cost is above it, below it where negative."""
        return self.cost / self.target - 1

    @property
    def far(self) -> bool:
        """Whether the gap must be said."""
        return abs(self.gap) > FAR


def nearest(key: str, cost: Callable[[int], int], *, start: int, target: int) -> Matched:
    """The value at `key` whose cost is nearest to `target`, among those a fixed step apart that a model takes.

    `start` is one that it takes; `cost` doesn't fall with the value, and raises UserError for one that it doesn't take:
    the step is the smallest that leads to two others, as a width goes by multiples of the heads. By bisection.

    Raises:
        UserError: no step does, or the cost doesn't depend on the value.
    """
    known: dict[int, int | None] = {}

    def at(value: int) -> int | None:
        if value not in known:
            try:
                known[value] = cost(value)
            except UserError:
                known[value] = None
        return known[value]

    step = _step(at, start, key)
    low, high = _around(at, start, step, target)
    while high - low > step:
        middle = low + (high - low) // (2 * step) * step
        found = at(middle)
        # What the model doesn't take lies beyond what it can be.
        too_small = middle < start if found is None else found < target
        low, high = (middle, high) if too_small else (low, middle)
    costs = {value: found for value in (low, high, start) if (found := at(value)) is not None}
    value = min(costs, key=lambda each: (abs(costs[each] - target), each))
    return Matched(key=key, value=value, cost=costs[value], target=target)


def _step(at: Callable[[int], int | None], start: int, key: str) -> int:
    base = at(start)
    for step in range(1, LARGEST_STEP + 1):
        if base is None or at(start + step) is None or (further := at(start + 2 * step)) is None:
            continue
        if further == base:
            raise UserError(
                f"this model costs the same whatever {key} is, got {start} and {start + 2 * step} (set match_key)"
            )
        return step
    raise UserError(f"no other values of {key} than {start} fit this model (set match_key to another)")


def _around(at: Callable[[int], int | None], start: int, step: int, target: int) -> tuple[int, int]:
    """Two values with the target's between them, or the outermost where it lies beyond."""
    if (at(start) or 0) >= target:
        return start - (start - 1) // step * step, start
    width = step
    while start + width < start * LARGEST_FACTOR:
        if (at(start + width) or 0) >= target:
            break
        width *= 2
    return start, start + width
