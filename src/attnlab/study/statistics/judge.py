"""Verdicts on every arm of a study against its control."""

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np

from attnlab.study.statistics.holm import holm
from attnlab.study.statistics.looks import ALPHA
from attnlab.study.statistics.mean_squares import Array
from attnlab.study.statistics.measure import measure
from attnlab.study.statistics.planning import (
    Spread,
    needed_for_a_difference,
    needed_for_the_same,
    pooled,
    smallest_difference,
)
from attnlab.study.statistics.verdict import SMOKE_TEST, Comparison, Finding, Mark, Measured, Verdict

UNEVEN: Final = 3.0


class _Pair(NamedTuple):
    """A comparison and what its runs say."""

    comparison: Comparison
    measured: Measured

    @property
    def judged(self) -> bool:
        """Whether there is to be a verdict."""
        return self.measured.too_few is None and self.comparison.fewest_runs > SMOKE_TEST

    @property
    def p(self) -> float:
        """Of no difference; 1 where there is no verdict: it stays in its family."""
        effect = self.measured.effect
        return effect.p if effect is not None and self.judged else 1.0

    @property
    def p_same(self) -> float:
        """Of a difference that matters; likewise, and without a margin."""
        p = self.measured.p_same
        return p if p is not None and self.judged else 1.0


class _Found(NamedTuple):
    """What the p values of a comparison's family say."""

    finding: Finding
    by_less_than_matters: bool = False
    held_back: Finding | None = None


def judge(comparisons: Sequence[Comparison], *, alpha: float = ALPHA) -> list[Verdict]:
    """The verdict of each comparison, at the alpha of this look.

    *better* or *worse* if Holm's p of no difference is below alpha; *the same* if Holm's p of a difference of `margin`
    or more is (both one-sided tests; Schuirmann, 1987); else *undecided*. All that aren't exploratory are one family,
    arms by tasks; those that are, one for each task and metric. An arm that failed more often than its control is never
    *better*, one that failed less often never *worse*, and neither is *the same*: the worst seeds may be what was lost.
    Up to 3 runs an arm there is no verdict; one run each tells this pair of models apart, not their mechanisms.
    """
    pairs = [_Pair(each, measure(each)) for each in comparisons]
    verdicts: dict[int, Verdict] = {}
    for places in _families(comparisons):
        p = holm([pairs[place].p for place in places])
        p_same = holm([pairs[place].p_same for place in places])
        for place, each, same in zip(places, p.tolist(), p_same.tolist(), strict=True):
            spread = _spread(pairs[place], comparisons)
            verdicts[place] = _verdict(pairs[place], spread, p=(each, same), alpha=alpha, family=len(places))
    return [verdicts[place] for place in range(len(pairs))]


def _families(comparisons: Sequence[Comparison]) -> list[list[int]]:
    families: dict[tuple[str, str] | None, list[int]] = {}
    for place, each in enumerate(comparisons):
        families.setdefault((each.task, each.metric) if each.exploratory else None, []).append(place)
    return list(families.values())


def _spread(pair: _Pair, all_of_them: Sequence[Comparison]) -> Spread | None:
    """With seeds pooled over the arms that have the same score, each once; where these two are uneven, over them alone.

    None where no arm has two seeds.
    """
    mine, measured = pair
    arms: dict[str, Array] = {}
    for each in [mine] if "uneven" in _marks(pair) else all_of_them:
        if (each.task, each.metric) == (mine.task, mine.metric):
            arms |= {each.arm.name: each.arm.rows, each.control.name: each.control.rows}
    rows = [scores for scores in arms.values() if len(scores) > 1 and np.isfinite(scores).all()]
    if not rows:
        return None
    if (parts := measured.variances) is None:
        return Spread(pooled(rows), examples=0.0, residual=0.0, num_examples=1)
    residual = sum(parts.residuals) / 2
    return Spread(pooled(rows), parts.examples, residual, num_examples=mine.arm.scores.shape[1])


def _verdict(pair: _Pair, spread: Spread | None, *, p: tuple[float, float], alpha: float, family: int) -> Verdict:
    comparison, measured = pair
    found = _finding(pair, p=p[0], p_same=p[1], alpha=alpha)
    open_still = found.finding == "undecided" and found.held_back is None
    margin = comparison.margin if open_still else None
    plan = None if margin is None or spread is None else (margin, spread)
    return Verdict(
        comparison=comparison,
        measured=measured,
        finding=found.finding,
        marks=_marks(pair),
        by_less_than_matters=found.by_less_than_matters,
        held_back=found.held_back,
        alpha=alpha,
        family=family,
        p_holm=p[0] if pair.judged else None,
        p_same_holm=p[1] if pair.judged and comparison.margin is not None else None,
        smallest_difference=_smallest_difference(measured, alpha=alpha / family),
        spread=spread if measured.effect is not None else None,
        needed_for_a_difference=None if plan is None else needed_for_a_difference(*plan, alpha=alpha / family),
        needed_for_the_same=None if plan is None else needed_for_the_same(*plan, alpha=alpha / family),
    )


def _smallest_difference(measured: Measured, *, alpha: float) -> float | None:
    """None of two models, which no study is made of."""
    effect = measured.effect
    if effect is None or measured.over == "examples":
        return None
    return smallest_difference(standard_error=effect.standard_error, df=effect.df, alpha=alpha)


def _finding(pair: _Pair, *, p: float, p_same: float, alpha: float) -> _Found:
    comparison, measured = pair
    lacking, effect = measured.too_few, measured.effect
    if comparison.fewest_runs <= SMOKE_TEST and (lacking is None or lacking.lack == "seeds"):
        return _Found("no verdict")
    if lacking is not None or effect is None:
        return _Found("too few to judge")
    arm, control = (each.rate for each in measured.failures)
    same = p_same < alpha
    found: Finding = "the same" if same else "undecided"
    if p < alpha:
        found = "better" if (effect.difference > 0) == comparison.higher_is_better else "worse"
    forbidden = {"better": arm > control, "worse": arm < control, "the same": arm != control}
    if forbidden.get(found, False):
        return _Found("undecided", held_back=found)
    return _Found(found, by_less_than_matters=p < alpha and same and arm == control)


def _marks(pair: _Pair) -> tuple[Mark, ...]:
    comparison, measured = pair
    marks: list[Mark] = ["unstable"] if comparison.arm.failed or comparison.control.failed else []
    if (times := measured.variation) is not None and not 1 / UNEVEN <= times <= UNEVEN:
        marks.append("uneven")
    if comparison.exploratory:
        marks.append("exploratory")
    return tuple(marks)
