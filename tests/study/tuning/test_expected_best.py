"""The expected best against every way to choose trials."""

from itertools import combinations
from statistics import mean

import pytest

from attnlab.study.tuning.expected_best import expected_best
from attnlab.tasks.task import Better

SCORES = [0.3, 0.9, None, 0.1, 0.9, None, 0.4]


@pytest.mark.parametrize("better", ["max", "min"])
def test_it_is_the_mean_over_all_choices_of_trials(better: Better) -> None:
    best = max if better == "max" else min
    for found in expected_best(SCORES, better):
        chosen = [[each for each in some if each is not None] for some in combinations(SCORES, found.trials)]
        assert found.score == pytest.approx(mean(best(some) for some in chosen if some), rel=1e-12)
        assert found.without == pytest.approx(mean(not some for some in chosen), rel=1e-12)


def test_one_trial_is_the_mean_and_all_are_the_best() -> None:
    found = expected_best([3.0, 1.0, 2.0], "min")
    assert [each.trials for each in found] == [1, 2, 3]
    assert (found[0].score, found[-1].score) == (pytest.approx(2.0), 1.0)


def test_trials_that_all_failed_have_none() -> None:
    assert [(each.score, each.without) for each in expected_best([None, None], "max")] == [(None, 1.0), (None, 1.0)]
