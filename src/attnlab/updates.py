"""How many batches make one update of the weights, which is what a run counts."""

from typing import Any


def batches_per_update(trainer: Any) -> int:
    """Those that a Trainer accumulates, or what a task that steps its optimizers itself says."""
    return int(trainer.lightning_module.batches_per_update or trainer.accumulate_grad_batches)


def log_interval(trainer: Any) -> int:
    """Updates between two reports of training's scores."""
    return int(trainer.log_every_n_steps)
