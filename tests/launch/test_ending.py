"""How a run ended is told from what came out of it."""

import math

import pytest

from attnlab.errors import UserError
from attnlab.launch.ending import Ended, ended
from attnlab.launch.pruning import Pruned
from attnlab.launch.stop import TrainingInterrupted


def _raising(error: BaseException) -> float:
    raise error


@pytest.mark.parametrize(
    "error, expected",
    [
        (Pruned(7), Ended("pruned")),
        (UserError("dim must be 1 or more,\n got 0"), Ended("refused", error="dim must be 1 or more, got 0")),
        (FloatingPointError("nan at 3"), Ended("diverged", error="nan at 3")),
        (MemoryError(), Ended("failed", error="MemoryError")),
    ],
)
def test_an_error_is_how_a_run_ended(error: Exception, expected: Ended) -> None:
    assert ended(lambda: _raising(error)) == expected


def test_a_run_may_finish_without_a_score() -> None:
    assert ended(lambda: 0.5) == Ended("finished", 0.5)
    assert ended(lambda: math.nan) == Ended("finished", None)


def test_an_interruption_is_for_who_asked_for_the_run() -> None:
    with pytest.raises(TrainingInterrupted):
        ended(lambda: _raising(TrainingInterrupted(3)))
