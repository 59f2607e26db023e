"""Runs as jobs of SLURM, with one that tests play: what is sent, what is found again, and what becomes of each."""

import json
import os
import signal
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from attnlab.errors import UserError
from attnlab.launch import slurm_pool, slurm_queue
from attnlab.launch.ending import Ended
from attnlab.launch.local_pool import Job, Outcome
from attnlab.launch.pool_progress import Progress
from attnlab.launch.resources import Needs
from attnlab.launch.sent_runs import SentRuns
from attnlab.launch.slurm_pool import MISSES_UNTIL_GONE, SlurmPool
from attnlab.launch.slurm_queue import Asked, Queued
from attnlab.launch.slurm_run import SlurmRun
from attnlab.launch.stop import RunsInterrupted

DONE = Ended("finished", 0.5)


class Slurm:
    """Takes jobs, and does nothing with them but what a test has it do, between two looks at them."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder = folder
        self.queue: dict[str, Queued] | None = {}
        self.runs: dict[str, SlurmRun] = {}
        self.batches: list[tuple[Asked, int]] = []
        self.acts: list[Callable[[], Any]] = []
        monkeypatch.setattr(slurm_queue, "send", self.send)
        monkeypatch.setattr(slurm_queue, "queued", lambda: self.queue)
        monkeypatch.setattr(slurm_pool, "QUEUE_SECONDS", 0.0)
        monkeypatch.setattr(slurm_pool, "time", SimpleNamespace(sleep=self.act, monotonic=time.monotonic))

    def send(self, asked: Asked, calls: Sequence[Any], *, folder: Path) -> list[Any]:
        self.batches.append((asked, len(calls)))
        number = len(self.batches)
        names = [f"{number}_{index}" for index in range(len(calls))] if len(calls) > 1 else [str(number)]
        for name, call in zip(names, calls, strict=True):
            self.runs[name] = call
            self.becomes(name, "PENDING", folder)
        return [SimpleNamespace(job_id=name) for name in names]

    def act(self, seconds: float) -> None:
        assert self.acts, "the pool waits for what no test does"
        self.acts.pop(0)()

    def becomes(self, name: str, state: str, batch: Path | None = None) -> None:
        assert self.queue is not None
        self.queue[name] = Queued(state, (batch or self.queue[name].script.parent) / "x.sh")

    def begins(self, name: str) -> None:
        """Its Python has begun."""
        self.becomes(name, "RUNNING")
        self.says(name, {"status": "running", "began": time.time() - 40, "seconds": 0.0})

    def ends(self, name: str, ended: Ended = DONE) -> None:
        self.becomes(name, "COMPLETED")
        self.says(name, {**ended._asdict(), "began": 0.0, "seconds": 7.0})

    def says(self, name: str, said: dict[str, Any]) -> None:
        record = self.runs[name].record
        record.parent.mkdir(parents=True, exist_ok=True)
        record.write_text(json.dumps(said))

    def then(self, *acts: Callable[[], Any], nothing: int = 0) -> "Slurm":
        """What happens between looks, and afterwards so many times nothing."""
        self.acts += [*acts, *[lambda: None] * nothing]
        return self

    def pool(self, total: int) -> SlurmPool:
        """As a command begins with it."""
        return SlurmPool(
            asked=lambda job: Asked(self.folder / "slurm", 3, {"nodes": len(job.overrides), "tasks_per_node": 2}),
            sent=SentRuns(self.folder / "sent"),
            progress=Progress(total, shows_waiting=True),
        )

    def run(self, jobs: Sequence[Job]) -> dict[str, Ended]:
        return {each.job.name: each.ended for each in self.pool(len(jobs)).run(jobs)}


@pytest.fixture
def slurm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Slurm:
    return Slurm(tmp_path, monkeypatch)


def jobs(folder: Path, *names: str, **changed: Any) -> list[Job]:
    return [
        Job(overrides=("a",), output_dir=folder / name, train=lambda: DONE, name=name, needs=Needs(), **changed)
        for name in names
    ]


def killed(pool: SlurmPool, runs: Sequence[Job]) -> list[Outcome]:
    """What a command was told before it was killed in the midst of waiting."""
    told: list[Outcome] = []
    with pytest.raises(AssertionError, match="waits for what no test does"):
        told += pool.run(runs)
    return told


def test_each_run_is_a_job_and_told_when_it_ends(
    slurm: Slurm, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ill = Ended("diverged", error="the loss is nan")
    slurm.then(lambda: slurm.begins("1_1"), lambda: slurm.ends("1_1", ill), lambda: slurm.ends("1_0"))
    assert slurm.run(jobs(tmp_path, "x", "y")) == {"y": ill, "x": DONE}
    assert slurm.batches[0][1] == 2
    assert slurm.runs["1_0"].log == tmp_path / "x" / "train.log"
    said = capsys.readouterr().err
    assert "y began (0 of 2 done, 1 running, 1 waiting, 0 failed)" in said
    assert (
        f"y diverged: the loss is nan (see {tmp_path / 'y' / 'train.log'}) (1 of 2 done, 0 running, 1 waiting" in said
    )


def test_a_killed_command_finds_its_jobs_and_sends_none_twice(slurm: Slurm, tmp_path: Path) -> None:
    runs = jobs(tmp_path, "x", "y", "z")
    slurm.then(lambda: slurm.begins("1_0"), lambda: slurm.ends("1_2", Ended("failed", error="no")))
    [told] = killed(slurm.pool(3), runs)
    assert told.job.name == "z"
    slurm.ends("1_1", Ended("failed", error="out of memory"))  # while nobody waits
    slurm.then(lambda: slurm.ends("1_0"))
    assert slurm.run(runs[:2]) == {"y": Ended("failed", error="out of memory"), "x": DONE}
    assert len(slurm.batches) == 1


def test_a_command_that_is_killed_while_it_sends_finds_its_jobs_by_their_script(slurm: Slurm, tmp_path: Path) -> None:
    runs, sent = jobs(tmp_path, "x", "y"), SentRuns(tmp_path / "sent")
    killed(slurm.pool(2), runs)
    for job in runs:
        found = sent.of(job.output_dir)
        assert found is not None
        sent.note(job.output_dir, replace(found, job=None))
    slurm.then(lambda: slurm.ends("1_1"), lambda: slurm.ends("1_0"))
    assert slurm.run(runs) == {"y": DONE, "x": DONE}
    assert len(slurm.batches) == 1


@pytest.mark.parametrize("status", ["finished", "refused"])
def test_a_run_that_is_left_all_the_same_is_sent_again(status: Any, slurm: Slurm, tmp_path: Path) -> None:
    """What finished was damaged since; what was a mistake may be mended."""
    runs = jobs(tmp_path, "x")
    killed(slurm.pool(1), runs)
    slurm.ends("1", Ended(status))
    slurm.then(lambda: slurm.ends("2"))
    assert slurm.run(runs) == {"x": DONE}


def test_what_is_killed_while_it_runs_has_died_and_only_then(slurm: Slurm, tmp_path: Path) -> None:
    """SLURM may put a job back, or not answer for long."""

    def silent() -> None:
        slurm.queue, slurm.kept = None, slurm.queue  # type: ignore[attr-defined]

    def speaks() -> None:
        slurm.queue = slurm.kept  # type: ignore[attr-defined]
        slurm.becomes("1", "OUT_OF_MEMORY")

    slurm.then(lambda: slurm.begins("1"), lambda: slurm.becomes("1", "NODE_FAIL"), nothing=MISSES_UNTIL_GONE - 2)
    slurm.then(lambda: slurm.becomes("1", "PENDING"), lambda: slurm.begins("1"), silent, nothing=20)
    slurm.then(speaks, nothing=MISSES_UNTIL_GONE - 1)
    assert slurm.run(jobs(tmp_path, "x")) == {"x": Ended("died", error="job 1: OUT_OF_MEMORY")}
    slurm.then(lambda: slurm.ends("2"))
    assert slurm.run(jobs(tmp_path, "x")) == {"x": DONE}


def test_a_job_that_never_began_says_nothing_of_its_run(slurm: Slurm, tmp_path: Path) -> None:
    """It is sent again, and the second time a mistake of whoever asked for it."""
    slurm.then(lambda: slurm.becomes("1", "FAILED"), nothing=MISSES_UNTIL_GONE - 1)
    slurm.then(lambda: slurm.becomes("2", "FAILED"), nothing=MISSES_UNTIL_GONE - 1)
    [ended] = slurm.run(jobs(tmp_path, "x")).values()
    assert ended.status == "refused"
    assert ended.error is not None
    assert ended.error.startswith("its job 2 ended before the run began: FAILED (see ")
    assert ended.error.endswith("/2_0_log.err)")


def test_cancelled_jobs_are_not_sent_again_at_once(
    slurm: Slurm, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    runs = jobs(tmp_path, "x", "y")
    slurm.then(lambda: slurm.becomes("1_0", "CANCELLED"), nothing=MISSES_UNTIL_GONE)
    slurm.then(lambda: slurm.ends("1_1"))
    with pytest.raises(RunsInterrupted, match="interrupted with 1 of 2 runs done"):
        slurm.run(runs)
    assert "x was cancelled (job 1_0)" in capsys.readouterr().err
    slurm.then(lambda: slurm.ends("2"))
    assert slurm.run(runs[:1]) == {"x": DONE}


def test_ctrl_c_ends_the_waiting_alone(slurm: Slurm, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    runs = jobs(tmp_path, "x", "y")
    slurm.then(lambda: os.kill(os.getpid(), signal.SIGINT))
    with pytest.raises(RunsInterrupted, match="interrupted with 0 of 2 runs done"):
        slurm.run(runs)
    said = capsys.readouterr().err
    assert "left with SLURM: 2 jobs; the same command waits for them (or scancel 1)" in said
    slurm.then(lambda: slurm.ends("1_0"), lambda: slurm.ends("1_1"))
    assert slurm.run(runs) == {"x": DONE, "y": DONE}


def test_those_that_ask_for_the_same_are_one_array(slurm: Slurm, tmp_path: Path) -> None:
    [small, large], [tested] = jobs(tmp_path, "x", "y"), jobs(tmp_path, "z", is_one_process=True)
    large = Job(**{**vars(large), "overrides": ("a", "b")})
    slurm.then(*(lambda name=name: slurm.ends(name) for name in ("1", "2", "3")))  # type: ignore[misc]
    assert len(slurm.run([small, large, tested])) == 3
    found = [(asked.parameters["nodes"], asked.parameters["tasks_per_node"]) for asked, _ in slurm.batches]
    assert found == [(1, 2), (2, 2), (1, 1)]


def test_jobs_that_are_refused_are_sent_by_the_next_command(
    slurm: Slurm, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: Any, **__: Any) -> list[Any]:
        raise UserError("SLURM refuses these jobs")

    monkeypatch.setattr(slurm_queue, "send", refuse)
    with pytest.raises(UserError, match="SLURM refuses"):
        slurm.run(jobs(tmp_path, "x"))
    monkeypatch.setattr(slurm_queue, "send", slurm.send)
    slurm.then(lambda: slurm.ends("1"))
    assert slurm.run(jobs(tmp_path, "x")) == {"x": DONE}
