"""Runs as jobs of SLURM, waited for by a command that may be killed and given again meanwhile."""

import json
import secrets
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from attnlab.language import either
from attnlab.launch import slurm_queue, stop
from attnlab.launch.ending import Ended
from attnlab.launch.local_pool import LOG, Job, Outcome
from attnlab.launch.pool_progress import Progress
from attnlab.launch.requeue import leave
from attnlab.launch.sent_runs import Sent, SentRuns
from attnlab.launch.slurm_queue import Asked, Queued
from attnlab.launch.slurm_run import SlurmRun, Told, told
from attnlab.reading.shown import tell

LOOK_SECONDS = 1.0  # between looks at what jobs have on record
QUEUE_SECONDS = 5.0  # between questions to SLURM, which serves others, too
# What a job has on record may be seen later than its end, on a network file system.
MISSES_UNTIL_GONE = 3
# Ends that are told although nobody waited for them: the same run would come to the same.
LASTING = ("failed", "diverged")


@dataclass(eq=False)
class _Watched:
    """A job that is waited for."""

    job: Job
    sent: Sent
    is_running: bool = False
    misses: int = 0


class SlurmPool:
    """As many runs at a time as SLURM has room for; one that dies is one failed run, and the others go on.

    Args:
        asked: what a run asks of SLURM.
        sent: on record, of this command and of others.
        progress: what is shown of them.
    """

    def __init__(self, *, asked: Callable[[Job], Asked], sent: SentRuns, progress: Progress) -> None:
        self.asked, self.sent, self.progress = asked, sent, progress
        self._watched: list[_Watched] = []
        self._sent_again: set[Path] = set()
        self._asked_at = float("-inf")

    def run(self, jobs: Iterable[Job]) -> Iterator[Outcome]:
        """Send those that no job does yet, and tell of each run when it ends.

        Ctrl-C, SIGTERM and SIGHUP end the waiting alone: the jobs stay with SLURM, and the same ones are waited for
        next time.

        Raises:
            RunsInterrupted: by a signal, or when all others have ended and jobs were cancelled.
            UserError: SLURM refuses the jobs.
        """
        with stop.listening(stop.ALL) as flag:
            try:
                yield from self._begin(list(jobs), flag)
                while flag.wish == stop.Wish.GO_ON:
                    yield from self._ended()
                    if not self._watched:
                        break
                    self.progress.tick()
                    time.sleep(LOOK_SECONDS)
                if self._watched:
                    self._say_who_stays()
            finally:
                self.progress.close()
            if self.progress.done < self.progress.total:
                leave(flag, flag.wish)
                raise stop.RunsInterrupted(self.progress.done, self.progress.total)

    def _begin(self, jobs: Sequence[Job], flag: stop.StopFlag) -> Iterator[Outcome]:
        """Take up what is with SLURM already, and send the rest; what has failed meanwhile is told at once."""
        if flag.wish:
            return
        over: list[tuple[_Watched, Told]] = []
        with self.sent.alone():
            before = {job.output_dir: self.sent.of(job.output_dir) for job in jobs}
            known = self._known(flag) if any(before.values()) else {}
            if known is None:
                return
            left = []
            for job in jobs:
                sent = before[job.output_dir]
                found = None if sent is None else told(sent.record)
                if sent is not None and found is not None and found.ended is not None:
                    if found.ended.status in LASTING:
                        over.append((_Watched(job, sent), found))
                    else:  # the run is left all the same: it was damaged since, or a mistake may be mended by now
                        left.append(job)
                elif sent is not None and (alive := sent.among(known)) is not None and alive[1].is_alive:
                    self._watched.append(_Watched(job, replace(sent, job=alive[0])))
                else:
                    left.append(job)
            if self._watched:
                with_slurm = _count(self._watched)
                self.progress.note(either(f"with SLURM already: {with_slurm}", f"已在 SLURM 中：{with_slurm}"))
            self._send(left)
        for watched, found in over:
            yield self._outcome(watched, found)

    def _known(self, flag: stop.StopFlag) -> dict[str, Queued] | None:
        """What SLURM knows, as soon as it answers; None where a signal ends the waiting."""
        while flag.wish == stop.Wish.GO_ON:
            if (found := slurm_queue.queued()) is not None:
                return found
            time.sleep(QUEUE_SECONDS)
        return None

    def _send(self, jobs: Sequence[Job]) -> None:
        """As one array of all that ask for the same."""
        alike: dict[str, tuple[Asked, list[Job]]] = {}
        for job in jobs:
            asked = self.asked(job)
            asked = asked.for_one_process() if job.is_one_process else asked
            alike.setdefault(json.dumps(asked.parameters, sort_keys=True), (asked, []))[1].append(job)
        for asked, group in alike.values():
            batch = asked.folder / secrets.token_hex(4)
            sent = [Sent(batch, number, None) for number in range(len(group))]
            runs = []
            for job, each in zip(group, sent, strict=True):
                # Beforehand, or the next command would send again what one that is killed now has sent.
                self.sent.note(job.output_dir, each)
                log = job.output_dir.absolute() / LOG
                runs.append(SlurmRun(job.train, again=job.again or job.train, log=log, record=each.record))
            names = [str(job.job_id) for job in slurm_queue.send(asked, runs, folder=batch)]
            for job, each, name in zip(group, sent, names, strict=True):
                self.sent.note(job.output_dir, replace(each, job=name))
                self._watched.append(_Watched(job, replace(each, job=name)))
            number = _count(group)
            self.progress.note(
                either(
                    f"sent to SLURM: {number}, from {names[0]} on (output in {batch})",
                    f"已提交给 SLURM：{number}，从 {names[0]} 起（输出在 {batch}）",
                )
            )

    def _ended(self) -> Iterator[Outcome]:
        """Those that have ended since the last look."""
        queue = None
        if time.monotonic() - self._asked_at >= QUEUE_SECONDS:
            queue = slurm_queue.queued()
            self._asked_at = time.monotonic()
        for each in list(self._watched):
            found = told(each.sent.record)
            if found is not None and found.ended is not None:
                yield self._outcome(each, found)
            elif queue is not None and (outcome := self._looked_up(each, found, queue)) is not None:
                yield outcome

    def _looked_up(self, each: _Watched, found: Told | None, queue: dict[str, Queued]) -> Outcome | None:
        """By what SLURM says of a job whose run hasn't ended by its own word."""
        known = each.sent.among(queue)
        if known is not None and known[1].is_alive:
            each.misses = 0
            self._show(each, found, waits=known[1].state == "PENDING")
            return None
        each.misses += 1
        if each.misses < MISSES_UNTIL_GONE:
            return None
        state = "it is gone" if known is None else known[1].state
        if state == "CANCELLED":
            return self._outcome(each, Told(Ended("interrupted", error=f"was cancelled (job {each.sent.job})"), 0.0))
        if found is not None:
            return self._outcome(each, Told(Ended("died", error=f"job {each.sent.job}: {state}"), found.seconds))
        if each.job.output_dir in self._sent_again:
            said = f"its job {each.sent.job} ended before the run began: {state} (see {each.sent.output})"
            return self._outcome(each, Told(Ended("refused", error=said), 0.0))
        self._send_again(each)
        return None

    def _send_again(self, each: _Watched) -> None:
        """A job that ended before its run began is no word on the run: a node may have failed, or who sent it."""
        self._sent_again.add(each.job.output_dir)
        self._watched.remove(each)
        name, number = each.job.name, each.sent.job
        self.progress.note(
            either(
                f"{name} is sent again: its job {number} ended before it began",
                f"重新提交 {name}：作业 {number} 未开始就结束了",
            )
        )
        with self.sent.alone():
            self._send([each.job])

    def _show(self, each: _Watched, found: Told | None, *, waits: bool) -> None:
        runs = found is not None and not waits
        if runs == each.is_running:
            return
        each.is_running = runs
        if runs and found is not None:
            self.progress.began(each.job.name, trained=False, seconds=found.seconds)
        else:
            self.progress.put_back(each.job.name)

    def _outcome(self, each: _Watched, found: Told) -> Outcome:
        ended = found.ended
        assert ended is not None
        if each in self._watched:
            self._watched.remove(each)
        # Before it is told: what is told once must not be told to the next command.
        self.sent.forget(each.job.output_dir, each.sent)
        if not each.is_running:
            self.progress.began(each.job.name, trained=False, seconds=found.seconds)
        self.progress.ended(each.job.name, ended, log=each.job.output_dir / LOG)
        return Outcome(each.job, ended, found.seconds)

    def _say_who_stays(self) -> None:
        arrays = dict.fromkeys(str(each.sent.job).split("_")[0] for each in self._watched)
        self.progress.close()
        number, cancel = _count(self._watched), f"scancel {' '.join(arrays)}"
        tell(
            either(
                f"left with SLURM: {number}; the same command waits for them (or {cancel})",
                f"留在 SLURM 中：{number}；再次执行同一命令即等待它们（或 {cancel}）",
            )
        )


def _count(jobs: Sequence[object]) -> str:
    number = len(jobs)
    return either("1 job" if number == 1 else f"{number} jobs", f"{number} 个作业")
