"""Signals that ask a run to stop. A handler only raises a flag, which training looks at between two batches.

With the standard library alone, so that a signal during the heavy imports is not lost.
"""

import os
import signal
import threading
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from enum import IntEnum
from types import FrameType
from typing import Any

from attnlab.language import Words
from attnlab.launch.place import under_slurm


class Wish(IntEnum):
    """What was asked for; of several processes' wishes the highest holds."""

    GO_ON = 0
    STOP = 1  # Ctrl-C, the terminal's end, or SIGTERM on a machine without SLURM
    AWAIT_END = 2  # SIGTERM from SLURM: preemption, the time limit or scancel
    REQUEUE = 3  # SIGUSR1 or SIGUSR2, which a job script asks for ahead of the time limit


class TrainingInterrupted(BaseException):
    """Training stopped at the user's or the cluster's wish; `last.ckpt` is written.

    Not an `Exception`, which a sweep would record as a failed job before it began the next.
    """

    def __init__(self, step: int) -> None:
        super().__init__(f"interrupted after update {step}")
        self.said = Words(str(self), f"在第 {step} 次更新之后中断")
        self.step = step


class RunsInterrupted(TrainingInterrupted):
    """Several runs stopped at once; those that had begun have written their `last.ckpt`."""

    def __init__(self, done: int, total: int) -> None:
        BaseException.__init__(self, f"interrupted with {done} of {total} runs done")
        self.said = Words(str(self), f"已中断，{total} 次运行中完成了 {done} 次")


SLURMS = (signal.SIGTERM,) + ((signal.SIGUSR1, signal.SIGUSR2) if os.name == "posix" else ())
ALL = (signal.SIGINT, *SLURMS) + ((signal.SIGHUP,) if os.name == "posix" else ())


def of_slurm() -> tuple[signal.Signals, ...]:
    """What SLURM may send a job at any time; nothing where there is none."""
    return SLURMS if under_slurm() else ()


class StopFlag:
    """What signals have asked for so far, and the handlers that they had before."""

    def __init__(self) -> None:
        self.wish = Wish.GO_ON
        self.interrupted = False
        self.terminated = False
        self.before: dict[int, Any] = {}
        self._terminals = [number for number in (1, 2) if os.isatty(number)]

    def receive(self, number: int, frame: FrameType | None) -> None:
        """The handler. Ctrl-C a second time ends the process at once."""
        if number == signal.SIGINT and self.interrupted:
            raise KeyboardInterrupt
        if _is_hangup(number):
            self._let_go_of_terminals()
        self.interrupted |= number == signal.SIGINT
        self.terminated |= number == signal.SIGTERM
        self.wish = max(self.wish, _wish(number))

    def _let_go_of_terminals(self) -> None:
        """What is printed from now on would be an error, before the checkpoint is written."""
        nowhere = os.open(os.devnull, os.O_WRONLY)
        for number in self._terminals:
            os.dup2(nowhere, number)
        os.close(nowhere)

    def without_terminals(self) -> None:
        """For a process whose output goes to a file from now on."""
        self._terminals = []

    def ignore_from_now_on(self) -> None:
        """For a process that has only to exit, and whose finished run a signal would make look like a failed one."""
        for number in self.before:
            signal.signal(number, signal.SIG_IGN)
            self.before[number] = signal.SIG_IGN


def _wish(number: int) -> Wish:
    if number not in SLURMS or not under_slurm():
        return Wish.STOP
    return Wish.AWAIT_END if number == signal.SIGTERM else Wish.REQUEUE


def _is_hangup(number: int) -> bool:
    return os.name == "posix" and number == signal.SIGHUP


_flag: StopFlag | None = None


@contextmanager
def listening(signals: Collection[signal.Signals]) -> Iterator[StopFlag]:
    """Raise a flag at these signals until the `with` ends; then their handlers are what they were before.

    Handlers belong to the process, hence one flag for all who listen, however nested. A thread can't have handlers:
    in one the flag is never raised.
    """
    global _flag
    outermost = _flag is None
    flag = _flag = _flag or StopFlag()
    added: list[signal.Signals] = []
    try:
        if threading.current_thread() is threading.main_thread():
            for each in signals:
                # nohup means a run to outlive its terminal.
                if each not in flag.before and not (_is_hangup(each) and signal.getsignal(each) == signal.SIG_IGN):
                    added.append(each)
                    flag.before[each] = signal.signal(each, flag.receive)
        yield flag
    finally:
        for number in added:
            signal.signal(number, flag.before.pop(number))
        if outermost:
            _flag = None
