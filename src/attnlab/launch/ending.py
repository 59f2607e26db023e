"""How a run ended, told by what came out of it."""

import logging
import math
from collections.abc import Callable
from typing import Literal, NamedTuple

from attnlab.errors import UserError
from attnlab.launch.pruning import Pruned

log = logging.getLogger(__name__)

Status = Literal["finished", "pruned", "refused", "diverged", "failed", "died", "interrupted"]
DONE: tuple[Status, ...] = ("finished", "pruned")


class Ended(NamedTuple):
    """What became of a run, and its score if it has one."""

    status: Status
    score: float | None = None
    error: str | None = None


def ended(run: Callable[[], float]) -> Ended:
    """How `run` ends, which returns the score, NaN without one; an interruption alone goes on to the caller."""
    error: Exception
    status: Status
    try:
        score = run()
    except Pruned as pruned:
        log.info("%s", pruned)
        return Ended("pruned")
    except UserError as mistake:
        error, status = mistake, "refused"
    except FloatingPointError as diverged:
        error, status = diverged, "diverged"
    except Exception as failure:
        error, status = failure, "failed"
        log.exception("this run failed")
    else:
        return Ended("finished", None if math.isnan(score) else score)
    return Ended(status, error=" ".join(str(error).split()) or type(error).__name__)
