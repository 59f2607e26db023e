"""Numbers of a verdict, which all languages write alike."""

from math import sqrt
from typing import Final, NamedTuple

from attnlab.metrics.described import at_best, best_of
from attnlab.reporting.numbers import fixed, places
from attnlab.study.statistics.planning import FEASIBLE, Need, can_be_met
from attnlab.study.statistics.verdict import Estimate, Verdict

TWICE: Final = 2.0  # from here on it is said how much more an arm varies


class Variation(NamedTuple):
    """Which of two arms varies more over its seeds, and how many times as much; nothing where the other doesn't.

    `best`: the score that the other has in all runs, where that is the best there is: it can't vary.
    """

    more: str
    less: str
    times: str
    best: float | None = None


def three_digits(value: float) -> str:
    """0.0123, 12.3, 1,230; never with an exponent that a reader has to count."""
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"


def two_digits(value: float) -> str:
    """Of what is but estimated: 0.021, 1.2, 124."""
    return fixed(value, places([value], digits=2))


class SmallestMargin(NamedTuple):
    """That which a study's runs can meet, and whether the study's own is smaller."""

    text: str
    is_missed: bool


class Difference(NamedTuple):
    """A difference and the bounds of its 95 % interval, which isn't corrected, as written."""

    difference: str
    low: str
    high: str


class Deviations(NamedTuple):
    """The square roots of a pair's components of variance, as written: of the arm and of its control, where two."""

    seeds: tuple[str, str]
    examples: str
    residuals: tuple[str, str]


def components(verdict: Verdict) -> Deviations | None:
    """None where there are none, of scores that know no examples or are too few."""
    if (found := verdict.measured.variances) is None:
        return None
    seeds, residuals = ((_root(one), _root(other)) for one, other in (found.seeds, found.residuals))
    return Deviations(seeds, _root(found.examples), residuals)


def _root(variance: float) -> str:
    return two_digits(sqrt(variance)) if variance else "0"


def difference(effect: Estimate) -> Difference:
    """All three to the same place, the second digit of the interval's half: +8.1, +6.2, +10.0."""
    half = (effect.high - effect.low) / 2
    decimals = places([half], digits=2) if half > 0 else 3
    return Difference(*(fixed(each, decimals, signed=True) for each in (effect.difference, effect.low, effect.high)))


def probability(p: float) -> str:
    """`< .001`, or `= ` and three decimals, up to `= 1`."""
    if p < 0.001:
        return "< .001"
    return "= 1" if p > 0.9995 else f"= {p:.3f}".replace("0.", ".")


def seeds(need: Need) -> str | None:
    """`9-17`; none where nothing better than "many more" can be said."""
    if need.least is None or need.most is None:
        return None
    return f"{need.least:,}" if need.least == need.most else f"{need.least:,}-{need.most:,}"


def variation(verdict: Verdict) -> Variation | None:
    """What is said of arms whose seeds vary unequally, over 2 times."""
    times = verdict.measured.variation
    arm, control = verdict.comparison.arm.name, verdict.comparison.control.name
    if times is None or 1 / TWICE <= times <= TWICE:
        return None
    more, less = (arm, control) if times > 1 else (control, arm)
    times = times if times > 1 else 1 / times if times else float("inf")
    return Variation(more, less, "" if times == float("inf") else f"{times:.1f}", _ceiling(verdict, less))


def _ceiling(verdict: Verdict, name: str) -> float | None:
    comparison = verdict.comparison
    runs = comparison.arm if comparison.arm.name == name else comparison.control
    return best_of(comparison.metric) if at_best(runs.rows.tolist(), comparison.metric) else None


def smallest_margin(verdict: Verdict) -> SmallestMargin | None:
    """3.1 standard errors; none where there is no margin to be met."""
    effect, margin = verdict.measured.effect, verdict.comparison.margin
    if effect is None or margin is None:
        return None
    missed = not can_be_met(margin, standard_error=effect.standard_error)
    return SmallestMargin(two_digits(FEASIBLE * effect.standard_error), missed)
