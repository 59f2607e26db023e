"""Optimizers that a task steps itself, one network's after another's, be it on several processes."""

from contextlib import nullcontext

import torch
from lightning.pytorch import LightningModule, Trainer
from lightning.pytorch.core.optimizer import LightningOptimizer
from lightning.pytorch.strategies import DDPStrategy, ParallelStrategy, SingleDeviceStrategy
from torch import Tensor

from attnlab.processes import average_gradients


def check_own_steps(trainer: Trainer) -> None:
    """ValueError for what a trainer can't do where the task steps its optimizers itself."""
    if (count := trainer.accumulate_grad_batches) > 1:
        raise ValueError(
            f"here the task accumulates: accumulate_grad_batches must be 1, got {count} (set task.accumulate)"
        )
    if not isinstance(trainer.strategy, (DDPStrategy, SingleDeviceStrategy)):
        raise ValueError(
            "networks that are trained in turns need strategy auto or ddp, got "
            f"{type(trainer.strategy).__name__} (set trainer.strategy)"
        )


def backward(task: LightningModule, loss: Tensor) -> None:
    """Add up gradients of this process; DDP would wait for those of parameters that have no part in the loss."""
    strategy = task.trainer.strategy
    with strategy.block_backward_sync() if isinstance(strategy, ParallelStrategy) else nullcontext():
        task.manual_backward(loss)


def step(task: LightningModule, optimizer: LightningOptimizer, *, counts: bool) -> None:
    """One step along the mean gradient of all processes, all of which must call this.

    `counts`: it is an update to the trainer, of which there are `max_steps`.
    """
    inner: torch.optim.Optimizer = optimizer.optimizer
    average_gradients(parameter for group in inner.param_groups for parameter in group["params"])
    if counts:
        optimizer.step()
    else:  # past Lightning's wrapper, which counts
        task.trainer.strategy.optimizer_step(inner, lambda: None, model=task)
