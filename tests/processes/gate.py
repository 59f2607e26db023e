"""A callback at which a run waits, so that a test can do something to it at a known moment."""

import time
from pathlib import Path
from typing import Any

from lightning.pytorch import Callback, LightningModule, Trainer


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
        end = time.monotonic() + 120
        while not (self.folder / "go").exists():
            assert time.monotonic() < end, "nobody opened the gate"
            time.sleep(0.005)
