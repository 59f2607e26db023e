"""The training loss and its like, logged at intervals."""

import math
from typing import Any

from lightning.pytorch import Callback, LightningModule, Trainer

from attnlab.tasks.task import task_of
from attnlab.tasks.training.scores import report_scores, updated


class TrainingScores(Callback):
    """Reports the task's `train_scores()` every `trainer.log_every_n_steps` updates.

    A callback, because a module's own `on_train_batch_end` runs after the checkpoint of that batch is written, which
    would then hold sums that were reported already.

    Raises:
        FloatingPointError: the loss is no longer a number, from which training doesn't come back.
    """

    def on_train_batch_end(
        self, trainer: Trainer, pl_module: LightningModule, outputs: Any, batch: Any, batch_idx: int
    ) -> None:
        if updated(pl_module, batch_idx):
            scores = task_of(pl_module).train_scores()
            report_scores(pl_module, scores, bar=[name for name in scores if name.endswith("loss")])
            for name, value in scores.items():
                if math.isnan(float(value)):
                    raise FloatingPointError(f"{name} is not a number at update {trainer.global_step}")
