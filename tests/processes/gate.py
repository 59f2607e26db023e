"""A callback at which a run waits, so that a test can do something to it at a known moment.

attempt = server.start([*command, *gate(folder, update=5)], folder)
await_gate(attempt, folder)
...                             # a fault befalls it
open_gate(folder)
"""

import time
from pathlib import Path
from typing import Any

from fork_server import Attempt
from lightning.pytorch import Callback, LightningModule, Trainer

SECONDS = 120


class Gate(Callback):
    """After `update`, before the next batch or the test, it makes the file `reached` in `folder` and waits for `go`."""

    def __init__(self, folder: str, *, update: int) -> None:
        self.folder, self.update = Path(folder), update

    def on_train_batch_start(self, trainer: Trainer, pl_module: LightningModule, batch: Any, batch_idx: int) -> None:
        self._wait(trainer)

    def on_test_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        self._wait(trainer)

    def _wait(self, trainer: Trainer) -> None:
        if trainer.global_step != self.update or not trainer.is_global_zero:
            return
        (self.folder / "reached").touch()
        end = time.monotonic() + SECONDS
        while not (self.folder / "go").exists():
            assert time.monotonic() < end, "nobody opened the gate"
            time.sleep(0.005)


def gate(folder: Path, *, update: int) -> list[str]:
    """The overrides by which a run stops there."""
    values = {"_target_": "gate.Gate", "folder": str(folder), "update": str(update)}
    return [f"+callbacks.gate.{key}={value}" for key, value in values.items()]


def await_gate(attempt: Attempt, folder: Path) -> None:
    """Wait until it stands there."""
    end = time.monotonic() + SECONDS
    while not (folder / "reached").exists():
        assert attempt.poll() is None, (folder / "output.txt").read_text()
        assert time.monotonic() < end, (folder / "output.txt").read_text()
        time.sleep(0.005)


def open_gate(folder: Path) -> None:
    """Let it go on."""
    (folder / "go").touch()
