"""Verdicts in English say what must be known first, and what would decide an open one."""

from dataclasses import replace

import numpy as np
import pytest
from made_runs import distances, runs

from attnlab.study.statistics.judge import judge
from attnlab.study.statistics.sentences import english, english_of_power, english_of_runs, english_of_this_test_set
from attnlab.study.statistics.too_few import TooFew
from attnlab.study.statistics.verdict import ArmRuns, Comparison

CONTROL = runs("uniform", 1.0)


def said(arm: ArmRuns, control: ArmRuns = CONTROL, *others: ArmRuns, paired: bool = False) -> str:
    arms = (arm, *others)
    comparisons = [Comparison("t", "chrf", each, control, True, margin=0.1, paired=paired) for each in arms]
    return english(judge(comparisons)[0])


def test_better() -> None:
    text = said(runs("additive", 1.3))
    assert text == "additive is better than uniform in chrf: +0.300 (95 % interval +0.285 to +0.315, p < .001)."


def test_worse_of_several() -> None:
    text = said(runs("additive", 0.7), CONTROL, runs("dot", 1.0))
    assert text.startswith(
        "additive is worse than uniform in chrf: -0.300 (plain 95 % interval -0.315 to -0.285, Holm's p <"
    )


def test_by_less_than_matters() -> None:
    assert "additive is better than uniform in chrf by less than matters: +0.05" in said(runs("additive", 1.05))


def test_the_same() -> None:
    assert said(runs("additive", 1.001)).startswith("additive is the same as uniform in chrf, to within 0.1: +0.001")


def test_undecided() -> None:
    text = said(runs("additive", 1.05, deviation=0.06), runs("uniform", 1.0, deviation=0.06))
    assert text.startswith("Whether additive is better or worse than uniform in chrf is undecided: +0.050 (")
    assert "These runs could have seen" in text
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
        "unstable, uneven: 2 of 5 runs of additive failed (95 %: 5-85 %). additive's seeds vary 5.0 times as much as "
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
        "No verdict, one run each: this pair of models of additive and uniform differs in chrf: +0.30"
    )
    assert said(runs("additive", 1.3, seeds=2)) == (
        "No verdict from 2 runs: additive and uniform differ in chrf (1.3 for 1)."
    )


@pytest.mark.parametrize("lack", ["gold", "examples", "undefined", "seeds", "variation", "images", "features"])
def test_too_few(lack: str) -> None:
    few = TooFew(lack, 9999, 10_000)  # type: ignore[arg-type]
    comparison = Comparison("t", "chrf", runs("additive", 1.3), CONTROL, True, too_few=few)
    text = english(judge([comparison])[0])
    assert text.startswith("additive and uniform have too few scores in chrf to be judged: ")
    assert ("10,000" in text) == (lack not in ("undefined", "variation"))


def test_distances_hold_for_their_reference_set() -> None:
    arm, control = distances("gan", 3.0, 3.1, 3.2, 3.05), distances("wgan", 2.0, 2.1, 2.2, 2.05)
    text = english(judge([Comparison("g", "fid", arm, control, higher_is_better=False)])[0])
    assert text == (
        "gan is worse than wgan in fid: +1.00 (95 % interval +0.85 to +1.15, p < .001, lower is better). "
        "This holds for this reference set."
    )


def test_the_second_line_is_of_this_test_set() -> None:
    (found,) = judge([Comparison("t", "chrf", runs("additive", 1.3), CONTROL, True)])
    text = english_of_this_test_set(found)
    assert text == "For new seeds on this very test set alone: +0.300 (plain 95 % interval +0.285 to +0.315, p < .001)."
    (none,) = judge([Comparison("t", "chrf", runs("additive", 1.3, seeds=2), CONTROL, True)])
    assert english_of_this_test_set(none) is None


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
        (1, "1 run of an arm: too few for a verdict on it; 4 are judged, 5 are the default, 10 make a claim."),
        (
            3,
            "3 runs of an arm: a smoke test without a verdict on it; 4 are judged, 5 are the default, 10 make a claim.",
        ),
        (4, "4 runs of an arm: judged, but fewer than the default of 5; 10 make a claim."),
        (5, "5 runs of an arm: judged; 10 make a claim."),
        (9, "9 runs of an arm: judged; 10 make a claim."),
        (10, "10 runs of an arm: as many as a claim takes, or more."),
    ],
)
def test_what_so_many_runs_are_good_for(fewest: int, said: str) -> None:
    assert english_of_runs(fewest) == said


def test_what_such_runs_could_have_told_stands_beside_every_verdict() -> None:
    def power(arm: ArmRuns, control: ArmRuns = CONTROL, *, margin: float | None) -> str | None:
        return english_of_power(judge([Comparison("t", "chrf", arm, control, True, margin=margin)])[0])

    met = power(runs("additive", 1.3), margin=0.1)
    assert met is not None
    assert met.startswith("These runs could have seen 0.0")
    assert "The margin is smaller" not in met
    assert power(runs("additive", 1.3), margin=0.001) == met + " The margin is smaller: the same can't be found."
    unmargined = power(runs("additive", 1.3), margin=None)
    assert unmargined is not None
    assert "margin" not in unmargined
    open_still = power(runs("a", 1.05, deviation=0.06), runs("b", 1.0, deviation=0.06), margin=0.1)
    assert open_still is not None
    assert open_still.startswith("A margin below")
    assert power(runs("a", 1.0, seeds=1), runs("b", 1.0, seeds=1), margin=0.1) is None
