"""How a run leaves a SLURM job: put back in the queue, by whoever may."""

import os
import signal
import subprocess
from pathlib import Path

import pytest

from attnlab.launch import requeue, stop
from attnlab.launch.stop import Wish

SLURM = {"SLURM_JOB_ID": "7", "SLURM_JOB_NAME": "attnlab"}


@pytest.fixture(autouse=True)
def _outside(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [each for each in os.environ if each.startswith("SLURM_")] + ["RANK", "LOCAL_RANK", "NODE_RANK"]:
        monkeypatch.delenv(name, raising=False)


def _fake_scontrol(folder: Path, monkeypatch: pytest.MonkeyPatch, *, status: int) -> Path:
    """A scontrol that writes down what it is asked."""
    asked = folder / "asked"
    folder.joinpath("scontrol").write_text(f'#!/bin/sh\necho "$@" >> {asked}\nexit {status}\n')
    folder.joinpath("scontrol").chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")
    return asked


@pytest.mark.parametrize(
    "environment, job", [({}, "7"), ({"SLURM_ARRAY_JOB_ID": "5", "SLURM_ARRAY_TASK_ID": "2"}, "5_2")]
)
def test_the_first_process_puts_the_job_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], job: str
) -> None:
    for name, value in {**SLURM, **environment}.items():
        monkeypatch.setenv(name, value)
    asked = _fake_scontrol(tmp_path, monkeypatch, status=0)
    flag = stop.StopFlag()
    flag.terminated = True  # so that it doesn't wait for SLURM to end it
    requeue.leave(flag, Wish.REQUEUE)
    assert asked.read_text() == f"requeue {job}\n"
    monkeypatch.setenv("SLURM_STEP_ID", "0")
    monkeypatch.setenv("SLURM_PROCID", "1")
    requeue.leave(flag, Wish.REQUEUE)
    assert asked.read_text().count("\n") == 1


def test_a_job_that_cannot_be_put_back_is_said_and_left_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    for name, value in SLURM.items():
        monkeypatch.setenv(name, value)
    _fake_scontrol(tmp_path, monkeypatch, status=1)
    requeue.leave(stop.StopFlag(), Wish.REQUEUE)
    assert "job 7 can't be put back in the queue" in caplog.text


def test_submitit_puts_its_own_jobs_back(monkeypatch: pytest.MonkeyPatch) -> None:
    heard: list[int] = []
    flag = stop.StopFlag()
    flag.before = {signal.SIGUSR2: lambda number, frame: heard.append(number)}
    flag.terminated = True
    requeue.leave(flag, Wish.REQUEUE)
    assert heard == [signal.SIGUSR2]


@pytest.mark.parametrize("status, put_back", [(-signal.SIGTERM, True), (1, False)])
def test_submitits_scontrol_may_be_ended_by_the_requeue_it_asked_for(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, status: int, put_back: bool
) -> None:
    """SLURM signals it as one of the job's processes: the job is on its way back, and waits for its end."""

    def handler(number: int, frame: None) -> None:
        raise subprocess.CalledProcessError(status, ["scontrol", "requeue", "7"])

    naps: list[float] = []
    flag = stop.StopFlag()
    flag.before = {signal.SIGUSR2: handler}

    def ended(seconds: float) -> None:
        naps.append(seconds)
        flag.terminated = True

    monkeypatch.setattr("time.sleep", ended)
    requeue.leave(flag, Wish.REQUEUE)
    assert bool(naps) is put_back
    assert ("can't be put back in the queue" in caplog.text) is not put_back
