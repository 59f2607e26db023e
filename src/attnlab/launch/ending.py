"""How a run ended, told by what came out of it."""

import errno
import logging
import math
import re
from collections.abc import Callable
from typing import Final, Literal, NamedTuple

from attnlab.errors import Fault, OwnCodeError, UserError, causes
from attnlab.launch.pruning import Pruned

log = logging.getLogger(__name__)

Status = Literal[
    "finished", "pruned", "refused", "diverged", "failed", "died", "interrupted", "faulted", "out of memory"
]
IN_CHINESE: Final[dict[Status, str]] = {
    "finished": "已完成",
    "pruned": "提前结束",
    "refused": "被拒绝",
    "diverged": "发散",
    "failed": "失败",
    "died": "已终止",
    "interrupted": "被中断",
    "faulted": "机器故障",
    "out of memory": "内存不足",
}
DONE: tuple[Status, ...] = ("finished", "pruned")
# What a disk without room, or one that can't be written or read, says of whatever file.
FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EIO)
# Of torch's and CUDA's RuntimeErrors, which have no kind of their own; a kernel's own limit is none of these.
NO_MEMORY = re.compile(
    r"out of memory|(can't|cannot|not able to) allocate memory|ALLOC_FAILED|out of shared memory", re.I
)

ASKED = re.compile(r"(?:tried|unable) to allocate ([\d.]+) ?(bytes|[KMGT]iB)", re.I)


class Ended(NamedTuple):
    """What became of a run, and its score if it has one.

    One that `faulted`, or ran out of memory, met with what is wrong with the machine, and tells nothing of itself.
    """

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
        error, status = mistake, of_the_machine(mistake) or ("died" if isinstance(mistake, Fault) else "refused")
    except FloatingPointError as diverged:
        error, status = diverged, "diverged"
    except OwnCodeError as failure:  # the run's log has its traceback
        error, status = failure, of_the_machine(failure) or "failed"
    except Exception as failure:
        error, status = failure, of_the_machine(failure) or "failed"
        log.exception("this run failed")
    else:
        return Ended("finished", None if math.isnan(score) else score)
    return Ended(status, error=" ".join(str(error).split()) or type(error).__name__)


def of_the_machine(error: BaseException) -> Status | None:
    """Whether an error, or what it came from, is the machine's fault: no memory, or files that can't be had."""
    if without_memory(error) is not None:
        return "out of memory"
    for each in causes(error):
        # A user's mistake is that of naming a file that isn't there.
        if isinstance(each, OSError) and (each.errno in FULL or not isinstance(error, UserError)):
            return "faulted"
    return None


def without_memory(error: BaseException) -> BaseException | None:
    """What of an error, of its causes or of what it met with on the way tells of memory that gave out."""
    # torch's writer gives up with an error of its own kind, in whose midst Python's own was.
    for each in causes(error, or_midst=True):
        if isinstance(each, MemoryError) or (isinstance(each, OSError) and each.errno == errno.ENOMEM):
            return each
        if isinstance(each, RuntimeError) and NO_MEMORY.search(str(each)):
            return each
    return None


def untold_without_memory(error: BaseException) -> BaseException | None:
    """Likewise, unless the user is told already, of a picture that is too large, say, in other words than torch's."""
    if isinstance(error, UserError) and not NO_MEMORY.search(str(error)):
        return None
    return without_memory(error)


def amount_asked(error: BaseException) -> str:
    """` where ... more were asked for`, of an error that tells of memory; nothing where it doesn't say."""
    found = ASKED.search(" ".join(str(error).split()))
    if found is None:
        return ""
    number, unit = float(found[1]), found[2]
    if unit.lower() == "bytes":
        number, unit = (number / 2**30, "GiB") if number >= 2**30 else (number / 2**20, "MiB")
    return f" where {number:.3g} {unit} more were asked for"
