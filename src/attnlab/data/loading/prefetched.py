"""Batches that other processes make ahead of their use."""

import re
import signal
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence, Sized
from contextlib import contextmanager
from multiprocessing.process import BaseProcess
from typing import Any, cast

import torch
from torch._C import _remove_worker_pids
from torch.utils.data import DataLoader, Dataset
from torch.utils.data.dataloader import _MultiProcessingDataLoaderIter

from attnlab.errors import Fault, UserError

TICKS = 20  # of a wait
LOST = re.compile(r"DataLoader worker .*?(is killed by signal: [^.]+|exited unexpectedly)")


class Prefetched:
    """What `make` gives for each item of `order`, in order, made by `num_workers` processes (0: by this one).

    An item says all that a batch depends on, so that the number of processes changes nothing. `make` is sent to them.

    Args:
        timeout: seconds that may pass until they have made the next one; 0 for any number.

    Raises:
        Fault: they passed.
        UserError: as `make` did, in whichever process.
    """

    def __init__(
        self, order: Iterable[Any], make: Callable[[Any], Any], *, num_workers: int, timeout: float = 0
    ) -> None:
        self.order, self.make, self.num_workers, self.timeout = order, make, num_workers, timeout

    def __len__(self) -> int:
        """TypeError where the order has no end."""
        return len(cast(Sized, self.order))

    def __iter__(self) -> Iterator[Any]:
        if not self.num_workers:
            yield from map(self.make, self.order)
            return
        loader = DataLoader(
            _Made(self.make),
            sampler=self.order,
            batch_size=None,
            num_workers=self.num_workers,
            collate_fn=_as_it_is,
            generator=torch.Generator(),  # a loader draws a seed: not from the generator of the run
        )
        batches = iter(loader)
        assert isinstance(batches, _MultiProcessingDataLoaderIter)
        watch = _Watch(batches._workers, seconds=self.timeout)
        try:
            while (batch := self._next(batches, watch)) is not _DONE:
                if isinstance(batch, _Refusal):
                    raise UserError(batch.message)
                yield batch
        finally:
            watch.end()

    def _next(self, batches: _MultiProcessingDataLoaderIter, watch: "_Watch") -> Any:
        """The next batch, or `_DONE`; whatever else comes of it, the processes are gone."""
        try:
            with watch.waiting():
                return next(batches, _DONE)
        except BaseException as error:
            dead = [each.exitcode for each in batches._workers if each.exitcode]
            _kill(batches)
            if watch.expired:
                raise Fault(
                    f"a batch must be made within {self.timeout:g} s, got none from {self.num_workers} processes (set "
                    "a larger data.worker_timeout, or data.num_workers=0)"
                ) from error
            if dead and isinstance(error, (RuntimeError, OSError, EOFError)):
                raise Fault(_lost(_end_of(dead[0]))) from error
            raise


def lost_worker(error: Exception) -> str | None:
    """What to tell where torch says that a process which made batches has ended; it may say so anywhere in a run."""
    found = LOST.search(" ".join(str(error).split())) if isinstance(error, RuntimeError) else None
    return None if found is None else _lost(found[1])


def _end_of(code: int) -> str:
    return f"ended with exit status {code}" if code > 0 else f"was killed by {signal.Signals(-code).name}"


def _lost(how: str) -> str:
    return (
        f"the processes that make batches must live, got one that {how} (where memory is short, set a lower "
        "data.num_workers, or 0, which needs none that is shared)"
    )


def _kill(batches: _MultiProcessingDataLoaderIter) -> None:
    """End the processes though they hang or are stopped, which torch and Python would wait for."""
    _remove_worker_pids(id(batches))  # or torch's handler would take their end for an error
    batches._worker_pids_set, batches._shutdown = False, True
    for process in batches._workers:
        process.kill()


class _Watch:
    """Kills processes that are waited for too long, on which the wait ends, whatever it is for.

    torch's own limit is of the wait for a batch's name, and not of that for its content, which a process that is
    stopped never sends. Time is told in `TICKS` waits of a thread, so that it doesn't pass while this process itself
    is stopped, as by Ctrl-Z.
    """

    def __init__(self, processes: Sequence[BaseProcess], *, seconds: float) -> None:
        self.expired = False
        self._processes, self._tick, self._ticks = processes, seconds / TICKS, 0
        self._waits, self._ended = False, threading.Event()
        if seconds:
            threading.Thread(target=self._run, daemon=True).start()

    @contextmanager
    def waiting(self) -> Iterator[None]:
        """Within it time passes."""
        self._ticks, self._waits = 0, True
        try:
            yield
        finally:
            self._waits = False

    def end(self) -> None:
        """Watch no longer."""
        self._ended.set()

    def _run(self) -> None:
        while not self._ended.wait(self._tick):
            self._ticks += 1
            if self._waits and self._ticks > TICKS:
                self.expired = True
                for process in self._processes:
                    process.kill()
                return


_DONE = object()


class _Refusal:
    """A user's mistake on its way here: raised over there, it would arrive with that process's traceback."""

    def __init__(self, message: str) -> None:
        self.message = message


class _Made(Dataset[Any]):
    def __init__(self, make: Callable[[Any], Any]) -> None:
        self.make = make

    def __getitem__(self, item: Any) -> Any:
        try:
            return self.make(item)
        except UserError as error:
            return _Refusal(str(error))


def _as_it_is(batch: Any) -> Any:
    return batch
