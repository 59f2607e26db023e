"""Sample predictions as a table, at each validation and after the test."""

from collections.abc import Sequence
from typing import Any

from lightning.pytorch import Callback, LightningModule, Trainer
from lightning.pytorch.utilities import rank_zero_only

from attnlab.entity_marks import readable_output
from attnlab.errors import at_least


class Samples(Callback):
    """Sends the first `num_samples` predictions to every logger that takes tables."""

    def __init__(self, *, num_samples: int) -> None:
        at_least(0, "callbacks.samples", num_samples=num_samples)
        self.num_samples = num_samples

    @rank_zero_only
    def on_validation_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        self._log(trainer, "val/samples", pl_module.val_predictions)  # type: ignore[arg-type]  # a task's

    @rank_zero_only
    def on_test_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        self._log(trainer, "test/samples", pl_module.predictions)  # type: ignore[arg-type]  # a task's

    def _log(self, trainer: Trainer, key: str, predictions: Sequence[dict[str, Any]]) -> None:
        rows = [
            [p["id"], p["input"], *(readable_output(p["input"], p[key]) for key in ("target", "output"))]
            for p in predictions[: self.num_samples]
        ]
        for logger in trainer.loggers:
            if rows and hasattr(logger, "log_table"):
                logger.log_table(key, ["id", "input", "target", "output"], rows, step=trainer.global_step)
