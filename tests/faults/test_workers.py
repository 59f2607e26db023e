"""Processes that make batches and are killed, or hang: one line, and the same command goes on to the same bits."""

import os
import signal
from pathlib import Path

import pytest
from fork_server import ForkServer
from gate import await_gate, gate, open_gate
from machine import children, last_line
from same_run import assert_same_run
from tiny_images import write_folder
from tiny_images_run import common

from attnlab.runs import checkpoint


def _command(photos: Path, *more: str) -> list[str]:
    data = ["data=image_folder", f"data.root={photos}", "data.image_size=16", "data.batch_size=4", "data.num_workers=2"]
    callbacks = ["callbacks.learning_curves=null", "callbacks.attention_maps=null"]
    return ["train", "task=image_classification", *data, *common(), *callbacks, "output_dir=run", *more]


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    return write_folder(tmp_path / "photos")


def _alive(pid: int) -> bool:
    """Whether it is there, and not only waits for somebody to ask how it ended."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


@pytest.mark.parametrize(
    "number, said",
    [
        (signal.SIGKILL, "error: the processes that make batches must live, got one that "),
        (signal.SIGSTOP, "error: a batch must be made within 3 s, got none from 2 processes (set a larger "),
    ],
)
def test_a_worker_that_is_killed_or_stopped_ends_the_run_in_one_line(
    server: ForkServer, photos: Path, tmp_path: Path, number: signal.Signals, said: str
) -> None:
    attempt = server.start(_command(photos, "data.worker_timeout=3", *gate(tmp_path, update=5)), tmp_path)
    await_gate(attempt, tmp_path)
    workers = children(attempt.pid)
    for pid in workers[:2]:  # those of training, which began first
        os.kill(pid, number)
    open_gate(tmp_path)
    assert attempt.wait(60) == 1
    assert last_line(tmp_path).startswith(said)
    assert not any(_alive(pid) for pid in workers)
    steps = {path.name: checkpoint.load(path)["global_step"] for path in (tmp_path / "run/checkpoints").iterdir()}
    assert steps.keys() == {"best.ckpt", "last.ckpt", "last-1.ckpt"}
    assert steps["best.ckpt"] == 4


@pytest.mark.faults
def test_a_run_whose_workers_were_killed_and_stopped_ends_with_the_same_bits(
    server: ForkServer, photos: Path, tmp_path: Path
) -> None:
    command = _command(photos, "data.worker_timeout=3", *gate(tmp_path, update=4))  # where each begins again
    (tmp_path / "whole").mkdir()
    open_gate(tmp_path)
    assert server.start(command, tmp_path / "whole").wait() == 0
    for number in (signal.SIGKILL, signal.SIGSEGV, signal.SIGSTOP):
        for name in ("go", "reached"):
            (tmp_path / name).unlink()
        attempt = server.start(command, tmp_path)
        await_gate(attempt, tmp_path)
        os.kill(children(attempt.pid)[1], number)
        open_gate(tmp_path)
        assert attempt.wait(60) == 1
    assert server.start(command, tmp_path).wait() == 0, (tmp_path / "output.txt").read_text()
    assert_same_run(tmp_path / "whole/run", tmp_path / "run")
