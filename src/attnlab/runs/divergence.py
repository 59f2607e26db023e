"""Training that diverged: numbers that are none, and what is left to go on from."""

from typing import Protocol, runtime_checkable

import torch
from lightning.pytorch import Trainer

from attnlab.runs.checkpoint_folder import LAST, CheckpointFolder


@runtime_checkable
class _Sharded(Protocol):
    """torch's DTensor, which stands elsewhere in older versions."""

    def to_local(self) -> torch.Tensor: ...


def finite(trainer: Trainer) -> bool:
    """Whether the weights and what the optimizers keep of their gradients are, and no running statistic is NaN."""
    task = trainer.lightning_module
    kept = [value for each in trainer.optimizers for state in each.state.values() for value in state.values()]
    tensors = [*task.parameters(), *(value for value in kept if isinstance(value, torch.Tensor))]
    # Of sharded weights each process looks at its own share.
    local = [each.to_local() if isinstance(each, _Sharded) else each for each in tensors]
    return all(bool(each.isfinite().all()) for each in local) and not any(
        bool(each.isnan().any()) for each in task.buffers() if each.is_floating_point()
    )


def check_finite(trainer: Trainer) -> None:
    """Every process calls this before a checkpoint is written.

    Raises:
        FloatingPointError: some process's weights are no numbers.
    """
    mine = torch.tensor(int(finite(trainer)), device=trainer.strategy.root_device)
    if not int(trainer.strategy.reduce(mine, reduce_op="min")):
        raise FloatingPointError(
            f"weights are not numbers at update {trainer.global_step}, and {LAST} stays as it was before"
        )


def last_good(folder: CheckpointFolder) -> str:
    """What to say of the checkpoint that training can begin from again."""
    path, step = folder.newest()
    if path is None:
        return "there is no checkpoint yet"
    return f"the last good checkpoint is {path}, of update {step} (set init_from={path} to start from it)"
