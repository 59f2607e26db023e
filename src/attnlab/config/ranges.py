"""The ranges of numbers that no code of ours checks: those that libraries take, and what holds for every number.

A number of ours has its range where it is taken: in its constructor, by `attnlab.errors.between` and its like.
"""

import math
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from attnlab.errors import UserError

LARGEST = 2**32 - 1  # a seed's; no other whole number comes near
FARTHEST = 1e12  # beyond, sums and squares of float32 are soon infinite


class Range(NamedTuple):
    """From `least` to `most`, both included unless said."""

    least: float
    most: float
    above: bool = False
    below: bool = False

    def holds(self, value: float) -> bool:
        """Whether it lies within; NaN lies nowhere."""
        low = self.least < value if self.above else self.least <= value
        return low and (value < self.most if self.below else value <= self.most)

    def __str__(self) -> str:
        if self.above or self.below:
            return f"lie in {'(' if self.above else '['}{self.least:.10g}, {self.most:.10g}{')' if self.below else ']'}"
        return f"be from {self.least:.10g} to {self.most:.10g}"


_SHARE = Range(0, 1, below=True)
_RATE = Range(0, 1000)
_COUNT = Range(0, LARGEST)
_STEPS = Range(1, LARGEST)
_OPEN = ("total_steps", "T_0", "total_iters")  # null: as long as the run
# Package of a `_target_` -> argument -> its range; in a list, that of each.
OF_LIBRARIES: dict[str, dict[str, Range]] = {
    "torch.optim.lr_scheduler": {
        **dict.fromkeys(("eta_min", "min_lr", "max_lr", "base_lr"), _RATE),
        **dict.fromkeys(("step_size", "T_max", "T_0", "total_steps", "total_iters", "milestones"), _STEPS),
        "pct_start": Range(0, 1),
        "div_factor": Range(1, FARTHEST),
        "final_div_factor": Range(0, FARTHEST, above=True),
        "factor": Range(0, 1, above=True, below=True),
        "gamma": Range(0, 10, above=True),
        "threshold": _COUNT,
        "patience": _COUNT,
        "cooldown": _COUNT,
    },
    "torch.optim": {
        "lr": _RATE,
        "betas": _SHARE,
        "momentum": _SHARE,
        "alpha": _SHARE,
        "eps": Range(0, 1),
        "weight_decay": _RATE,
    },
    "lightning.pytorch.callbacks": {"patience": _COUNT, "min_delta": _COUNT},
}


def check_numbers(config: Mapping[str, Any]) -> None:
    """Look at every number of a resolved configuration.

    Raises:
        UserError: one is NaN or infinite, larger than any that can be meant, or out of its library's range.
    """
    for key, value in _numbers(config, ""):
        if not math.isfinite(value):
            raise UserError(f"{key} must be a finite number, got {value} (set {key})")
        if isinstance(value, int) and abs(value) > LARGEST:
            raise UserError(f"{key} must be from {-LARGEST} to {LARGEST}, got {value} (set {key})")
    for key, given, known in _of_libraries(config, ""):
        if given is None or not known.holds(given):
            raise UserError(f"{key} must {known}, got {'null' if given is None else given} (set {key})")
    for key, value in _numbers(config, ""):
        if abs(value) > FARTHEST:
            raise UserError(f"{key} must be from {-FARTHEST:g} to {FARTHEST:g}, got {value} (set {key})")


def _numbers(node: Any, key: str) -> Iterator[tuple[str, int | float]]:
    """Every number below a node, under its dotted key."""
    if isinstance(node, Mapping):
        for name, child in node.items():
            yield from _numbers(child, f"{key}.{name}" if key else str(name))
    elif isinstance(node, (list, tuple)):
        for child in node:
            yield from _numbers(child, key)
    elif isinstance(node, (int, float)) and not isinstance(node, bool):
        yield key, node


def _of_libraries(node: Any, key: str) -> Iterator[tuple[str, int | float | None, Range]]:
    """Numbers that a library's class takes, with their ranges; a group's before where a task holds it, too."""
    if not isinstance(node, Mapping):
        return
    target = node.get("_target_")
    package = next((each for each in OF_LIBRARIES if str(target).startswith(f"{each}.")), None)
    for name, child in node.items():
        below = f"{key}.{name}" if key else str(name)
        known = OF_LIBRARIES[package].get(str(name)) if package else None
        if known is not None and child is None and name not in _OPEN:
            yield below, None, known
        elif known is not None:
            yield from ((where, value, known) for where, value in _numbers(child, below))
        yield from _of_libraries(child, below)
