"""Sharded training is that of DDP."""

from pathlib import Path
from typing import Any

import pytest
import torch
from fork_server import ForkServer
from packaging.version import Version
from same_run import assert_same_run, metrics
from tiny import tiny, write_corpus

pytestmark = [
    pytest.mark.text,
    pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning"),
]


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    return write_corpus(tmp_path / "corpus")


def _train_two(server: ForkServer, command: list[str], folder: Path) -> dict[str, Any]:
    folder.mkdir(exist_ok=True)
    for attempt in server.start_two(command, folder):
        assert attempt.wait() == 0, (folder / "output.txt").read_text()
    return metrics(folder / "run")


MORE = ("output_dir=run", "model.dim=12", "optimizer.lr=0.01", "trainer=ddp_cpu")


@pytest.mark.skipif(Version(torch.__version__) < Version("2.6"), reason="torchtext's torch can't shard")
def test_sharded_training_is_that_of_ddp_and_resumes_to_the_same_bits(
    server: ForkServer, corpus: Path, tmp_path: Path
) -> None:
    command = tiny(corpus, *MORE, "model=transformer", "trainer.accumulate_grad_batches=2")
    whole = _train_two(server, command, tmp_path / "ddp")
    sharded = [*command, "trainer.strategy=fsdp"]
    found = _train_two(server, sharded, tmp_path / "fsdp")
    assert found["test"] == pytest.approx(whole["test"], rel=1e-4)
    assert found["parameters"] == whole["parameters"]

    parts = tmp_path / "parts"
    parts.mkdir()
    # Killed at the eighth file that a checkpoint renames, each process by itself: in mid-epoch, after the best so far.
    first = server.start_two(sharded, parts, die_at_rename=8)
    assert first[0].wait() == -9
    first[1].kill()
    for attempt in server.start_two(sharded, parts):
        assert attempt.wait() == 0, (parts / "output.txt").read_text()
    assert "continuing at update" in (parts / "output.txt").read_text()
    assert_same_run(tmp_path / "fsdp" / "run", parts / "run")
