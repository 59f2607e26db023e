"""Verdicts follow from Holm's p values, failures hold them back, and few runs have none."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_runs import EXAMPLES, distances, runs

from attnlab.study.statistics.holm import holm
from attnlab.study.statistics.judge import judge
from attnlab.study.statistics.planning import smallest_difference
from attnlab.study.statistics.sentences import chinese, english
from attnlab.study.statistics.too_few import TooFew
from attnlab.study.statistics.verdict import ArmRuns, Comparison, Verdict

CONTROL = runs("uniform", 1.0)


def against(arm: ArmRuns, control: ArmRuns = CONTROL, *, margin: float | None = 0.1, higher: bool = True) -> Comparison:
    return Comparison("translation", "chrf", arm, control, higher_is_better=higher, margin=margin)


def verdict(comparison: Comparison, *, alpha: float = 0.05) -> Verdict:
    (found,) = judge([comparison], alpha=alpha)
    return found


def test_findings() -> None:
    assert verdict(against(runs("a", 1.3))).finding == "better"
    assert verdict(against(runs("a", 0.7))).finding == "worse"
    assert verdict(against(runs("a", 1.001))).finding == "the same"
    assert verdict(against(runs("a", 1.07, deviation=0.08))).finding == "undecided"


def test_where_lower_is_better_the_lower_is() -> None:
    assert verdict(against(runs("a", 1.3), higher=False)).finding == "worse"
    assert verdict(against(runs("a", 0.7), higher=False)).finding == "better"


def test_a_small_difference_may_be_sure_and_not_matter() -> None:
    found = verdict(against(runs("a", 1.05)))
    assert (found.finding, found.by_less_than_matters) == ("better", True)
    found = verdict(against(runs("a", 1.3)))
    assert (found.finding, found.by_less_than_matters) == ("better", False)


def test_without_a_margin_nothing_is_the_same_and_nothing_is_planned() -> None:
    found = verdict(against(runs("a", 1.001), margin=None))
    assert found.finding == "undecided"
    assert (found.p_same_holm, found.needed_for_a_difference, found.needed_for_the_same) == (None, None, None)
    assert found.smallest_difference is not None


def test_a_family_is_judged_by_holm() -> None:
    arms = [against(runs(name, mean)) for name, mean in (("a", 1.016), ("b", 1.3), ("c", 1.004), ("d", 0.99))]
    found = judge(arms)
    p = [each.measured.effect.p for each in found if each.measured.effect is not None]
    assert [each.p_holm for each in found] == pytest.approx(holm(p).tolist())
    same = [each.measured.p_same for each in found if each.measured.p_same is not None]
    assert [each.p_same_holm for each in found] == pytest.approx(holm(same).tolist())
    assert {each.family for each in found} == {4}
    assert p[0] < 0.05 < holm(p)[0]  # alone it would be better
    assert verdict(arms[0]).finding == "better"
    assert found[0].finding != "better"


def test_what_cannot_be_tested_stays_in_its_family() -> None:
    arm = against(runs("a", 1.03))
    lost = against(ArmRuns("b", (), np.empty((0, EXAMPLES)), failed=5))
    alone, beside = verdict(arm), judge([arm, lost])[0]
    assert alone.p_holm is not None
    assert beside.p_holm == pytest.approx(2 * alone.p_holm)


def test_tasks_are_one_family_and_exploratory_metrics_each_their_own() -> None:
    arm = against(runs("a", 1.05))
    other, aside = replace(arm, task="ner"), replace(arm, metric="bleu", exploratory=True)
    found = judge([arm, aside, other])
    assert [each.family for each in found] == [2, 1, 2]
    assert [each.marks for each in found] == [(), ("exploratory",), ()]


def test_a_look_has_its_alpha() -> None:
    arm = against(runs("a", 1.018))
    found = verdict(arm)
    assert found.p_holm is not None
    assert 0.01 < found.p_holm < 0.05
    assert (found.finding, verdict(arm, alpha=0.01).finding) == ("better", "the same")
    assert verdict(arm, alpha=0.01).alpha == 0.01


def test_more_failures_are_never_better_fewer_never_worse_and_neither_the_same() -> None:
    good, bad, like = runs("a", 1.3, failed=1), runs("a", 0.7, failed=1), runs("a", 1.001, failed=1)
    failing = replace(CONTROL, failed=2)
    assert [verdict(against(arm)).finding for arm in (good, bad, like)] == ["undecided", "worse", "undecided"]
    assert [verdict(against(arm)).held_back for arm in (good, bad, like)] == ["better", None, "the same"]
    found = [verdict(against(arm, failing)) for arm in (good, bad, like)]
    assert [each.finding for each in found] == ["better", "undecided", "undecided"]
    assert [each.held_back for each in found] == [None, "worse", "the same"]
    assert {each.marks for each in found} == {("unstable",)}
    assert {each.needed_for_a_difference for each in found} == {None}


def test_nor_does_any_matter_too_little() -> None:
    found = verdict(against(runs("a", 1.05), replace(CONTROL, failed=2)))
    assert (found.finding, found.by_less_than_matters) == ("better", False)


def test_where_both_fail_alike_the_survivors_are_judged() -> None:
    found = verdict(against(runs("a", 1.001, failed=1), replace(CONTROL, failed=1)))
    assert (found.finding, found.marks) == ("the same", ("unstable",))


def test_seeds_that_vary_over_three_times_as_much_are_uneven() -> None:
    assert verdict(against(runs("a", 1.3, deviation=0.029))).marks == ()
    assert verdict(against(runs("a", 1.3, deviation=0.031))).marks == ("uneven",)
    assert verdict(against(runs("a", 1.3, deviation=0.003))).marks == ("uneven",)
    assert verdict(against(runs("a", 1.3, deviation=0.031, failed=1))).marks == ("unstable", "uneven")


def test_up_to_three_runs_there_is_no_verdict() -> None:
    found = verdict(against(runs("a", 1.3, seeds=3)))
    assert (found.finding, found.p_holm) == ("no verdict", None)
    assert found.measured.effect is not None
    assert verdict(against(runs("a", 1.3, seeds=2))).finding == "no verdict"
    assert verdict(against(runs("a", 1.3, seeds=4))).finding == "better"
    assert verdict(against(runs("a", 0.7, seeds=3, failed=2))).finding == "worse"  # of five, three are left


def test_one_run_each_has_none_and_no_plan() -> None:
    found = verdict(against(runs("a", 1.3, seeds=1), runs("b", 1.0, seeds=1)))
    assert (found.finding, found.measured.over, found.smallest_difference) == ("no verdict", "examples", None)


def test_too_few() -> None:
    found = verdict(against(runs("a", 1.3, seeds=2, failed=3)))
    assert (found.finding, found.measured.too_few) == ("too few to judge", TooFew("seeds", 2, 3))
    found = verdict(replace(against(runs("a", 1.3, seeds=3)), too_few=TooFew("gold", 3, 10)))
    assert found.finding == "too few to judge"


def test_an_open_question_is_told_what_it_needs() -> None:
    arms = [against(runs(name, 1.0, deviation=0.12)) for name in "ab"]
    found = judge(arms)[0]
    effect = found.measured.effect
    assert effect is not None
    wanted = smallest_difference(standard_error=effect.standard_error, df=effect.df, alpha=0.025)
    assert found.smallest_difference == pytest.approx(wanted)
    need = found.needed_for_a_difference
    assert need is not None
    assert need.least is not None  # three arms of 5 seeds: 12 degrees of freedom
    assert need.most is not None
    assert need.least < need.most
    assert found.needed_for_the_same is not None


def test_arms_that_vary_unevenly_are_planned_by_themselves() -> None:
    wild, calm = against(runs("wild", 1.0, deviation=0.2)), [against(runs(name, 1.0)) for name in "abcd"]
    alone, beside = judge([wild] * 5)[0], judge([wild, *calm])[0]
    assert beside.needed_for_a_difference == alone.needed_for_a_difference
    assert beside.needed_for_a_difference is not None
    assert beside.needed_for_a_difference.least is not None
    assert beside.needed_for_a_difference.least > 5


def test_distances_are_planned_by_seeds_alone() -> None:
    arm, control = distances("a", 3.0, 3.4, 3.2, 3.6, 3.1), distances("b", 3.1, 3.3, 3.5, 2.9, 3.2)
    found = verdict(Comparison("generation", "fid", arm, control, higher_is_better=False, margin=0.1))
    assert found.finding == "undecided"
    need = found.needed_for_a_difference
    assert need is not None
    assert need.least is not None
    assert need.examples is None


def test_an_arm_against_itself_with_other_seeds_is_not_told_apart() -> None:
    """An A/A comparison: ten runs of one arm, five against five."""
    ten = runs("arm", 1.0, seeds=10)
    halves = [ArmRuns(f"arm{half}", tuple(half), ten.scores[list(half)]) for half in ((0, 3, 4, 7, 8), (1, 2, 5, 6, 9))]
    found = verdict(against(*halves))
    assert found.finding == "the same"
    assert found.measured.correlation is None
    assert found.measured.effect is not None


def test_what_planning_takes_is_handed_on() -> None:
    found = judge([against(runs(name, 1.3, deviation=0.02)) for name in "ab"])[0]
    assert found.spread is not None
    assert found.spread.seeds == (pytest.approx((0.01**2 + 2 * 0.02**2) / 3), 12)
    assert found.measured.variances is not None
    assert found.spread.examples == found.measured.variances.examples
    assert verdict(against(runs("a", 1.3, seeds=2, failed=3))).spread is None


def test_verdicts_keep_the_order_of_comparisons() -> None:
    arms = [against(runs(name, 1.0)) for name in "cab"]
    arms[1] = replace(arms[1], exploratory=True, metric="bleu")
    assert [each.comparison.arm.name for each in judge(arms)] == ["c", "a", "b"]
    assert judge([]) == []


@st.composite
def any_runs(draw: st.DrawFn, name: str, *, by_example: bool) -> ArmRuns:
    seeds = draw(st.integers(0, 10))
    failed = draw(st.integers(0 if seeds else 1, 3))
    shape = (seeds, 12) if by_example else (seeds,)
    random = np.random.default_rng(draw(st.integers(0, 5)))
    kind = draw(st.sampled_from(["all alike", "right or wrong", "any"]))
    drawn = {
        "all alike": np.ones(shape),
        "right or wrong": random.integers(0, 2, shape),
        "any": random.normal(size=shape),
    }
    return ArmRuns(name, tuple(range(seeds)), drawn[kind].astype(np.float64), failed)


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_whatever_runs_there_are_something_is_said_of_them(data: st.DataObject) -> None:
    by_example = data.draw(st.booleans())
    arm, control = (data.draw(any_runs(name, by_example=by_example)) for name in ("arm", "control"))
    comparison = against(arm, control, margin=data.draw(st.sampled_from([None, 0.5])))
    found = verdict(replace(comparison, paired=data.draw(st.booleans())))
    for text in (english(found), chinese(found)):
        assert "nan" not in text
        assert "inf" not in text
    if found.finding not in ("no verdict", "too few to judge"):
        assert found.p_holm is not None
        assert found.measured.effect is not None
        assert found.measured.effect.low <= found.measured.effect.difference <= found.measured.effect.high
