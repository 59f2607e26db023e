"""What the runs of a pair of arms say, by themselves."""

from typing import NamedTuple

import numpy as np

from attnlab.study.statistics.effects import (
    LEAST_PAIRED_SEEDS,
    LEAST_SEEDS,
    Effect,
    correlation_over_seeds,
    independent_runs,
    independent_seeds,
    pair_of_models,
    paired_seeds,
    varies,
    welch,
)
from attnlab.study.statistics.failures import Failures, p_failures
from attnlab.study.statistics.mean_squares import Array, Components, components, mean_squares, paired_squares
from attnlab.study.statistics.too_few import LEAST_EXAMPLES, TooFew
from attnlab.study.statistics.verdict import ArmRuns, Both, Comparison, Estimate, Measured, Over, Variances


class _Effect(NamedTuple):
    """The effect that a comparison is judged by, if any."""

    over: Over
    effect: Effect | None = None
    by: Components | None = None
    paired: bool = False


def measure(comparison: Comparison) -> Measured:
    """A comparison's effect, by the form that its runs allow, and what stands beside it."""
    arm, control = comparison.arm, comparison.control
    lacking = _too_few(comparison)
    over, effect, by, paired = _effect(comparison, lacking)
    deviations = Both(_deviation(arm.rows), _deviation(control.rows))
    failures = (Failures(arm.failed, arm.num_runs), Failures(control.failed, control.num_runs))
    p_same = None if effect is None or comparison.margin is None else float(effect.p_same(comparison.margin))
    beside = arm.by_example and comparison.fewest_finished >= LEAST_SEEDS and (varies(arm.rows) or varies(control.rows))
    return Measured(
        over=over,
        too_few=lacking,
        scores=Both(_mean(arm.rows), _mean(control.rows)),
        deviations=deviations,
        variation=_variation(*deviations) if comparison.fewest_finished >= LEAST_SEEDS else None,
        failures=failures,
        p_failures=p_failures(*failures),
        effect=None if effect is None else _estimate(effect),
        p_same=p_same,
        this_test_set=_estimate(welch(arm.rows, control.rows)) if beside else None,
        variances=None if by is None else _variances(by),
        correlation=correlation_over_seeds(*_of_shared_seeds(arm, control)),
        paired=paired,
    )


def _effect(comparison: Comparison, lacking: TooFew | None) -> _Effect:
    arm, control = comparison.arm, comparison.control
    if not arm.by_example:
        return _Effect("seeds", independent_runs(arm.rows, control.rows) if lacking is None else None)
    if lacking is None:
        squares = mean_squares(arm.scores, control.scores)
        paired = _can_be_paired(comparison)
        ours, theirs = _shared(arm, control)
        effect = independent_seeds(squares)
        if paired:
            effect = paired_seeds(paired_squares(arm.scores[ours], control.scores[theirs]))
        return _Effect("seeds and examples", effect, components(squares), paired)
    if lacking.lack == "seeds" and arm.num_runs == control.num_runs == lacking.got == 1:
        return _Effect("examples", pair_of_models(arm.scores[0], control.scores[0]))
    return _Effect("seeds and examples")


def _can_be_paired(comparison: Comparison) -> bool:
    """Whether it is to be, and no run is missing of seeds enough; else seeds count as independent, which is safe."""
    arm, control = comparison.arm, comparison.control
    complete = not arm.failed and not control.failed and set(arm.seeds) == set(control.seeds)
    return comparison.paired and complete and len(arm.seeds) >= LEAST_PAIRED_SEEDS


def _too_few(comparison: Comparison) -> TooFew | None:
    """What forbids an effect over seeds; of several things, seeds last."""
    arm, control = comparison.arm, comparison.control
    finished = comparison.fewest_finished
    if comparison.too_few is not None:
        return comparison.too_few
    if not finished:
        return TooFew("seeds", 0, LEAST_SEEDS)
    if not np.isfinite(arm.scores).all() or not np.isfinite(control.scores).all():
        return TooFew("undefined")
    if arm.by_example and arm.scores.shape[1] < LEAST_EXAMPLES:
        return TooFew("examples", arm.scores.shape[1], LEAST_EXAMPLES)
    if not _anything_varies(comparison):
        return TooFew("variation")
    return TooFew("seeds", finished, LEAST_SEEDS) if finished < LEAST_SEEDS else None


def _anything_varies(comparison: Comparison) -> bool:
    """Whether the effect has a variance: by rows or by columns, of each arm or, if seeds are paired, of differences."""
    arm, control = comparison.arm, comparison.control
    if not arm.by_example:
        return varies(arm.rows) or varies(control.rows)
    largest = max(np.abs(each.scores).max() for each in (arm, control))
    if varies(arm.scores.mean(0) - control.scores.mean(0), among=largest):
        return True
    if not _can_be_paired(comparison):
        return varies(arm.rows) or varies(control.rows)
    ours, theirs = _of_shared_seeds(arm, control)
    return varies(ours - theirs, among=largest)


def _shared(arm: ArmRuns, control: ArmRuns) -> tuple[list[int], list[int]]:
    """Where the seeds that both have stand in each."""
    seeds = [seed for seed in arm.seeds if seed in control.seeds]
    return [arm.seeds.index(seed) for seed in seeds], [control.seeds.index(seed) for seed in seeds]


def _of_shared_seeds(arm: ArmRuns, control: ArmRuns) -> tuple[Array, Array]:
    ours, theirs = _shared(arm, control)
    return arm.rows[ours], control.rows[theirs]


def _mean(rows: Array) -> float | None:
    return float(rows.mean()) if len(rows) else None


def _deviation(rows: Array) -> float | None:
    if len(rows) < 2:
        return None
    return float(rows.std(ddof=1)) if varies(rows) else 0.0


def _variation(arm: float | None, control: float | None) -> float | None:
    if arm is None or control is None:
        return None
    if arm == control:
        return 1.0
    return arm / control if control else float("inf")


def _estimate(effect: Effect) -> Estimate:
    low, high = effect.interval()
    numbers = (effect.difference, low, high, effect.standard_error, effect.df, effect.p_value())
    return Estimate(*(float(each) for each in numbers))


def _variances(by: Components) -> Variances:
    seeds, residuals = by.seeds, by.residuals
    return Variances(
        seeds=(float(seeds.arm), float(seeds.control)),
        examples=float(by.examples),
        residuals=(float(residuals.arm), float(residuals.control)),
    )
