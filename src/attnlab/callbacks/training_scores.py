"""The training loss and its like, logged at intervals."""

from typing import Any

from lightning.pytorch import Callback, LightningModule, Trainer

from attnlab.tasks.scores import report_scores, updated


class TrainingScores(Callback):
    """Reports the task's `train_scores()` every `trainer.log_every_n_steps` updates.

    A callback, because a module's own `on_train_batch_end` runs after the checkpoint of that batch is written, which
    would then hold sums that were reported already.
    """

    def on_train_batch_end(
        self, trainer: Trainer, pl_module: LightningModule, outputs: Any, batch: Any, batch_idx: int
    ) -> None:
        if updated(pl_module, batch_idx):
            report_scores(pl_module, pl_module.train_scores(), bar=("train/loss",))  # type: ignore[operator]  # a task's
