"""Runs side by side on this machine, each in a process of its own that begins with everything imported."""

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from attnlab.launch import stop
from attnlab.launch.ending import Ended
from attnlab.launch.pool_progress import Progress
from attnlab.launch.requeue import leave
from attnlab.launch.resources import Needs, Place, Room
from attnlab.launch.worker import Worker

LOG = "train.log"  # in the run's folder, where Hydra's log of the run is, too
PAUSE_SECONDS = 0.05


@dataclass(frozen=True, kw_only=True)
class Job:
    """One run.

    Attributes:
        overrides: what it is asked for.
        output_dir: its folder; no two at once have the same.
        train: what trains it, in a process of its own; it gets on from where an earlier one was stopped.
        name: by which the terminal knows it.
        needs: cores or GPUs that it takes.
        fresh: whether it begins anew where a finished run is.
        is_one_process: whether it is one, however many `overrides` ask for.
        again: what gets on with it where a job of a cluster is put back in the queue; None: `train`.
    """

    overrides: tuple[str, ...]
    output_dir: Path
    train: Callable[[], Ended]
    name: str
    needs: Needs
    fresh: bool = False
    is_one_process: bool = False
    again: Callable[[], Ended] | None = None


class Outcome(NamedTuple):
    """A run that has ended, and how."""

    job: Job
    ended: Ended
    seconds: float


class _Running(NamedTuple):
    job: Job
    worker: Worker
    place: Place
    began: float


class LocalPool:
    """As many runs at a time as there is room for; one that dies is one failed run, and the others go on.

    The process that holds it has imported what the runs need and computed nothing with it, no thread of its own runs,
    and CUDA isn't in use: its forked copies compute what a run alone computes.

    Args:
        room: cores and GPUs for them.
        progress: what is shown of them.
    """

    def __init__(self, *, room: Room, progress: Progress) -> None:
        self.room, self.progress = room, progress

    def run(self, jobs: Iterable[Job]) -> Iterator[Outcome]:
        """Begin them in their order, each asked for when there may be room for it, and tell of each when it ends.

        Ctrl-C, SIGTERM and SIGHUP stop all at their next updates, with checkpoints; Ctrl-C again ends them at once, as
        does whoever stops asking for outcomes.

        Raises:
            RunsInterrupted: by a signal, when all have stopped; the same jobs go on from there.
        """
        queue = _Queue(jobs)
        running: list[_Running] = []
        stopping = False
        with stop.listening(stop.ALL) as flag:
            try:
                while True:
                    if flag.wish == stop.Wish.GO_ON:
                        self._begin(queue, running, flag)
                    elif not stopping:
                        stopping = True
                        self._stop(running)
                    if not running:
                        break
                    yield from self._ended(running)
                    self.progress.tick()
                    time.sleep(PAUSE_SECONDS)
            finally:
                for each in running:
                    each.worker.kill()
                self.progress.close()
            if stopping and self.progress.done < self.progress.total:
                leave(flag, flag.wish)
                raise stop.RunsInterrupted(self.progress.done, self.progress.total)

    def _begin(self, queue: "_Queue", running: list[_Running], flag: stop.StopFlag) -> None:
        """All that there is room for."""
        while (job := queue.next_beside({each.job.output_dir for each in running})) is not None:
            if (place := self.room.take(job.needs)) is None:
                queue.put_back(job)
                return
            worker = Worker(job.train, log=job.output_dir / LOG, gpus=place.gpus, flag=flag)
            running.append(_Running(job, worker, place, time.monotonic()))
            self.progress.began(job.name, trained=not job.fresh and (job.output_dir / "metrics.json").exists())

    def _ended(self, running: list[_Running]) -> Iterator[Outcome]:
        for each in list(running):
            if (ended := each.worker.ended()) is None:
                continue
            running.remove(each)
            self.room.give_back(each.place)
            seconds = time.monotonic() - each.began
            self.progress.ended(each.job.name, ended, log=each.job.output_dir / LOG)
            yield Outcome(each.job, ended, seconds)

    def _stop(self, running: list[_Running]) -> None:
        self.progress.stopping()
        for each in running:
            each.worker.stop()


class _Queue:
    """Jobs in their order, but for one whose folder another is still at work in."""

    def __init__(self, jobs: Iterable[Job]) -> None:
        self._jobs = iter(jobs)
        self._waiting: list[Job] = []

    def next_beside(self, folders: set[Path]) -> Job | None:
        """The first whose folder isn't among these; None where there is none."""
        for job in self._waiting:
            if job.output_dir not in folders:
                self._waiting.remove(job)
                return job
        for job in self._jobs:
            if job.output_dir not in folders:
                return job
            self._waiting.append(job)
        return None

    def put_back(self, job: Job) -> None:
        """It is the first again."""
        self._waiting.insert(0, job)
