"""What rounds of measurements say: ratios with intervals, targets, controls, slopes."""

import math
import statistics
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from benchmarks.runner import Measures

CONFIDENCE = 0.9
VOID_OUTSIDE = (0.95, 1.05)


class Ratio(NamedTuple):
    """The median of the rounds' ratios, and between which of them the true one lies."""

    median: float
    low: float
    high: float

    def holds(self, target: float) -> bool:
        """Whether the target can't be said to be missed."""
        return self.low <= target


def ratio(ours: Sequence[float], theirs: Sequence[float]) -> Ratio:
    """Ours / theirs, round by round.

    The interval is the narrowest between two order statistics that holds the median with a probability of `CONFIDENCE`,
    whatever the distribution; below 5 rounds, which are too few for it, the extremes.
    """
    values = sorted(our / their for our, their in zip(ours, theirs, strict=True))
    depth = max([depth for depth in range(len(values) // 2) if coverage(depth, len(values)) >= CONFIDENCE], default=0)
    return Ratio(statistics.median(values), values[depth], values[-1 - depth])


def coverage(depth: int, count: int) -> float:
    """How surely the median lies within `count` sorted values less `depth` at either end."""
    return 1 - 2 * sum(math.comb(count, index) for index in range(depth + 1)) / 2**count


def ratio_to_best(
    measured: Mapping[str, list[Measures]], ours: str, peers: Sequence[str], key: str
) -> tuple[str, Ratio]:
    """The peer with the lowest median, and our ratio to it."""
    values = {name: [measures[key] for measures in measured[name]] for name in (ours, *peers)}
    best = min(peers, key=lambda peer: statistics.median(values[peer]))
    return best, ratio(values[ours], values[best])


def control(measured: Mapping[str, list[Measures]], arm: str, again: str, key: str) -> float:
    """The ratio of one arm to itself, which tells how far this run can be trusted."""
    return ratio([m[key] for m in measured[again]], [m[key] for m in measured[arm]]).median


def is_void(control_ratio: float) -> bool:
    return not VOID_OUTSIDE[0] <= control_ratio <= VOID_OUTSIDE[1]


def slope(lengths: Sequence[int], values: Sequence[float]) -> float:
    """The exponent p of values ~ length^p, by least squares over the logarithms."""
    return statistics.linear_regression([math.log(n) for n in lengths], [math.log(v) for v in values]).slope
