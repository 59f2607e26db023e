"""How a task reports its metrics."""

from collections.abc import Collection, Mapping
from typing import Any

from lightning.pytorch import LightningModule
from torch import Tensor


def report_scores(task: LightningModule, scores: Mapping[str, float | Tensor], *, bar: Collection[str] = ()) -> None:
    """Give scores to the loggers at the current update, to `monitor`, and those named in `bar` to the progress bar.

    Lightning would log them against a count of its own, which begins at zero and is off after a resume under
    gradient accumulation.
    """
    for name, value in scores.items():
        # `batch_size` is only asked for so that Lightning doesn't guess it from the batch.
        task.log(name, value, prog_bar=name in bar, logger=False, rank_zero_only=True, batch_size=1)
    for logger in task.loggers:
        logger.log_metrics({name: float(value) for name, value in scores.items()}, step=task.trainer.global_step)


def updated(task: LightningModule, batch_idx: int) -> bool:
    """Whether this batch ended in an update after which training metrics are due."""
    trainer = task.trainer
    return (batch_idx + 1) % batches_per_update(trainer) == 0 and trainer.global_step % log_interval(trainer) == 0


def batches_per_update(trainer: Any) -> int:
    """Those that a Trainer accumulates, or what a task that steps its optimizers itself says."""
    return int(trainer.lightning_module.batches_per_update or trainer.accumulate_grad_batches)


def log_interval(trainer: Any) -> int:
    """Updates between two reports of training's scores."""
    return int(trainer.log_every_n_steps)
