"""`first_losses.csv`: what each of the first updates had to lose, by which a run can be verified later."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar

from lightning.pytorch import Callback, LightningModule, Trainer
from torch import Tensor

from attnlab.files import write_rows
from attnlab.reading.bounds import read_file
from attnlab.reading.metric_rows import HEADING, cells

UPDATES = 50
NAME = "first_losses.csv"

Losses = dict[int, dict[str, float]]
"""Of each update by its number, from 1, the losses by their names."""


class FirstLosses(Callback):
    """Keeps the losses along which the first `UPDATES` went, to the last bit, and writes them once they are over.

    They are what a task's training step returns, alone or by name, summed over an update's batches. It belongs to every
    run of one process and isn't configured: it computes nothing. Until it writes, a checkpoint holds what it has.
    """

    files: ClassVar[dict[str, str]] = {NAME: "first losses"}

    def __init__(self, directory: Path) -> None:
        self.path = Path(directory) / NAME
        self.losses: Losses = {}
        self._sums: dict[str, float] = {}  # of the update in the making

    def state_dict(self) -> dict[str, Any]:
        return {"losses": {step: dict(each) for step, each in self.losses.items()}, "sums": dict(self._sums)}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        self.losses = {int(step): dict(each) for step, each in state_dict["losses"].items()}
        self._sums = dict(state_dict["sums"])

    def on_train_batch_end(
        self, trainer: Trainer, pl_module: LightningModule, outputs: Any, batch: Any, batch_idx: int
    ) -> None:
        step = trainer.global_step
        if trainer.world_size > 1 or step > UPDATES or UPDATES in self.losses:
            return
        for name, value in _named(outputs).items():
            self._sums[name] = self._sums.get(name, 0.0) + value
        if step > max(self.losses, default=0) and self._sums:
            self.losses[step], self._sums = self._sums, {}
            if step == UPDATES:
                self._write()

    def on_train_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        if self.losses and UPDATES not in self.losses:
            self._write()

    def _write(self) -> None:
        rows = [(step, name, repr(value)) for step, each in self.losses.items() for name, value in each.items()]
        write_rows(self.path, HEADING, rows)


def _named(outputs: Any) -> dict[str, float]:
    """What Lightning hands on of a training step, as numbers."""
    given = outputs if isinstance(outputs, Mapping) else {"loss": outputs}
    return {
        str(name): float(value)
        for name, value in given.items()
        if isinstance(value, (float, Tensor)) and (not isinstance(value, Tensor) or value.numel() == 1)
    }


def read_losses(path: Path) -> Losses:
    """Those of a file of such rows; what is no row is passed over. Empty where there is no file."""
    if not path.is_file():
        return {}
    found: Losses = {}
    for row in cells(read_file(path).decode("utf-8", errors="replace").replace("\r\n", "\n")):
        try:
            step, name, value = row
            found.setdefault(int(step), {})[name] = float(value)
        except ValueError:
            continue
    return found
