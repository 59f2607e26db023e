"""A wandb that hangs, is killed or has no room: training ends as without it, and says so once."""

import os
import signal
from pathlib import Path

import pytest
from fork_server import ForkServer
from gate import await_gate, gate, open_gate
from machine import children, fill, last_line, small_disk
from same_run import curves
from tiny import tiny, write_corpus

OFF = "wandb is off for the rest of this run: "


def _command(folder: Path, *more: str) -> list[str]:
    corpus = write_corpus(folder / "corpus")
    logged = ("logger=default", "logger.wandb.timeout=45", "callbacks.attention_maps.num_examples=1")
    return tiny(corpus, "trainer.accelerator=cpu", "output_dir=run", *more, *logged)


@pytest.mark.faults
@pytest.mark.parametrize("number", [signal.SIGSTOP, signal.SIGKILL])
def test_training_goes_on_without_it(server: ForkServer, tmp_path: Path, number: signal.Signals) -> None:
    attempt = server.start(_command(tmp_path, *gate(tmp_path, update=5)), tmp_path)
    await_gate(attempt, tmp_path)
    (service,) = children(attempt.pid, "wandb-core")
    os.kill(service, number)
    open_gate(tmp_path)
    assert attempt.wait() == 0
    last_line(tmp_path)
    assert (tmp_path / "output.txt").read_text().count(OFF) == 1
    assert (tmp_path / "run/metrics.json").is_file()
    assert curves(tmp_path / "run")


@pytest.mark.faults
def test_a_full_disk_of_its_own_is_its_own_affair(server: ForkServer, tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", kib=512) as disk:
        fill(disk)
        command = _command(tmp_path, f"logger.wandb.directory={disk}/wandb")
        assert server.start(command, tmp_path).wait() == 0
        last_line(tmp_path)
    assert (tmp_path / "run/metrics.json").is_file()
