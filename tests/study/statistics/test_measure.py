"""Each pair is measured by the form that its runs allow."""

from dataclasses import replace

import numpy as np
import pytest
from made_runs import EXAMPLES, distances, runs

from attnlab.study.statistics.effects import independent_runs, independent_seeds, pair_of_models, paired_seeds, welch
from attnlab.study.statistics.mean_squares import components, mean_squares, paired_squares
from attnlab.study.statistics.measure import measure
from attnlab.study.statistics.too_few import TooFew
from attnlab.study.statistics.verdict import ArmRuns, Comparison

ARM, CONTROL = runs("additive", 1.3), runs("uniform", 1.0, seeds=4, deviation=0.02)
PAIR = Comparison("translation", "chrf", ARM, CONTROL, higher_is_better=True, margin=0.1)


def test_seeds_and_examples() -> None:
    squares = mean_squares(ARM.scores, CONTROL.scores)
    found, wanted = measure(PAIR), independent_seeds(squares)
    assert found.over == "seeds and examples"
    assert found.effect is not None
    assert found.effect.difference == pytest.approx(0.3)
    assert (found.effect.low, found.effect.high) == pytest.approx(wanted.interval())
    assert (found.effect.df, found.effect.p) == pytest.approx((float(wanted.df), float(wanted.p_value())))
    assert found.p_same == pytest.approx(float(wanted.p_same(0.1)))
    assert found.this_test_set is not None
    assert found.this_test_set.p == pytest.approx(float(welch(ARM.rows, CONTROL.rows).p_value()))
    assert found.variances is not None
    assert found.variances.examples == pytest.approx(float(components(squares).examples))


def test_what_stands_beside_it() -> None:
    found = measure(replace(PAIR, arm=replace(ARM, failed=2)))
    assert found.scores == pytest.approx((1.3, 1.0))
    assert found.deviations == pytest.approx((0.01, 0.02))
    assert found.variation == pytest.approx(0.5)
    assert found.correlation == pytest.approx(0.99, abs=0.02)  # of the four seeds that both have
    assert [(each.failed, each.runs) for each in found.failures] == [(2, 7), (0, 4)]
    assert found.p_failures is None


def test_paired_seeds_are_matched_whatever_their_order() -> None:
    arm, control = runs("additive", 1.3, seeds=8), runs("uniform", 1.0, seeds=8)
    order = [3, 1, 0, 2, 7, 6, 5, 4]
    turned = ArmRuns("uniform", tuple(order), control.scores[order])
    found = measure(Comparison("t", "chrf", arm, turned, higher_is_better=True, paired=True))
    wanted = paired_seeds(paired_squares(arm.scores, control.scores))
    assert found.paired
    assert found.effect is not None
    assert (found.effect.df, found.effect.standard_error) == pytest.approx((7, float(wanted.standard_error)))


def test_where_a_run_is_missing_seeds_are_not_paired() -> None:
    arm, control = runs("additive", 1.3, seeds=9), runs("uniform", 1.0, seeds=9)
    for lacking in (replace(control, failed=1), ArmRuns("uniform", control.seeds[1:], control.scores[1:])):
        found = measure(Comparison("t", "chrf", arm, lacking, higher_is_better=True, paired=True))
        assert not found.paired
        assert found.effect is not None
        assert found.effect.df > 8


def test_nor_are_few_at_an_early_look() -> None:
    found = measure(Comparison("t", "chrf", runs("a", 1.3), runs("b", 1.0), higher_is_better=True, paired=True))
    assert not found.paired
    assert found.effect is not None


def test_scores_without_examples_are_of_seeds_alone() -> None:
    arm, control = distances("gan", 3.0, 3.3, 3.1, 3.6), distances("wgan", 2.0, 2.2, 2.1)
    found = measure(Comparison("generation", "fid", arm, control, higher_is_better=False))
    wanted = independent_runs(arm.scores, control.scores)
    assert (found.over, found.variances, found.this_test_set) == ("seeds", None, None)
    assert found.effect is not None
    assert found.effect.p == pytest.approx(float(wanted.p_value()))


def test_one_run_each_tells_two_models_apart() -> None:
    arm, control = runs("additive", 1.3, seeds=1), runs("uniform", 1.0, seeds=1)
    found = measure(Comparison("t", "chrf", arm, control, higher_is_better=True))
    assert found.over == "examples"
    assert found.effect is not None
    assert found.effect.p == pytest.approx(float(pair_of_models(arm.scores[0], control.scores[0]).p_value()))


def lacks(arm: ArmRuns, control: ArmRuns) -> TooFew | None:
    found = measure(Comparison("t", "chrf", arm, control, higher_is_better=True))
    assert found.too_few is None or found.effect is None
    return found.too_few


def test_what_is_too_few() -> None:
    assert lacks(ARM, CONTROL) is None
    assert lacks(runs("a", 1, seeds=2, failed=3), CONTROL) == TooFew("seeds", 2, 3)
    assert lacks(runs("a", 1, examples=9), runs("b", 1, examples=9)) == TooFew("examples", 9, 10)
    none = ArmRuns("a", (), np.empty((0, EXAMPLES)), failed=5)
    assert lacks(none, CONTROL) == TooFew("seeds", 0, 3)
    broken = replace(ARM, scores=np.where(ARM.scores > 2, np.nan, ARM.scores))
    assert lacks(broken, CONTROL) == TooFew("undefined")


def test_where_nothing_varies_nothing_is_told() -> None:
    """All right, in every run: its variance of 0 would make any difference certain."""
    right = ArmRuns("a", (1, 2, 3, 4, 5), np.ones((5, 20)))
    assert lacks(right, replace(right, name="b")) == TooFew("variation")
    assert lacks(right, replace(right, name="b", scores=np.full((5, 20), 0.3))) == TooFew("variation")
    assert lacks(distances("a", 0.3, 0.3, 0.3), distances("b", 0.1, 0.1, 0.1)) == TooFew("variation")
    assert lacks(right, ArmRuns("b", (1, 2, 3), np.ones((3, 20)) - np.eye(3, 20))) is None


def test_paired_arms_that_coincide_are_not_told_apart_for_certain() -> None:
    arm = runs("a", 1.0, seeds=8)
    for shift in (0.0, 0.3):
        same = replace(arm, name="b", scores=arm.scores + shift)
        comparison = Comparison("t", "chrf", arm, same, higher_is_better=True, paired=True)
        assert measure(comparison).too_few == TooFew("variation")
        assert measure(replace(comparison, paired=False)).too_few is None


def test_what_records_lack_is_handed_on() -> None:
    few = TooFew("gold", 3, 10)
    found = measure(replace(PAIR, too_few=few))
    assert (found.too_few, found.effect) == (few, None)


def test_arms_that_vary_alike_or_not_at_all() -> None:
    still = distances("still", 1.0, 1.0, 1.0)
    moving = distances("moving", 1.0, 1.2, 1.1)
    assert measure(Comparison("g", "fid", still, moving, higher_is_better=False)).variation == 0
    assert measure(Comparison("g", "fid", moving, still, higher_is_better=False)).variation == float("inf")
    two = distances("two", 1.0, 1.5)
    assert measure(Comparison("g", "fid", two, moving, higher_is_better=False)).variation is None
