"""What an optimizer can't do for a run, found before training: many say it at their first step only."""

import inspect
import warnings
from typing import Any

import torch
from torch import Tensor, nn
from torch.optim import Optimizer, SparseAdam
from torch.optim.lr_scheduler import ReduceLROnPlateau

from attnlab.errors import UserError
from attnlab.runs.instantiation import refusal
from attnlab.runs.trainer import TrainerSettings
from attnlab.tasks.task import Better
from attnlab.tasks.training.schedules import scheduled

FIRST_STEPS = 3


def check_optimizer(optimizer: Any, settings: TrainerSettings, *, own_steps: bool) -> None:
    """UserError for what isn't one, or for one of several evaluations an update where a run has only one."""
    if not isinstance(optimizer, Optimizer):
        raise UserError(
            f"an optimizer must be a torch.optim.Optimizer, got {type(optimizer).__name__} (set optimizer=...)"
        )
    if not _evaluates_itself(optimizer):
        return
    name = type(optimizer).__name__
    if own_steps:
        raise UserError(
            f"networks that are trained in turns need an optimizer that evaluates its loss once an update, got {name} "
            "(set optimizer=...)"
        )
    if settings.accumulate_grad_batches > 1:  # Lightning would add up the gradients of all evaluations
        raise UserError(
            f"{name} evaluates the loss several times an update, which must be one batch then, got "
            f"accumulate_grad_batches={settings.accumulate_grad_batches} (set trainer.accumulate_grad_batches=1)"
        )
    if settings.precision == "16-mixed":
        raise UserError(
            f"{name} evaluates the loss several times an update, which scaled gradients don't allow, got precision "
            "16-mixed (set trainer.precision=bf16-mixed)"
        )


def _evaluates_itself(optimizer: Optimizer) -> bool:
    """Whether it can't step without a function that computes loss and gradients, as LBFGS."""
    closure = inspect.signature(type(optimizer).step).parameters.get("closure")
    return closure is not None and closure.default is inspect.Parameter.empty


def check_gradients(optimizer: Any, model: nn.Module) -> None:
    """UserError for an optimizer of sparse gradients alone, where any are dense: it would stop at its first step."""
    sparse = _sparse(model)
    trained = [each for group in optimizer.param_groups for each in group["params"]]
    if isinstance(optimizer, SparseAdam) and any(id(each) not in sparse for each in trained):
        raise UserError(
            "this model's gradients are dense, and this optimizer steps none but sparse ones, got "
            f"{type(optimizer).__name__} (set optimizer=...)"
        )


def _sparse(model: nn.Module) -> set[int]:
    """The ids of parameters whose gradients are sparse."""
    return {
        id(each.weight) for each in model.modules() if isinstance(each, (nn.Embedding, nn.EmbeddingBag)) and each.sparse
    }


def check_first_step(factory: Any, model: nn.Module, *, on_cpu: bool) -> None:
    """Let an optimizer step once over small parameters with as many axes, and as sparse, as a model's.

    Raises:
        UserError: it can't.
    """
    sparse = _sparse(model)
    kinds = {(each.dim(), id(each) in sparse) for each in model.parameters()}
    # Of the CPU even where models are on the meta device.
    with torch.device("cpu"), torch.enable_grad():
        small = [_with_gradient(dim, is_sparse=is_sparse) for dim, is_sparse in sorted(kinds)]
        try:
            optimizer = factory(params=small)
        except Exception:
            return  # of a model on this run's device it was made
        if not on_cpu:  # some can be captured in a graph, which nothing on the CPU can
            for group in optimizer.param_groups:
                group.update({"capturable": False} if "capturable" in group else {})
        try:
            optimizer.step(lambda: torch.ones(()))
        except Exception as error:
            raise refusal(error, "optimizer", getattr(factory, "func", factory)) from error


def check_first_steps(factory: Any, scheduler: Any, *, total_steps: int, mode: Better) -> None:
    """Let a schedule move the rate of a small optimizer a few times: some fail only then.

    Raises:
        UserError: it can't.
    """
    with torch.device("cpu"), torch.enable_grad(), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # training says it, too
        optimizer = factory(params=[_with_gradient(2, is_sparse=False)])
        try:
            schedule = scheduled(scheduler, optimizer, total_steps=total_steps, mode=mode)
            optimizer.step(lambda: torch.ones(()))
            for _ in range(min(FIRST_STEPS, total_steps)):
                schedule.step(0.0) if isinstance(schedule, ReduceLROnPlateau) else schedule.step()
        except Exception as error:
            raise refusal(error, "scheduler", getattr(scheduler, "func", scheduler)) from error


def first_state(factory: Any, dims: set[int]) -> dict[int, tuple[str, ...]]:
    """What an optimizer keeps of a parameter after its first step, by the number of the parameter's axes."""
    with torch.enable_grad():
        small = {dim: _with_gradient(dim, is_sparse=False) for dim in sorted(dims)}
        try:
            optimizer = factory(params=list(small.values()))
            optimizer.step(lambda: torch.ones(()))
        except Exception:
            return {}  # as on a GPU alone
    return {dim: tuple(optimizer.state.get(each, ())) for dim, each in small.items()}


def _with_gradient(dim: int, *, is_sparse: bool) -> Tensor:
    parameter = nn.Parameter(torch.ones([2] * dim))
    parameter.grad = torch.ones([2] * dim).to_sparse(1) if is_sparse else torch.ones([2] * dim)
    return parameter
