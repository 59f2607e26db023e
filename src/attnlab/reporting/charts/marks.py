"""What charts show: a row an arm, as plain numbers."""

from collections.abc import Sequence
from math import log
from typing import NamedTuple

from attnlab.reporting.pages.report.contents import Text

TOUCHING = 0.02  # of an axis: marks that are nearer than this cover each other
LOGARITHMIC = 20.0  # from here on times between the least and the greatest cost


class Difference(NamedTuple):
    """An arm's score less the control's with its interval, none where it takes more runs, and the verdict."""

    arm: str
    verdict: Text
    decided: bool
    difference: float | None
    low: float = 0.0
    high: float = 0.0


class Mean(NamedTuple):
    """An arm's mean over its runs, with an interval from 3 of them on."""

    arm: str
    mean: float
    low: float | None
    high: float | None
    runs: Sequence[float]


class Reference(NamedTuple):
    """A score that no arm has, to be seen beside theirs: LEAD's, say."""

    name: Text
    score: float


class Cost(NamedTuple):
    """What an arm costs, where that is known, and its mean score; the least and the greatest of what was measured."""

    arm: str
    cost: float | None
    mean: float
    low: float | None = None
    high: float | None = None


class Point(NamedTuple):
    """A score after so many updates: the mean over seeds, the least and the greatest."""

    step: int
    mean: float
    low: float
    high: float


class Curve(NamedTuple):
    """How an arm's score moved."""

    arm: str
    points: Sequence[Point]


def rings(rows: Sequence[Cost]) -> list[int]:
    """Of each row how many before it lie where it does: as a ring around theirs its mark doesn't cover them."""
    known = [each.cost for each in rows if each.cost is not None]
    if not known:
        return [0] * len(rows)
    logarithmic = is_far(rows)
    wide = log(max(known) / min(known)) if logarithmic else max(known)
    tall = max(each.mean for each in rows) - min(each.mean for each in rows)

    def at_one_place(one: Cost, other: Cost) -> bool:
        if one.cost is None or other.cost is None:
            return False
        across = abs(log(one.cost / other.cost)) if logarithmic else abs(one.cost - other.cost)
        return across <= TOUCHING * wide and abs(one.mean - other.mean) <= TOUCHING * tall

    return [sum(at_one_place(each, other) for other in rows[:place]) for place, each in enumerate(rows)]


def is_far(rows: Sequence[Cost]) -> bool:
    """Whether costs are so far apart that their axis is logarithmic."""
    known = [each.cost for each in rows if each.cost is not None]
    return min(known) > 0 and max(known) / min(known) > LOGARITHMIC
