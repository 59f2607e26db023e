"""An example on which a difference hangs: a single text that was cut, say, or that one run left empty."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from attnlab.study.judging import Judgement
from attnlab.study.statistics.mean_squares import Array
from attnlab.study.statistics.verdict import Comparison

MOST = 0.5  # of what the differences of examples vary by in all
FEWEST = 20  # examples; of a few, one has much of anything


class WithoutIt(NamedTuple):
    """An arm's difference from the control, without the example and with it."""

    arm: str
    without: float
    difference: float


class OneExample(NamedTuple):
    """Which one, by its number in the records or the name of its `unit`, among how many, and for which arms."""

    name: str
    unit: str | None
    of: int
    arms: tuple[WithoutIt, ...]


def one_example(judgement: Judgement) -> Iterator[OneExample]:
    """Each that has more than `MOST` of the variance over examples, which intervals are made of, of some pair."""
    found: dict[int, list[WithoutIt]] = {}
    for verdict in judgement.verdicts:
        if (place := _place(verdict.comparison)) is not None:
            values = _differences(verdict.comparison)
            without = float(np.delete(values, place).mean())
            found.setdefault(place, []).append(WithoutIt(verdict.comparison.arm.name, without, float(values.mean())))
    run = next((run for group in judgement.groups.values() for run in group.runs), None)
    for place, arms in sorted(found.items()):
        assert run is not None  # or nothing is judged
        yield OneExample(str(run.cluster_names[place]), judgement.unit, len(run.cluster_names), tuple(arms))


def _place(comparison: Comparison) -> int | None:
    if not comparison.arm.by_example or not comparison.fewest_finished or comparison.arm.scores.shape[1] < FEWEST:
        return None
    values = _differences(comparison)
    squares = (values - values.mean()) ** 2
    # A comparison with what is no number is false.
    return int(squares.argmax()) if squares.max() > MOST * squares.sum() else None


def _differences(comparison: Comparison) -> Array:
    """(examples,), whose mean is the difference."""
    return np.asarray(comparison.arm.scores.mean(0) - comparison.control.scores.mean(0), dtype=np.float64)
