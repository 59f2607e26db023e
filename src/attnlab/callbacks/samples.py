"""Sample predictions as a table, at each validation and after the test."""

from collections.abc import Sequence
from typing import Any

from lightning.pytorch import Callback, LightningModule, Trainer
from lightning.pytorch.utilities import rank_zero_only

from attnlab.callbacks.loggers import TableLogger
from attnlab.errors import at_least
from attnlab.models.predictors import Prediction
from attnlab.tasks.task import Task, task_of


class Samples(Callback):
    """Sends the first `num_samples` predictions to every logger that takes tables."""

    def __init__(self, *, num_samples: int) -> None:
        at_least(0, "callbacks.samples", num_samples=num_samples)
        self.num_samples = num_samples

    @rank_zero_only
    def on_validation_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        task = task_of(pl_module)
        self._log(trainer, task, "val/samples", task.val_predictions)

    @rank_zero_only
    def on_test_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        task = task_of(pl_module)
        self._log(trainer, task, "test/samples", task.predictions)

    def _log(self, trainer: Trainer, task: Task[Any], key: str, predictions: Sequence[Prediction]) -> None:
        readable = task.predictor.readable
        rows = [
            [p["id"], p["input"], readable(p["input"], p["target"]), readable(p["input"], p["output"])]
            for p in predictions[: self.num_samples]
        ]
        for logger in trainer.loggers:
            if rows and isinstance(logger, TableLogger):
                logger.log_table(key, ["id", "input", "target", "output"], rows, step=trainer.global_step)
