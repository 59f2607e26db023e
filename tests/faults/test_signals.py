"""Ctrl-C a second time: at once, with 130 and a word, and without harm."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from fork_server import ForkServer
from gate import await_gate, gate
from machine import last_line
from tiny import tiny, write_corpus

from attnlab.runs import checkpoint

WORD = "interrupted; the same command goes on from the last checkpoint, if there is one"


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    return write_corpus(tmp_path / "corpus")


@pytest.mark.parametrize("update", [5, pytest.param(8, marks=pytest.mark.faults)])  # 8: in the test
def test_ctrl_c_twice_ends_at_once_with_a_word(server: ForkServer, corpus: Path, tmp_path: Path, update: int) -> None:
    command = tiny(corpus, "trainer.accelerator=cpu", "output_dir=run", *gate(tmp_path, update=update))
    attempt = server.start(command, tmp_path)
    await_gate(attempt, tmp_path)
    attempt.kill(signal.SIGINT)
    time.sleep(0.1)
    attempt.kill(signal.SIGINT)
    assert attempt.wait(30) == 130
    assert last_line(tmp_path) == WORD
    steps = {path.name: checkpoint.load(path)["global_step"] for path in (tmp_path / "run/checkpoints").iterdir()}
    assert steps.keys() == {"best.ckpt", "last.ckpt", "last-1.ckpt"}
    assert steps["last.ckpt"] == update // 4 * 4


@pytest.mark.faults
def test_impatience_at_a_terminal_is_no_traceback(corpus: Path, tmp_path: Path) -> None:
    """Ctrl-C every fifth of a second until it ends, of the command itself, which has its exit to do as well."""
    command = tiny(corpus, "trainer.accelerator=cpu", "output_dir=run", "logger=default", *gate(tmp_path, update=5))
    places = [str(Path(__file__).parents[1] / each) for each in ("processes", "tiny")]
    with (tmp_path / "output.txt").open("w") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "attnlab", *command],
            stdout=output,
            stderr=output,
            env={**os.environ, "PYTHONPATH": os.pathsep.join([*places, *sys.path])},
        )
        end = time.monotonic() + 300
        while not (tmp_path / "reached").exists() and process.poll() is None and time.monotonic() < end:
            time.sleep(0.05)
        end = time.monotonic() + 60
        while process.poll() is None and time.monotonic() < end:
            process.send_signal(signal.SIGINT)
            time.sleep(0.2)
    assert process.wait() == 130
    assert last_line(tmp_path) == WORD
