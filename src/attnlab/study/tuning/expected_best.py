"""What tuning is worth: the best score of validation that so many trials give on average."""

from collections.abc import Sequence
from math import comb
from typing import NamedTuple

from attnlab.tasks.task import Better


class ExpectedBest(NamedTuple):
    """Of so many trials drawn from those that were made.

    `score`: the expected best of those draws of which a trial has a score; None where none has. `without`: the share of
    draws of which none has.
    """

    trials: int
    score: float | None
    without: float


def expected_best(scores: Sequence[float | None], better: Better) -> list[ExpectedBest]:
    """For 1, 2, ... to all N trials, drawn without replacement from these scores, None of a trial that failed.

    E[best of n] = sum_r v_(r) C(r-1, n-1) / C(N, n), v_(r) the r-th from the worst: the best of n is that one if the
    other n-1 are among the r-1 worse. Exact, where Dodge et al. (2019, eq. 7) draw with replacement; a trial that
    failed is worse than any other.
    """
    known = sorted((score for score in scores if score is not None), reverse=better == "min")
    failed, total = len(scores) - len(known), len(scores)
    found = []
    for num in range(1, total + 1):
        ways = comb(total, num)
        without = comb(failed, num)
        expected = None
        if ways > without:
            # Ranks from 1; those that failed have the first.
            weights = [comb(failed + place, num - 1) for place in range(len(known))]
            expected = sum(weight / (ways - without) * score for weight, score in zip(weights, known, strict=True))
        found.append(ExpectedBest(num, expected, without / ways))
    return found
