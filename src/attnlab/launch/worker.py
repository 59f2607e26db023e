"""One run in a process of its own, forked from one that has imported everything and computed nothing.

Such a run begins at once, and computes what it would alone: nothing of another run is left in it.
"""

import ctypes
import json
import os
import signal
import sys
import traceback
import warnings
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import NoReturn, TextIO

from attnlab.errors import one_line
from attnlab.launch.ending import Ended, of_the_machine
from attnlab.launch.stop import ALL, StopFlag, TrainingInterrupted

PR_SET_PDEATHSIG = 1
MOST_OF_AN_ERROR = 4000  # characters: a pipe holds more, so that none waits to be read
MOST_READ = 1 << 16


class Worker:
    """A process that does one run and ends; `SIGTERM` has it write its checkpoint first.

    Args:
        run: what is called in it.
        log: the file that all it prints is added to.
        gpus: the only ones it sees, by their names; none: as this process.
        flag: of the signals that this process listens to, and the new one from its first moment on.
    """

    def __init__(self, run: Callable[[], Ended], *, log: Path, gpus: Sequence[str], flag: StopFlag) -> None:
        self._receiver, sender = os.pipe()
        sys.stdout.flush()
        sys.stderr.flush()
        parent = os.getpid()
        # Python forgets what signals came in before a new process has got on its feet.
        before = signal.pthread_sigmask(signal.SIG_BLOCK, ALL)
        try:
            with warnings.catch_warnings():
                # NumPy's threads, which end before a fork.
                warnings.filterwarnings("ignore", message=".*multi-threaded.*", category=DeprecationWarning)
                self.pid = os.fork()
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
        if self.pid == 0:
            _work(run, log=log, gpus=gpus, flag=flag, parent=parent, sender=sender)
        os.close(sender)

    def ended(self) -> Ended | None:
        """How the run ended; None while it goes on. Not asked again afterwards."""
        found, status = os.waitpid(self.pid, os.WNOHANG)
        if not found:
            return None
        code = os.waitstatus_to_exitcode(status)
        said = os.read(self._receiver, MOST_READ) if code == 0 else b""
        os.close(self._receiver)
        if said:
            return Ended(*json.loads(said))
        self._end_group()
        return Ended("died", error=f"killed by signal {-code}" if code < 0 else f"ended with exit status {code}")

    def stop(self) -> None:
        """Have it stop at its next update, with a checkpoint."""
        os.kill(self.pid, signal.SIGTERM)

    def kill(self) -> None:
        """End it at once, with all that it has started."""
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        os.close(self._receiver)
        self._end_group()

    def _end_group(self) -> None:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, signal.SIGKILL)


def _work(
    run: Callable[[], Ended], *, log: Path, gpus: Sequence[str], flag: StopFlag, parent: int, sender: int
) -> NoReturn:
    try:
        _set_apart(flag, gpus=gpus, parent=parent)
        _write_to(log)
        outcome = run()
    except TrainingInterrupted as interrupted:
        outcome = Ended("interrupted", error=str(interrupted))
    except OSError as error:  # of its log, which a traceback would go to
        outcome = Ended("faulted", error=one_line(error))
    except BaseException as error:
        traceback.print_exc()
        outcome = Ended(of_the_machine(error) or "failed", error=one_line(error) or type(error).__name__)
    try:
        said = None if outcome.error is None else outcome.error[:MOST_OF_AN_ERROR]
        os.write(sender, json.dumps(outcome._replace(error=said)).encode())
        sys.stdout.flush()
        sys.stderr.flush()
    finally:
        # Nothing of the process that this one was forked from is to be wound up here.
        os._exit(0)


def _set_apart(flag: StopFlag, *, gpus: Sequence[str], parent: int) -> None:
    os.setsid()  # Ctrl-C in the terminal is for the parent, which tells its runs
    flag.without_terminals()
    end_with_parent()  # a run that outlived its parent would hold its folder against the same command
    if os.getppid() != parent:
        os._exit(1)
    for name in [each for each in os.environ if each.startswith("SLURM_")]:
        del os.environ[name]  # SLURM's job is the parent's: its signals are for that to answer
    if gpus:
        os.environ["CUDA_VISIBLE_DEVICES"] = ",".join(gpus)


def end_with_parent() -> None:
    """This process is killed when the one that forked it ends, however that ends; on Linux alone."""
    if sys.platform.startswith("linux"):
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def _write_to(log: Path) -> None:
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as output, open(os.devnull, "rb") as nothing:
        os.dup2(nothing.fileno(), 0)
        os.dup2(output.fileno(), 1)
        os.dup2(output.fileno(), 2)
    # Where this process prints by objects of its own, as in a notebook, it would be into the parent's.
    sys.stdout, sys.stderr = _line_by_line(1), _line_by_line(2)


def _line_by_line(number: int) -> TextIO:
    return os.fdopen(number, "w", buffering=1, encoding="utf-8", errors="backslashreplace", closefd=False)
