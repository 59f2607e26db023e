"""What can be no comparison isn't one."""

import numpy as np
import pytest
from made_runs import distances, runs

from attnlab.study.statistics.verdict import ArmRuns, Comparison


def test_rows_are_what_runs_report() -> None:
    arm = runs("additive", 1.3, seeds=3, failed=1)
    assert arm.rows == pytest.approx(arm.scores.mean(1))
    assert (arm.num_runs, arm.by_example) == (4, True)
    assert distances("gan", 1.0, 2.0).rows.tolist() == [1, 2]


@pytest.mark.parametrize(
    "seeds, shape, failed, message",
    [
        ((1, 2), (3, 20), 0, r"a needs a row of scores a seed, got \(3, 20\)"),
        ((1, 2), (2, 20, 1), 0, "a row of scores a seed"),
        ((1, 1), (2, 20), 0, r"a must have each seed once, got \(1, 1\)"),
        ((), (0, 20), 0, "a needs a run, got 0 finished and 0 failed"),
        ((1,), (1, 20), -1, "got 1 finished and -1 failed"),
    ],
)
def test_runs_that_cannot_be(seeds: tuple[int, ...], shape: tuple[int, ...], failed: int, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        ArmRuns("a", seeds, np.zeros(shape), failed)


def test_arms_have_the_same_examples() -> None:
    arm = runs("a", 1)
    for other in (runs("b", 1, examples=59), distances("b", 1.0, 2.0)):
        with pytest.raises(ValueError, match="a and b need scores of the same examples"):
            Comparison("t", "chrf", arm, other, higher_is_better=True)


@pytest.mark.parametrize("margin", [0, -1, float("nan")])
def test_a_margin_is_above_zero(margin: float) -> None:
    with pytest.raises(ValueError, match=r"margin must be above 0, got .* \(set margin\)"):
        Comparison("t", "chrf", runs("a", 1), runs("b", 1), higher_is_better=True, margin=margin)


def test_a_comparison_is_what_was_asked_first_and_by_independent_runs_unless_it_is_said() -> None:
    plain = Comparison("t", "chrf", runs("a", 1), runs("b", 1), higher_is_better=True)
    assert (plain.margin, plain.paired, plain.exploratory, plain.too_few, plain.trials) == (
        None,
        False,
        False,
        None,
        None,
    )
