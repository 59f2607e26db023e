"""Learning-rate schedules: a factor on the optimizer's rate for each update. And how torch's are made for a run."""

import inspect
import math
from collections.abc import Callable
from functools import partial
from typing import Any, Literal

from torch.optim import Optimizer
from torch.optim.lr_scheduler import LambdaLR, LRScheduler, MultiStepLR, OneCycleLR, ReduceLROnPlateau

from attnlab.errors import at_least

LENGTHS = ("total_steps", "T_max")  # what schedules that end with the run call its length
RATES = ("max_lr", "base_lr")  # rates that some schedules take in the place of the optimizer's


def scheduled(
    scheduler: Callable[..., Any],
    optimizer: Optimizer,
    *,
    total_steps: int,
    mode: Literal["min", "max"],
    multiple: float = 1.0,
) -> LRScheduler:
    """What moves an optimizer's rate: a schedule of ours, any of torch's, or a user's own; stepped at each update.

    One that takes the run's length in updates (`total_steps`, as OneCycleLR, or `T_max`, as CosineAnnealingLR) is
    given it, and ReduceLROnPlateau, which is stepped at each validation by the monitored metric, the `mode` in which
    that is better: where its configuration doesn't say so itself. `multiple` is of the rates that a schedule takes in
    the place of the optimizer's.

    Raises:
        ValueError: it makes something else, or would take the better of two values for the worse.
    """
    given = scheduler.keywords if isinstance(scheduler, partial) else {}
    offered: dict[str, Any] = {} if "steps_per_epoch" in given else dict.fromkeys(LENGTHS, total_steps)
    kind = scheduler.func if isinstance(scheduler, partial) else scheduler
    if inspect.isclass(kind) and issubclass(kind, ReduceLROnPlateau):  # others mean something else by a mode
        offered = {"mode": mode}
    wanted = {name: value for name, value in offered.items() if name not in given and _takes(kind, name)}
    rates = {name: given[name] * multiple for name in RATES if isinstance(given.get(name), float)}
    schedule = scheduler(optimizer, **wanted, **rates)
    # The one kind isn't the other in older versions of torch.
    if not isinstance(schedule, (LRScheduler, ReduceLROnPlateau)):
        raise ValueError(
            f"a scheduler must make a torch.optim.lr_scheduler.LRScheduler, got {type(schedule).__name__} "
            "(set scheduler=...)"
        )
    if isinstance(schedule, ReduceLROnPlateau) and schedule.mode != mode:
        raise ValueError(f"mode must be {mode}, as task.mode is, got {schedule.mode!r} (set scheduler.mode)")
    if isinstance(schedule, MultiStepLR):  # torch 2.3 reads no Counter back out of a checkpoint
        vars(schedule)["milestones"] = dict(schedule.milestones)
    return schedule


def check_length(schedule: LRScheduler, num_updates: int) -> None:
    """ValueError for a schedule that ends, and with an error, before the run does."""
    if isinstance(schedule, OneCycleLR) and schedule.total_steps < num_updates:
        raise ValueError(
            f"total_steps must be the {num_updates} updates of this run or more, got {schedule.total_steps} "
            "(set scheduler.total_steps)"
        )


def _takes(scheduler: Callable[..., Any], name: str) -> bool:
    """Whether it has such an argument; of those that take any, `total_steps` is meant."""
    parameters = inspect.signature(scheduler).parameters
    takes_any = any(each.kind is inspect.Parameter.VAR_KEYWORD for each in parameters.values())
    return name in parameters or (takes_any and name == "total_steps")


def warmup_cosine(optimizer: Optimizer, *, total_steps: int, warmup_steps: int, final_factor: float) -> LambdaLR:
    """Linear warm-up, then f + (1 - f) (1 + cos(pi t)) / 2 with t from 0 to 1 and f the `final_factor`."""
    if not 0 <= final_factor <= 1:
        raise ValueError(f"final_factor is a share from 0 to 1, got {final_factor} (set scheduler.final_factor)")

    def decay(step: int) -> float:
        progress = min(1.0, (step - warmup_steps) / max(1, total_steps - warmup_steps))
        return final_factor + (1 - final_factor) * 0.5 * (1 + math.cos(math.pi * progress))

    return _with_warmup(optimizer, warmup_steps, decay)


def warmup_inverse_sqrt(optimizer: Optimizer, *, total_steps: int, warmup_steps: int) -> LambdaLR:
    """min(s / w, sqrt(w / s)) at update s with warm-up w (Vaswani et al., 2017), so that the peak is 1.

    `total_steps` is not used: this schedule has no end.
    """
    peak = max(1, warmup_steps)
    return _with_warmup(optimizer, warmup_steps, lambda step: math.sqrt(peak / max(peak, step)))


def constant(optimizer: Optimizer, *, total_steps: int, warmup_steps: int) -> LambdaLR:
    """Linear warm-up, then 1. `total_steps` is not used: this schedule has no end."""
    return _with_warmup(optimizer, warmup_steps, lambda step: 1.0)


def _with_warmup(optimizer: Optimizer, warmup_steps: int, decay: Callable[[int], float]) -> LambdaLR:
    at_least(0, "scheduler", warmup_steps=warmup_steps)

    def factor(step: int) -> float:
        # The first update must already move: with s/w it would be lost to a rate of zero.
        return (step + 1) / warmup_steps if step < warmup_steps else decay(step)

    return LambdaLR(optimizer, factor)
