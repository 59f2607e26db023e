"""What a checkpoint must hold, besides a model's weights, for training to go on from it."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from numbers import Number
from pathlib import Path
from typing import Any

import torch
from lightning.pytorch import Trainer
from torch import Tensor
from torch.optim import LBFGS, Optimizer

from attnlab.errors import UserError
from attnlab.runs.optimizers import first_state
from attnlab.runs.random_state import check_random_state
from attnlab.tasks.task import task_of

CALLBACK = "attnlab.Checkpoints"  # by which a checkpoint has what `Checkpoints` stores
COUNTS = "counts"  # by which it has what `counts` says
SHOWN = 200  # letters of what a library says: of a model it may be a page


class _Damaged(ValueError):
    """What is wrong with a checkpoint."""


@contextmanager
def named(path: str | Path) -> Iterator[None]:
    """UserError that names the checkpoint, for whatever goes wrong while its values are taken."""
    try:
        yield
    except (UserError, OSError, MemoryError, torch.cuda.OutOfMemoryError):
        raise
    except Exception as error:
        said = " ".join(str(error).split())[:SHOWN]
        kind = "" if isinstance(error, _Damaged) else f"{type(error).__name__}: "
        raise UserError(
            f"this checkpoint is damaged, got {path}: {kind}{said} (restore it, or set fresh=true to begin anew, "
            "without resume)"
        ) from error


def counts(trainer: Trainer) -> dict[str, list[int]]:
    """Of each optimizer, how many parameters it keeps something of; of each schedule, where it stands.

    Kept besides, for a state that lacks a parameter or stands elsewhere looks like another run's.
    """
    return {
        "optimizer_states": [len(each.state) for each in trainer.optimizers],
        "lr_schedulers": [each.scheduler.last_epoch for each in trainer.lr_scheduler_configs],
    }


def check_resumable(stored: Mapping[str, Any], path: Path) -> None:
    """Raise UserError for the first thing that is lacking, or of another kind, by the file alone."""
    with named(path):
        if not _is_count(stored.get("global_step")):
            raise _Damaged(f"global_step is {stored.get('global_step')!r}")
        for key, kind in (("loops", dict), ("callbacks", dict), ("environment", dict)):
            _check_kind(stored.get(key), kind, key)
        _check_kind(stored["loops"].get("fit_loop"), dict, "loops.fit_loop")
        for key, inner in (("optimizer_states", ("state", "param_groups")), ("lr_schedulers", ("last_epoch",))):
            _check_kind(stored.get(key), list, key)
            for number, each in enumerate(stored[key]):
                _check_kind(each, dict, f"{key}[{number}]")
                if lacking := [name for name in inner if name not in each]:
                    raise _Damaged(f"{key}[{number}] has no {lacking[0]}")
        _check_ours(stored["callbacks"].get(CALLBACK))


def _check_ours(state: Any) -> None:
    _check_kind(state, dict, f"callbacks.{CALLBACK}")
    for key in ("best_step", "batches"):
        if not _is_count(state.get(key)):
            raise _Damaged(f"{key} is {state.get(key)!r}")
    score, elapsed = state.get("best_score", ""), state.get("elapsed")
    if not isinstance(score, (int, float, type(None))) or not isinstance(elapsed, (int, float)):
        raise _Damaged(f"best_score and elapsed are {score!r} and {elapsed!r}")
    _check_kind(state.get("random_states"), list, "random_states")
    if not state["random_states"]:
        raise _Damaged("random_states is empty")
    for each in state["random_states"]:
        check_random_state(each)


def check_as_restored(trainer: Trainer, path: str) -> None:
    """Have `trainer` compare what it restores from a checkpoint with what it has itself.

    Lightning pairs optimizers and schedules with their states as far as there are any, and torch takes tensors of other
    shapes, numbers that are text and an empty state: the run would go on wrong, or end in a traceback.
    """
    connector = trainer._checkpoint_connector
    modules, training = connector._restore_modules_and_callbacks, connector.restore_training_state

    def restore_modules(*given: Any) -> None:
        with named(path):
            modules(*given)

    def restore_training() -> None:
        with named(path):
            if connector._loaded_checkpoint:  # the test has none
                stored = connector._loaded_checkpoint
                step, counted = stored["global_step"], stored.get(COUNTS, {})  # earlier versions didn't count
                _check_states(stored, trainer)
                training()
                _check_restored(trainer, step, counted)

    # Of this trainer alone.
    connector._restore_modules_and_callbacks = restore_modules  # type: ignore[assignment, method-assign]
    connector.restore_training_state = restore_training  # type: ignore[method-assign]


def _check_states(stored: Mapping[str, Any], trainer: Trainer) -> None:
    """What can be said of the states of loops, optimizers and schedules before they are taken."""
    _check_alike(stored["loops"]["fit_loop"], trainer.fit_loop.state_dict(), "loops.fit_loop")
    for key in task_of(trainer.lightning_module).resumed:
        _check_numbers(stored.get(key), key)
    schedules = [each.scheduler.state_dict() for each in trainer.lr_scheduler_configs]
    for key, own in (("optimizer_states", trainer.optimizers), ("lr_schedulers", schedules)):
        if len(stored[key]) != len(own):
            raise _Damaged(f"{key} are {len(stored[key])} for {len(own)}")
    for number, (found, schedule) in enumerate(zip(stored["lr_schedulers"], schedules, strict=True)):
        _check_alike(found, schedule, f"lr_schedulers[{number}]")
    for number, (found, optimizer) in enumerate(zip(stored["optimizer_states"], trainer.optimizers, strict=True)):
        where = f"optimizer_states[{number}].param_groups"
        for group, own_group in zip(found["param_groups"], optimizer.param_groups, strict=False):
            if "lr" not in group:
                raise _Damaged(f"{where} has no lr")
            _check_alike(group, {name: value for name, value in own_group.items() if name != "params"}, where)


def _check_restored(trainer: Trainer, step: int, counted: Mapping[str, Sequence[int]]) -> None:
    if trainer.global_step != step:
        raise _Damaged(f"global_step is {step}, and the loops say {trainer.global_step}")
    for number, optimizer in enumerate(trainer.optimizers):
        if step and not isinstance(optimizer, LBFGS):  # what it keeps is of all parameters, and grows
            _check_optimizer(optimizer, trainer, f"optimizer_states[{number}]")
    for key, numbers in counts(trainer).items():
        if key in counted and list(counted[key]) != numbers:
            raise _Damaged(f"{key} are those of {numbers}, and {list(counted[key])} were written")


def _check_optimizer(optimizer: Optimizer, trainer: Trainer, where: str) -> None:
    ours = type(optimizer).__module__.startswith("torch.optim.")
    parameters = [each for group in optimizer.param_groups for each in group["params"]]
    expected = first_state(task_of(trainer.lightning_module).optimizer, {each.dim() for each in parameters})
    if not optimizer.state and any(expected.values()):
        raise _Damaged(f"{where} is empty after {trainer.global_step} updates")
    for parameter, state in optimizer.state.items():
        if lacking := [name for name in expected.get(parameter.dim(), ()) if name not in state]:
            raise _Damaged(f"{where} has no {lacking[0]}")
        for name, value in state.items():
            if isinstance(value, Tensor) and ours and not _fits(value, parameter, optimizer):
                raise _Damaged(f"{where} has {name} {tuple(value.shape)} for weights {tuple(parameter.shape)}")
            if not isinstance(value, (Tensor, Number, type(None))) and ours:
                raise _Damaged(f"{where} has {name} that is no number")


def _fits(value: Tensor, parameter: Tensor, optimizer: Optimizer) -> bool:
    if value.dim() == 0 or value.shape == parameter.shape:
        return True
    # Of rows and of columns. By its name, for torch 2.3 hasn't it.
    factored = type(optimizer).__name__ == "Adafactor" and value.dim() == parameter.dim()
    return factored and all(mine in (1, theirs) for mine, theirs in zip(value.shape, parameter.shape, strict=True))


def _check_alike(found: Any, own: Any, where: str) -> None:
    """Raise for the first value that is of another kind than the one here, where both have one."""
    if isinstance(own, Mapping):
        _check_kind(found, dict, where)
        for key in own.keys() & found.keys():
            _check_alike(found[key], own[key], f"{where}.{key}")
    elif isinstance(own, (list, tuple)):
        _check_kind(found, (list, tuple), where)
        if found and own and isinstance(own[0], Number):
            _check_numbers(found, where)
        return
    wrong_number = isinstance(own, Number) and not isinstance(found, (Number, type(None), Tensor))
    if wrong_number or (isinstance(own, str) and not isinstance(found, str)):
        raise _Damaged(f"{where} is {found!r}")


def _check_numbers(found: Any, where: str) -> None:
    """Raise unless there is nothing but numbers in a value, however deep."""
    if isinstance(found, Mapping):
        found = list(found.values())
    if isinstance(found, Sequence) and not isinstance(found, str):
        for each in found:
            _check_numbers(each, where)
    elif not isinstance(found, (Number, Tensor)):
        raise _Damaged(f"{where} is {found!r}")


def _check_kind(found: Any, kind: type | tuple[type, ...], where: str) -> None:
    if not isinstance(found, kind):
        raise _Damaged(f"{where} is {'lacking' if found is None else type(found).__name__}")


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0
