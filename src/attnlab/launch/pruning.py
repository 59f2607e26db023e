"""Whether a run is worth going on with, asked of the study that drew its values."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

# Told the update and the monitored score of a validation; whether the run should end here.
Judge = Callable[[int, float], bool]

_judge: ContextVar[Judge | None] = ContextVar("judge", default=None)


class Pruned(Exception):
    """A run was ended because its validation scores promise less than others'."""

    def __init__(self, step: int) -> None:
        super().__init__(f"pruned at update {step}")


@contextmanager
def judged_by(judge: Judge | None) -> Iterator[None]:
    """Have `judge` asked by every run that is trained within."""
    token = _judge.set(judge)
    try:
        yield
    finally:
        _judge.reset(token)


def judge_of_this_run() -> Judge | None:
    """Who is to be asked of the run that is about to train, if anybody."""
    return _judge.get()
