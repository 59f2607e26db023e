"""Real units a second (tokens, images) and the share of padding."""

import time
from typing import Any

import torch
from lightning.pytorch import Callback, LightningModule, Trainer
from torch import Tensor

from attnlab.processes import gathered, own
from attnlab.tasks.task import task_of
from attnlab.tasks.training.scores import updated


class Throughput(Callback):
    """Logs `train/<unit>_per_second` and `train/padding_share` with the loss, and keeps the run's averages.

    Counts stay on the device between two logs; the time of validation is left out.
    """

    def __init__(self) -> None:
        self.totals = {"units": 0, "cells": 0, "seconds": 0.0}
        self._seconds_before = 0.0  # of this window, in a process that was interrupted
        self._mark = time.perf_counter()
        self._units: Tensor | int = 0
        self._cells = 0

    def state_dict(self) -> dict[str, Any]:
        seconds = time.perf_counter() - self._mark
        return {"totals": dict(self.totals), "windows": gathered([int(self._units), self._cells, seconds])}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        self.totals = dict(state_dict["totals"])
        self._units, self._cells, self._seconds_before = own(state_dict["windows"])

    @property
    def per_second(self) -> float | None:
        return self.totals["units"] / self.totals["seconds"] if self.totals["seconds"] else None

    @property
    def padding_share(self) -> float | None:
        return 1 - self.totals["units"] / self.totals["cells"] if self.totals["cells"] else None

    def on_train_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        self._mark = time.perf_counter() - self._seconds_before

    def on_validation_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        self._paused = time.perf_counter()

    def on_validation_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        self._mark += time.perf_counter() - self._paused

    def on_train_batch_end(
        self, trainer: Trainer, pl_module: LightningModule, outputs: Any, batch: Any, batch_idx: int
    ) -> None:
        task = task_of(pl_module)
        units, cells = task.count(batch)
        self._units, self._cells = self._units + units, self._cells + cells
        # The last window is logged with the last update, not at the end of training, which a run that was stopped
        # after its last checkpoint doesn't come to again.
        if updated(pl_module, batch_idx) or trainer.global_step == trainer.max_steps:
            self._log(trainer, task.unit)

    def _log(self, trainer: Trainer, unit: str) -> None:
        now = time.perf_counter()
        seconds = now - self._mark
        local = torch.tensor([int(self._units), self._cells], device=trainer.strategy.root_device)
        units, cells = trainer.strategy.reduce(local, reduce_op="sum").tolist()
        for logger in trainer.loggers:
            logger.log_metrics(
                {f"train/{unit}_per_second": units / seconds, "train/padding_share": 1 - units / cells},
                step=trainer.global_step,
            )
        for key, value in (("units", units), ("cells", cells), ("seconds", seconds)):
            self.totals[key] += value
        self._clear()
        self._mark = now

    def _clear(self) -> None:
        self._units, self._cells = 0, 0
