"""Verdicts in English say what must be known first, and what would decide an open one."""

import re
from dataclasses import replace

import numpy as np
import pytest
from made_runs import EXAMPLES, distances, runs

from attnlab.study.statistics.judge import judge
from attnlab.study.statistics.sentences import (
    english,
    english_in_brief,
    english_of_components,
    english_of_examples,
    english_of_power,
    english_of_runs,
    english_of_this_test_set,
)
from attnlab.study.statistics.too_few import TooFew
from attnlab.study.statistics.verdict import ArmRuns, Comparison

CONTROL = runs("uniform", 1.0)


def said(arm: ArmRuns, control: ArmRuns = CONTROL, *others: ArmRuns, paired: bool = False) -> str:
    arms = (arm, *others)
    comparisons = [Comparison("t", "chrf", each, control, True, margin=0.1, paired=paired) for each in arms]
    return english(judge(comparisons)[0])


def test_better() -> None:
    text = said(runs("additive", 1.3))
    better = "additive is better than uniform in chrF: +0.300 (95 % interval +0.285 to +0.315; p < .001 if they"
    assert text == f"{better} didn't differ)."


def test_worse_of_several() -> None:
    text = said(runs("additive", 0.7), CONTROL, runs("dot", 1.0))
    assert text.startswith(
        "additive is worse than uniform in chrF: -0.300 (95 % interval -0.315 to -0.285, not corrected; Holm's p <"
    )


def test_by_less_than_matters() -> None:
    assert "additive is better than uniform by less than matters in chrF: +0.05" in said(runs("additive", 1.05))


def test_the_same() -> None:
    text = said(runs("additive", 1.001))
    assert text.startswith("additive is the same as uniform to within 0.1 in chrF: +0.001")
    assert text.endswith("; p < .001 if they differed by 0.1).")


def test_undecided() -> None:
    text = said(runs("additive", 1.05, deviation=0.06), runs("uniform", 1.0, deviation=0.06))
    assert text.startswith("Whether additive is better or worse than uniform in chrF is undecided: +0.050 (")
    assert "A study like this one finds a true difference of 0.1" in text
    assert "To find a difference of 0.1 a new study needs " in text
    assert " seeds an arm. To find that there is less than 0.1 a new study needs " in text


def test_many_more_where_few_seeds_are_known() -> None:
    text = said(runs("additive", 1.05, seeds=4, deviation=0.06), runs("uniform", 1.0, seeds=4, deviation=0.06))
    assert "To find a difference of 0.1 a new study needs many more seeds an arm." in text


def test_no_number_of_seeds() -> None:
    arms = [runs(name, 1.0, residual=0.01) for name in ("additive", "uniform")]
    apart = replace(arms[0], scores=arms[0].scores + (-1.0) ** np.arange(60))
    text = said(apart, arms[1])
    assert "To find a difference of 0.1 no number of seeds is enough: about 7" in text
    assert text.count("To find") == 1


def test_unstable_and_uneven_stand_first() -> None:
    text = said(runs("additive", 0.7, seeds=3, deviation=0.05, failed=2))
    assert text.startswith(
        "unstable, uneven: 2 of 5 runs of additive failed (95 %: 5-85 %). additive's runs vary 5.0 times as much as "
        "uniform's. additive is worse"
    )


def test_held_back() -> None:
    text = said(runs("additive", 1.3, failed=1))
    assert text.startswith("unstable: 1 of 6 runs of additive failed (95 %: 0-64 %). ")
    assert text.endswith("additive is better, but more of its runs failed.")
    assert "of the runs that finished they are the same" in said(runs("additive", 1.001, failed=1)).lower()


def test_failures_of_ten_runs_are_compared() -> None:
    arm, control = runs("additive", 0.7, seeds=10, failed=5), runs("uniform", 1.0, seeds=10)
    assert "(95 %: 12-62 %), p = .061 of failing equally often." in said(arm, control)


def test_no_verdict() -> None:
    assert said(runs("additive", 1.3, seeds=3)).startswith("No verdict from 3 runs, a smoke test: additive and")
    text = said(runs("additive", 1.3, seeds=1), runs("uniform", 1.0, seeds=1))
    assert text.startswith(
        "No verdict, one run each: this pair of models of additive and uniform differs in chrF: +0.30"
    )
    assert said(runs("additive", 1.3, seeds=2)) == (
        "No verdict from 2 runs: additive and uniform differ in chrF (1.3 for 1)."
    )


@pytest.mark.parametrize("lack", ["gold", "examples", "undefined", "seeds", "variation", "images", "features"])
def test_too_few(lack: str) -> None:
    few = TooFew(lack, 9999, 10_000)  # type: ignore[arg-type]
    comparison = Comparison("t", "chrf", runs("additive", 1.3), CONTROL, True, too_few=few)
    text = english(judge([comparison])[0])
    begins = "can't be judged in chrF" if lack == "variation" else "have too few scores in chrF to be judged: "
    assert text.startswith(f"additive and uniform {begins}")
    assert ("10,000" in text) == (lack not in ("undefined", "variation"))


def test_distances_hold_for_their_reference_set() -> None:
    arm, control = distances("gan", 3.0, 3.1, 3.2, 3.05), distances("wgan", 2.0, 2.1, 2.2, 2.05)
    text = english(judge([Comparison("g", "fid", arm, control, higher_is_better=False)])[0])
    assert text == (
        "gan is worse than wgan in FID: +1.00 (95 % interval +0.85 to +1.15; p < .001 if they didn't differ; lower "
        "is better). This holds for this reference set."
    )


def test_the_second_line_is_of_this_test_set() -> None:
    (found,) = judge([Comparison("t", "chrf", runs("additive", 1.3), CONTROL, True)])
    text = english_of_this_test_set(found)
    assert text == "For new seeds on this very test set alone: +0.300 (95 % interval +0.285 to +0.315, p < .001)."
    (none,) = judge([Comparison("t", "chrf", runs("additive", 1.3, seeds=2), CONTROL, True)])
    assert english_of_this_test_set(none) is None


@pytest.mark.parametrize("unit, named", [(None, "examples"), ("chapter", "chapters")])
def test_what_is_needed_is_named_by_what_counts_as_one(unit: str | None, named: str) -> None:
    apart = replace(runs("a", 1.0), scores=runs("a", 1.0).scores + np.cos(np.arange(60)))
    comparison = Comparison("t", "chrf", apart, CONTROL, True, margin=0.1, unit=unit)
    assert re.search(rf"no number of seeds is enough: about \d+ {named} are needed", english(judge([comparison])[0]))
    few = replace(comparison, too_few=TooFew("examples", 9, 10))
    assert f"the test has 9 {named}, and 10 are needed" in english(judge([few])[0])


def test_components_are_said_as_deviations() -> None:
    control = runs("uniform", 1.0, deviation=0.02)
    (found,) = judge([Comparison("t", "chrf", runs("additive", 1.3), control, True)])
    text, variances = english_of_components(found), found.measured.variances
    assert text is not None
    assert variances is not None
    assert variances.examples == 0  # those of both arms are alike
    said = re.search(
        r"the seed alone, (.*) for additive and (.*) for uniform; the choice of examples, (.*) in the difference; "
        r"chance on single examples, (.*) and (.*)\. ",
        text,
    )
    assert said is not None
    wanted = np.sqrt([*variances.seeds, variances.examples, *variances.residuals])
    assert list(map(float, said.groups())) == pytest.approx(wanted, rel=0.06)
    far, near = distances("a", 3.0, 3.1, 2.9, 3.0), distances("b", 2.0, 2.1, 1.9)
    (distance,) = judge([Comparison("g", "fid", far, near, False)])
    assert english_of_components(distance) is None


def test_pairing_that_failed_and_questions_that_were_not_planned_are_said() -> None:
    arm, control = runs("additive", 1.3, seeds=9), replace(runs("uniform", 1.0, seeds=9), failed=1)
    assert said(arm, control, paired=True).endswith(
        "Seeds count as independent: pairing takes every run of 8 seeds or more."
    )
    aside = Comparison("t", "bleu", runs("additive", 1.3), CONTROL, True, exploratory=True)
    assert english(judge([aside])[0]).endswith("Exploratory: not what a study was planned to tell.")


@pytest.mark.parametrize(
    "fewest, said",
    [
        (1, "1 run of an arm: too few for a verdict on it; a verdict takes 4, 5 are usual, take 10 before you publish"),
        (3, "3 runs of an arm: a smoke test without a verdict on it; a verdict takes 4, 5 are usual, take 10 before"),
        (4, "4 runs of an arm: enough for a verdict, but fewer than the usual 5; take 10 before you publish it."),
        (5, "5 runs of an arm: enough for a verdict; take 10 before you publish it."),
        (9, "9 runs of an arm: enough for a verdict; take 10 before you publish it."),
        (10, "10 runs of an arm: enough for a verdict to be published."),
    ],
)
def test_what_so_many_runs_are_good_for(fewest: int, said: str) -> None:
    assert english_of_runs(fewest).startswith(said)


def test_what_such_runs_can_tell_stands_beside_every_verdict() -> None:
    def power(arm: ArmRuns, control: ArmRuns = CONTROL, *, margin: float | None) -> str | None:
        return english_of_power(judge([Comparison("t", "chrf", arm, control, True, margin=margin)])[0])

    met = power(runs("additive", 1.3), margin=0.1)
    assert met is not None
    assert met.startswith("A study like this one finds a true difference of 0.0")
    assert "the margin is smaller" not in met
    assert power(runs("additive", 1.3), margin=0.001) == met.removesuffix(".") + ", and the margin is smaller."
    unmargined = power(runs("additive", 1.3), margin=None)
    assert unmargined is not None
    assert "to within" not in unmargined
    open_still = power(runs("a", 1.05, deviation=0.06), runs("b", 1.0, deviation=0.06), margin=0.1)
    assert open_still is not None
    assert open_still.startswith("Two arms as scattered as these can be found the same to within 0.1")
    assert power(runs("a", 1.0, seeds=1), runs("b", 1.0, seeds=1), margin=0.1) is None


@pytest.mark.parametrize(
    "trials, said",
    [
        (None, "additive is better than uniform in chrF: +0.300"),
        (0, "additive is better than uniform in chrF, both untuned: +0.300"),
        (1, "additive is better than uniform in chrF after 1 trial of tuning each: +0.300"),
        (12, "additive is better than uniform in chrF after 12 trials of tuning each: +0.300"),
    ],
)
def test_whether_arms_were_tuned_is_said(trials: int | None, said: str) -> None:
    comparison = Comparison("t", "chrf", runs("additive", 1.3), CONTROL, True, margin=0.1, trials=trials)
    assert english(judge([comparison])[0]).startswith(said)


@pytest.mark.parametrize("examples, is_said", [(0.0, True), (0.5, False)])
def test_where_examples_add_nothing_to_the_interval_it_is_said(examples: float, is_said: bool) -> None:
    arm = runs("additive", 1.3, deviation=0.05, residual=0.05)
    apart = replace(arm, scores=arm.scores + examples * (-1.0) ** np.arange(60))
    (found,) = judge([Comparison("t", "chrf", apart, runs("uniform", 1.0, deviation=0.05, residual=0.05), True)])
    assert (english_of_examples(found) is not None) == is_said
    effect, seeds = found.measured.effect, found.measured.this_test_set
    assert effect is not None
    assert seeds is not None
    assert (effect.standard_error == pytest.approx(seeds.standard_error)) == is_said


def test_in_brief() -> None:
    wide = runs("dot", 1.07, deviation=0.08)
    arms = (runs("additive", 1.3), runs("less", 1.05), runs("alike", 1.001), wide)
    comparisons = [Comparison("t", "chrf", each, CONTROL, True, margin=0.1) for each in arms]
    better, little, same, undecided = (english_in_brief(each) for each in judge(comparisons))
    assert better == "additive is better than uniform in chrF: +0.300 (95 % interval +0.285 to +0.315)."
    assert little.endswith("), by less than matters.")
    assert same.startswith("alike is the same as uniform in chrF, to within 0.1: +0.001")
    assert "dot against uniform in chrF: " in undecided
    assert undecided.endswith(", undecided.")


def test_two_arms_that_have_one_score_in_all_runs_are_not_told_to_have_too_few() -> None:
    best, control = (ArmRuns(name, tuple(range(4)), np.full((4, 60), 100.0)) for name in ("additive", "scaled_dot"))
    text = said(best, control)
    assert "too few" not in text
    assert text.startswith("additive and scaled_dot can't be told apart in chrF: no run differs (100 in all)")
    other = ArmRuns("dot", tuple(range(4)), np.full((4, 60), 90.0))
    assert said(other, control).startswith("dot and scaled_dot can't be judged in chrF (90 for 100): no run of an arm")


def test_why_an_arm_does_not_vary_is_told_where_it_can_get_no_better() -> None:
    for score, cause in ((100.0, " (all have the best chrF there is, 100)"), (90.0, "")):
        control = ArmRuns("scaled_dot", tuple(range(5)), np.full((5, EXAMPLES), score))
        assert f"dot's runs vary and scaled_dot's don't{cause}. " in said(runs("dot", 50.0), control)
