"""How a run ended is told from what came out of it."""

import errno
import math

import pytest

from attnlab.errors import UserError
from attnlab.launch.ending import Ended, ended, without_memory
from attnlab.launch.pruning import Pruned
from attnlab.launch.stop import TrainingInterrupted


def _raising(error: BaseException) -> float:
    raise error


def _from(error: Exception, cause: Exception) -> Exception:
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    "error, expected",
    [
        (Pruned(7), Ended("pruned")),
        (UserError("dim must be 1 or more,\n got 0"), Ended("refused", error="dim must be 1 or more, got 0")),
        (FloatingPointError("nan at 3"), Ended("diverged", error="nan at 3")),
        (TypeError("no such size"), Ended("failed", error="no such size")),
        (RuntimeError("out of resource: shared memory, required 200, limit 100"), None),
        (MemoryError(), Ended("out of memory", error="MemoryError")),
        (RuntimeError("CUDA out of memory. Tried to allocate"), "out of memory"),
        (RuntimeError("[enforce fail] DefaultCPUAllocator: can't allocate memory: you tried"), "out of memory"),
        (OSError(errno.ENOMEM, "Cannot allocate memory"), "out of memory"),
        (OSError(errno.ENOSPC, "No space left on device", "x"), "faulted"),
        (FileNotFoundError(errno.ENOENT, "No such file", "x"), "faulted"),
        (_from(RuntimeError("writing failed"), OSError(errno.EIO, "Input/output error")), "faulted"),
        (_from(UserError("can't write x (set output_dir)"), OSError(errno.ENOSPC, "No space left")), "faulted"),
        (_from(UserError("no such file, got x"), FileNotFoundError(errno.ENOENT, "No such file")), "refused"),
    ],
)
def test_an_error_is_how_a_run_ended(error: Exception, expected: Ended | str | None) -> None:
    found = ended(lambda: _raising(error))
    assert found == expected if isinstance(expected, Ended) else found.status == (expected or "failed")


def test_a_mistake_that_is_raised_again_from_its_own_effect_is_told_once_and_for_all() -> None:
    mistake = UserError("dim must be 1 or more, got 0")
    mistake.__cause__ = _from(RuntimeError("building failed"), mistake)
    assert ended(lambda: _raising(mistake)) == Ended("refused", error="dim must be 1 or more, got 0")
    assert without_memory(mistake) is None
    alone = UserError("no such name")
    assert ended(lambda: _raising(_from(alone, alone))).status == "refused"


def test_a_run_may_finish_without_a_score() -> None:
    assert ended(lambda: 0.5) == Ended("finished", 0.5)
    assert ended(lambda: math.nan) == Ended("finished", None)


def test_an_interruption_is_for_who_asked_for_the_run() -> None:
    with pytest.raises(TrainingInterrupted):
        ended(lambda: _raising(TrainingInterrupted(3)))
