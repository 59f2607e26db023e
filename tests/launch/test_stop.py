"""Signals raise a flag that training agrees on; what becomes of a job is SLURM's own doing."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from attnlab.launch import place, requeue, stop
from attnlab.launch.stop import Wish

SLURM = {"SLURM_JOB_ID": "7", "SLURM_JOB_NAME": "attnlab"}


@pytest.fixture(autouse=True)
def _outside(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [each for each in os.environ if each.startswith("SLURM_")] + ["RANK", "LOCAL_RANK", "NODE_RANK"]:
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize(
    "environment, number, wish",
    [
        ({}, signal.SIGTERM, Wish.STOP),
        ({}, signal.SIGUSR1, Wish.STOP),
        (SLURM, signal.SIGINT, Wish.STOP),
        (SLURM, signal.SIGTERM, Wish.AWAIT_END),
        (SLURM, signal.SIGUSR1, Wish.REQUEUE),
        (SLURM, signal.SIGUSR2, Wish.REQUEUE),
        (SLURM | {"SLURM_JOB_NAME": "interactive"}, signal.SIGUSR1, Wish.STOP),
    ],
)
def test_a_signal_means_what_its_sender_wants(
    monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], number: signal.Signals, wish: Wish
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    before = signal.getsignal(number)
    with stop.listening(stop.ALL) as flag:
        assert flag.wish is Wish.GO_ON
        os.kill(os.getpid(), number)
        assert flag.wish is wish
        os.kill(os.getpid(), signal.SIGTERM)  # never takes a stronger wish back
        assert flag.wish >= wish
    assert signal.getsignal(number) is before


def test_the_second_ctrl_c_aborts() -> None:
    with stop.listening(stop.ALL):
        os.kill(os.getpid(), signal.SIGINT)
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), signal.SIGINT)


def test_who_listens_within_hears_what_came_before() -> None:
    """As training, within a command that has listened since before its imports."""
    with stop.listening([signal.SIGTERM]) as outer:
        os.kill(os.getpid(), signal.SIGTERM)
        with stop.listening(stop.ALL) as inner:
            assert inner.wish is Wish.STOP
        assert signal.getsignal(signal.SIGTERM) == outer.receive
        assert signal.getsignal(signal.SIGUSR1) == signal.SIG_DFL
    with stop.listening(stop.ALL) as later:
        assert later.wish is Wish.GO_ON


def test_the_command_itself_survives_signals_from_its_first_import_to_its_end() -> None:
    """Under SLURM, in a process of its own: the help says its piece and the status is 0."""
    code = (
        "import os, signal, sys; sys.argv = ['attnlab', 'train', '--help']; import attnlab.commands.cli as cli\n"
        "real = cli._main\n"
        "cli._main = lambda arguments: (os.kill(os.getpid(), signal.SIGUSR1), real(arguments))[1]\n"
        "status = cli.main(); os.kill(os.getpid(), signal.SIGUSR1); os.kill(os.getpid(), signal.SIGTERM)\n"
        "sys.exit(status)"
    )
    environment = {**os.environ, **SLURM}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "usage: attnlab train" in done.stdout


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


@pytest.mark.parametrize(
    "environment, rank, processes",
    [
        ({}, 0, 1),
        ({"LOCAL_RANK": "1"}, 1, 1),
        ({"LOCAL_RANK": "0", "NODE_RANK": "1"}, 1, 1),
        ({"RANK": "3", "LOCAL_RANK": "1", "WORLD_SIZE": "4"}, 3, 4),
        ({**SLURM, "SLURM_PROCID": "2", "SLURM_STEP_ID": "0", "SLURM_NTASKS": "4"}, 2, 4),
        # A job's own script, without srun, is one process; so is a shell for interactive work.
        ({**SLURM, "SLURM_PROCID": "0", "SLURM_NTASKS": "4"}, 0, 1),
        ({**SLURM, "SLURM_JOB_NAME": "bash", "SLURM_PROCID": "1", "SLURM_STEP_ID": "0", "SLURM_NTASKS": "2"}, 0, 1),
    ],
)
def test_a_process_knows_its_place(
    monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], rank: int, processes: int
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert (place.rank(), place.num_processes()) == (rank, processes)
