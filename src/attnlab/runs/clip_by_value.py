"""Gradients cut off one by one."""

from lightning.pytorch import Callback, LightningModule, Trainer
from torch.optim import Optimizer

from attnlab.tasks.training.clipping import clip_values


class ClipByValue(Callback):
    """Before each update, and before `task.clip_norm`, no gradient is farther from 0 than `most`.

    Lightning's own refuses fused optimizers under mixed precision and tasks that step their optimizers themselves.

    Raises:
        ValueError: `most` isn't above 0.
    """

    def __init__(self, most: float) -> None:
        if not most > 0:  # which NaN isn't either
            raise ValueError(f"clip_value must be above 0, or null, got {most} (set trainer.clip_value)")
        self.most = most

    def on_before_optimizer_step(self, trainer: Trainer, pl_module: LightningModule, optimizer: Optimizer) -> None:
        clip_values(pl_module, optimizer, self.most)
