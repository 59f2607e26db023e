"""A run in a process of its own: what it has of its parent, what it hasn't, and how its end is known."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from attnlab.launch import stop
from attnlab.launch.ending import Ended
from attnlab.launch.stop import TrainingInterrupted
from attnlab.launch.worker import Worker

LOG = Path("run/train.log")


def _ended(run: Callable[[], Ended], *, gpus: tuple[str, ...] = (), by: signal.Signals | None = None) -> Ended:
    with stop.listening(stop.ALL) as flag:
        worker = Worker(run, log=LOG, gpus=gpus, flag=flag)
        if by is not None:
            os.kill(worker.pid, by)
        return _waited(worker)


def _waited(worker: Worker) -> Ended:
    end = time.monotonic() + 60
    while (ended := worker.ended()) is None:
        assert time.monotonic() < end
        time.sleep(0.01)
    return ended


def test_what_a_run_prints_is_added_to_its_log_and_its_end_is_told() -> None:
    LOG.parent.mkdir()
    LOG.write_text("of before\n")

    def run() -> Ended:
        os.write(1, b"out\n")
        os.write(2, b"err\n")
        return Ended("finished", 0.125)

    assert _ended(run) == Ended("finished", 0.125)
    assert LOG.read_text() == "of before\nout\nerr\n"


def test_a_run_has_its_own_environment_and_its_own_group(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLURM_JOB_ID", "7")
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "0,1")

    def run() -> Ended:
        here = [os.getpgid(0) == os.getpid(), "SLURM_JOB_ID" in os.environ, os.environ["CUDA_VISIBLE_DEVICES"]]
        return Ended("finished", None, str(here))

    assert _ended(run, gpus=("1",)).error == "[True, False, '1']"
    assert os.environ["SLURM_JOB_ID"] == "7"


def test_a_run_that_is_killed_or_leaves_without_a_word_has_died() -> None:
    def wait() -> Ended:
        time.sleep(60)
        return Ended("finished")

    def leave() -> Ended:
        os._exit(3)

    assert _ended(wait, by=signal.SIGKILL) == Ended("died", error="killed by signal 9")
    assert _ended(leave) == Ended("died", error="ended with exit status 3")


def test_an_error_beyond_the_runs_own_is_told_in_one_line_and_its_traceback_is_in_the_log() -> None:
    def run() -> Ended:
        raise SystemError("x\n" + "y" * 10_000)

    ended = _ended(run)
    assert ended.status == "failed"
    assert ended.error is not None
    assert ended.error.startswith("x yyy")
    assert "\n" not in ended.error
    assert len(ended.error) < 5_000
    assert LOG.read_text().startswith("Traceback")


def test_a_log_that_cannot_be_written_is_told_without_a_traceback(capfd: pytest.CaptureFixture[str]) -> None:
    LOG.parent.write_text("a file in the place of a folder")
    ended = _ended(lambda: Ended("finished"))
    assert ended.status == "faulted"
    assert "run" in str(ended.error)
    assert capfd.readouterr().err == ""


def test_a_run_hears_sigterm_from_its_first_moment() -> None:
    """Even before it listens itself, as training does."""

    def run() -> Ended:
        end = time.monotonic() + 10
        while time.monotonic() < end:
            with stop.listening(stop.ALL) as flag:
                if flag.wish > stop.Wish.GO_ON:
                    raise TrainingInterrupted(5)
            time.sleep(0.01)
        return Ended("finished")

    assert _ended(run, by=signal.SIGTERM) == Ended("interrupted", error="interrupted after update 5")


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="Linux alone tells of a parent's end")
def test_a_run_ends_with_the_process_that_began_it(tmp_path: Path) -> None:
    code = (
        "import os, signal, time\n"
        "from pathlib import Path\n"
        "from attnlab.launch import stop\n"
        "from attnlab.launch.worker import Worker\n"
        "with stop.listening(stop.ALL) as flag:\n"
        "    worker = Worker(lambda: time.sleep(60), log=Path('log'), gpus=(), flag=flag)\n"
        "    time.sleep(0.3); print(worker.pid, flush=True)\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == -signal.SIGKILL, done.stderr
    status = Path("/proc", done.stdout.strip(), "status")
    end = time.monotonic() + 10
    while status.exists() and "\nState:\tZ" not in status.read_text():
        assert time.monotonic() < end
        time.sleep(0.01)
