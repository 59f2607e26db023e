"""What a study could have seen, and what the next one needs."""

import math
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
from scipy.special import chdtri, ndtri, stdtrit

from attnlab.study.statistics.effects import LEAST_SEEDS
from attnlab.study.statistics.looks import ALPHA
from attnlab.study.statistics.mean_squares import Array

POWER: Final = 0.8
LEAST_DF: Final = 8  # below these, pooled over arms, a range of seeds is too wide to be of use
MOST_SEEDS: Final = 100_000
FEASIBLE: Final = 3.1  # of sqrt V: a smaller margin is met by luck alone


class SeedVariance(NamedTuple):
    """By how much runs' scores vary, var_s + var_r/m, pooled over arms, with the seeds behind it less one an arm."""

    variance: float
    df: int


class Spread(NamedTuple):
    """What scores vary by, for planning only: `seeds` of all arms together, the rest of a pair.

    `examples`: var_e, of the difference; `residual`: var_r, the mean of the two arms'. Both are 0 of scores that know
    no examples.
    """

    seeds: SeedVariance
    examples: float
    residual: float
    num_examples: int


@dataclass(frozen=True)
class Need:
    """What it takes to tell a difference of `margin`, or to tell that there is less.

    `least` and `most` seeds an arm, by the 10 % and 90 % bounds of how much seeds vary; none where too few were seen to
    say, or nobody trains that many ("many more"), or where no number decides and about `examples` are needed instead.
    """

    least: int | None
    most: int | None
    examples: int | None


def pooled(rows: list[Array]) -> SeedVariance:
    """The pooled variance of several arms' scores (seeds,): sum_k (n_k - 1) var(r_k) / sum_k (n_k - 1).

    Raises:
        ValueError: no arm has 2 seeds.
    """
    df = [len(scores) - 1 for scores in rows if len(scores) > 1]
    if not df:
        raise ValueError("a variance over seeds needs an arm with 2 seeds or more")
    variances = [float(scores.var(ddof=1)) for scores in rows if len(scores) > 1]
    return SeedVariance(float(np.average(variances, weights=df)), sum(df))


def expected_standard_error(spread: Spread, *, seeds: int) -> float:
    """Of a study of so many seeds an arm: sqrt(2 (var_s + var_r/m)/n + var_e/m)."""
    return math.sqrt(2 * _of_seeds(spread, spread.seeds.variance) / seeds + spread.examples / spread.num_examples)


def _of_seeds(spread: Spread, variance: float) -> float:
    """var_s + var_r/m is var_r/m at least, since var_s is no less than 0."""
    return max(spread.residual / spread.num_examples, variance)


def needed_for_a_difference(margin: float, spread: Spread, *, alpha: float = ALPHA) -> Need:
    """The least n with margin >= (t_{1-alpha/2} + t_.8) sqrt(2 var_s/n + var_e/m + 2 var_r/(n m)), of 2n - 2 df.

    Normal quantiles in their place ask 1 or 2 too few. `alpha` is one comparison's: of k, a k-th.

    Raises:
        ValueError: the margin isn't above 0.
    """
    return _needed(margin, spread, tails=(alpha / 2, 1 - POWER))


def needed_for_the_same(margin: float, spread: Spread, *, alpha: float = ALPHA) -> Need:
    """The same with t_{1-alpha} + t_.9: both one-sided tests find that there is less, where there is no difference."""
    return _needed(margin, spread, tails=(alpha, (1 - POWER) / 2))


def _needed(margin: float, spread: Spread, *, tails: tuple[float, float]) -> Need:
    if not margin > 0:
        raise ValueError(f"margin must be above 0, got {margin} (set margin)")
    variance, df = spread.seeds
    by_examples = spread.examples / spread.num_examples
    normal = float(-ndtri(tails[0]) - ndtri(tails[1]))
    if normal**2 * by_examples > margin**2:
        return Need(None, None, examples=int(np.ceil(normal**2 * spread.examples / margin**2)))
    if df < LEAST_DF:
        return Need(None, None, None)
    bounds = [_of_seeds(spread, variance * df / float(chdtri(df, tail))) for tail in (0.1, 0.9)]
    least, most = (_least_seeds(margin, tails=tails, by_seed=2 * bound, by_examples=by_examples) for bound in bounds)
    return Need(least, most, None)


def _least_seeds(margin: float, *, tails: tuple[float, float], by_seed: float, by_examples: float) -> int | None:
    """By halving; none where no number that anybody trains is enough."""

    def enough(n: int) -> bool:
        quantiles = float(-stdtrit(2 * n - 2, tails[0]) - stdtrit(2 * n - 2, tails[1]))
        return margin >= quantiles * math.sqrt(by_seed / n + by_examples)

    if not enough(MOST_SEEDS):
        return None
    low, high = LEAST_SEEDS - 1, MOST_SEEDS
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if enough(middle) else (middle, high)
    return high


def smallest_difference(*, standard_error: float, df: float, alpha: float = ALPHA) -> float:
    """The smallest true difference that a study like this one finds in .8 of cases: (t_{1-alpha/2} + t_.8) sqrt V."""
    return float(-stdtrit(df, alpha / 2) - stdtrit(df, 1 - POWER)) * standard_error


def can_be_met(margin: float, *, standard_error: float) -> bool:
    """Whether *the same* may come out, of arms that are, by more than luck: margin >= 3.1 sqrt V."""
    return margin >= FEASIBLE * standard_error
