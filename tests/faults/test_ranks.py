"""A process of a run of several that is killed: the others end with a line, and the run goes on to the same bits."""

import os
import signal
import sys
import time
from pathlib import Path

import pytest
from fork_server import ForkServer
from gate import await_gate, gate, open_gate
from machine import children, last_line
from same_run import assert_same_run
from tiny import tiny, write_corpus

SAID = "error: the processes of a run must reach each other, got "


def _command(corpus: Path, *more: str) -> list[str]:
    two = ("trainer.accelerator=cpu", "trainer.devices=2", "trainer.threads=1", "data.batch_tokens=90")
    return tiny(corpus, *two, "output_dir=run", "callbacks.attention_maps=null", *more)


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    return write_corpus(tmp_path / "corpus")


@pytest.mark.parametrize("killed", [1, pytest.param(0, marks=pytest.mark.faults)])
def test_the_other_process_ends_with_a_line(server: ForkServer, corpus: Path, tmp_path: Path, killed: int) -> None:
    both = server.start_two(_command(corpus, *gate(tmp_path, update=5)), tmp_path)
    await_gate(both[0], tmp_path)
    both[killed].kill()
    open_gate(tmp_path)
    assert both[killed].wait() == -signal.SIGKILL
    assert both[1 - killed].wait(60) == 1
    assert last_line(tmp_path).startswith(SAID)
    names = {path.name for path in (tmp_path / "run/checkpoints").iterdir()}
    assert names == {"best.ckpt", "last.ckpt", "last-1.ckpt"}


@pytest.mark.faults
def test_the_run_goes_on_to_the_same_bits(server: ForkServer, corpus: Path, tmp_path: Path) -> None:
    command = _command(corpus, *gate(tmp_path, update=7))
    (tmp_path / "whole").mkdir()
    (tmp_path / "go").touch()
    assert [each.wait() for each in server.start_two(command, tmp_path / "whole")] == [0, 0]
    for name in ("go", "reached"):
        (tmp_path / name).unlink()
    both = server.start_two(command, tmp_path)
    await_gate(both[0], tmp_path)
    both[1].kill()
    open_gate(tmp_path)
    assert both[0].wait(60) == 1
    assert [each.wait() for each in server.start_two(command, tmp_path)] == [0, 0]
    assert_same_run(tmp_path / "whole/run", tmp_path / "run")


@pytest.mark.faults
def test_of_processes_that_lightning_starts_the_first_says_that_another_is_gone(
    server: ForkServer, corpus: Path, tmp_path: Path
) -> None:
    # Another interpreter, which must find the gate as well.
    found = {"PYTHONPATH": os.pathsep.join([str(Path(__file__).parents[1] / "processes"), *filter(None, sys.path)])}
    attempt = server.start(_command(corpus, *gate(tmp_path, update=5)), tmp_path, found)
    await_gate(attempt, tmp_path)
    (other,) = children(attempt.pid)
    os.kill(other, signal.SIGKILL)
    time.sleep(8)  # Lightning would kill the first within five
    assert attempt.poll() is None
    open_gate(tmp_path)
    assert attempt.wait(60) == 1
    assert last_line(tmp_path).startswith(SAID)
