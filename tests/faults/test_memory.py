"""Memory that gives out: one line that names the batch and the key, and the checkpoints are as they were."""

import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from fork_server import ForkServer
from gate import await_gate, gate, open_gate
from machine import last_line, leave_memory
from same_run import assert_same_run
from tiny import tiny, write_corpus

from attnlab.runs import checkpoint

CPU = "trainer.accelerator=cpu"
LARGE = "model.dim=300"  # whose weights and states don't fit into what Python has in reserve


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    return write_corpus(tmp_path / "corpus")


def test_memory_that_gives_out_in_training_names_the_batch_and_what_to_lower(
    server: ForkServer, corpus: Path, tmp_path: Path
) -> None:
    attempt = server.start(tiny(corpus, CPU, LARGE, "output_dir=run", *gate(tmp_path, update=5)), tmp_path)
    await_gate(attempt, tmp_path)
    leave_memory(attempt.pid, mib=1)
    open_gate(tmp_path)
    assert attempt.wait() == 1
    said = last_line(tmp_path)
    assert said.startswith("error: there must be memory for a batch, got data.batch_tokens=120")
    assert said.endswith("(set a lower data.batch_tokens, or smaller values of model.*)")
    steps = {path.name: checkpoint.load(path)["global_step"] for path in (tmp_path / "run/checkpoints").iterdir()}
    assert steps == {"best.ckpt": 4, "last.ckpt": 4, "last-1.ckpt": 3}


@pytest.mark.faults
@pytest.mark.parametrize("mib", [0, 3, 6, 12, 24, 48])
def test_wherever_memory_gives_out_no_checkpoint_is_harmed(
    server: ForkServer, corpus: Path, tmp_path: Path, mib: int
) -> None:
    command = tiny(corpus, CPU, LARGE, "output_dir=run", *gate(tmp_path, update=5))
    attempt = server.start(command, tmp_path)
    await_gate(attempt, tmp_path)
    leave_memory(attempt.pid, mib=mib)
    open_gate(tmp_path)
    if attempt.wait():
        assert attempt.wait() == 1
        assert last_line(tmp_path).startswith("error: there must be memory for a batch, got data.batch_tokens=120")
    for path in (tmp_path / "run/checkpoints").iterdir():
        checkpoint.load(path)
    assert server.start(command, tmp_path).wait() == 0


@pytest.mark.faults
def test_a_model_too_large_to_be_made_names_the_model(server: ForkServer, corpus: Path, tmp_path: Path) -> None:
    attempt = server.start(tiny(corpus, CPU, "model.dim=4000", "output_dir=run"), tmp_path)
    leave_memory(attempt.pid, mib=500)
    assert attempt.wait() == 1
    said = last_line(tmp_path)
    assert said.startswith("error: there must be memory for data and model, got none where ")
    assert said.endswith("more were asked for (set smaller values of model.*, or less data)")


@contextmanager
def _group(name: str, *, mib: int) -> Iterator[Path]:
    """A group of processes that may have so much memory; who takes more is killed by the kernel."""
    path = Path("/sys/fs/cgroup/memory", name)
    try:
        path.mkdir()
        (path / "memory.limit_in_bytes").write_text(f"{mib * 2**20}")
    except OSError:
        pytest.skip("needs root, and cgroups of version 1")
    try:
        yield path
    finally:
        path.rmdir()


@pytest.mark.faults
def test_a_run_that_the_kernel_kills_for_its_memory_goes_on_to_the_same_bits(
    server: ForkServer, corpus: Path, tmp_path: Path
) -> None:
    command = tiny(corpus, CPU, LARGE, "output_dir=run", *gate(tmp_path, update=5))
    (tmp_path / "whole").mkdir()
    (tmp_path / "go").touch()
    assert server.start(command, tmp_path / "whole").wait() == 0
    for name in ("go", "reached"):
        (tmp_path / name).unlink()
    with _group(f"attnlab-{os.getpid()}", mib=4) as group:
        attempt = server.start(command, tmp_path)
        await_gate(attempt, tmp_path)
        (group / "tasks").write_text(f"{attempt.pid}")
        open_gate(tmp_path)
        assert attempt.wait() == -signal.SIGKILL
        end = time.monotonic() + 10
        while (group / "tasks").read_text() and time.monotonic() < end:
            time.sleep(0.05)
    assert server.start(command, tmp_path).wait() == 0
    assert_same_run(tmp_path / "whole/run", tmp_path / "run")


@pytest.mark.faults
def test_predicting_and_evaluating_without_memory_is_one_line(server: ForkServer, corpus: Path, tmp_path: Path) -> None:
    assert server.start(tiny(corpus, CPU, LARGE, "output_dir=run"), tmp_path).wait() == 0
    for command, lower in ((["predict", "run", "one two"], "--batch-size"), (["evaluate", "run"], "data.batch_tokens")):
        attempt = server.start(command, tmp_path)
        leave_memory(attempt.pid, mib=20)
        assert attempt.wait() == 1
        assert last_line(tmp_path).startswith("error: there must be memory for ")
        assert lower in last_line(tmp_path)
