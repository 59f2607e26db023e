"""Rates of failure have exact intervals, and are compared only from 10 runs an arm on."""

import pytest
from scipy import stats

from attnlab.study.statistics.failures import Failures, p_failures


@pytest.mark.parametrize("failed, runs", [(0, 5), (3, 5), (5, 5), (1, 10), (2, 3)])
def test_the_interval_is_scipys_exact_one(failed: int, runs: int) -> None:
    wanted = stats.binomtest(failed, runs).proportion_ci(0.95, method="exact")
    assert Failures(failed, runs).interval == pytest.approx((wanted.low, wanted.high))


def test_three_of_five() -> None:
    low, high = Failures(3, 5).interval
    assert (round(low, 2), round(high, 2)) == (0.15, 0.95)
    assert Failures(3, 5).rate == 0.6


def test_few_runs_are_not_compared() -> None:
    assert p_failures(Failures(5, 9), Failures(0, 10)) is None
    wanted = stats.fisher_exact([[5, 5], [0, 12]]).pvalue
    assert p_failures(Failures(5, 10), Failures(0, 12)) == pytest.approx(wanted)


@pytest.mark.parametrize("failed, runs", [(6, 5), (-1, 5), (0, 0)])
def test_no_more_fail_than_there_are(failed: int, runs: int) -> None:
    with pytest.raises(ValueError, match=f"got {failed} of {runs}"):
        Failures(failed, runs)
