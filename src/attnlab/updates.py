"""How many batches make one update of the weights, which is what a run counts."""

from typing import Any


def batches_per_update(trainer: Any) -> int:
    """Those that a Trainer accumulates, or what a task that steps its optimizers itself says."""
    return int(getattr(trainer.lightning_module, "batches_per_update", trainer.accumulate_grad_batches))
