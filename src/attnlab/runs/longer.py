"""A longer run: it begins where another's `last.ckpt` stands, with what was measured on the way there."""

import logging
import math
import shutil
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from torch.optim import Optimizer
from torch.optim.lr_scheduler import CosineAnnealingLR, LambdaLR, LRScheduler, OneCycleLR

from attnlab.callbacks.first_losses import NAME as FIRST_LOSSES
from attnlab.config import identity
from attnlab.errors import UserError
from attnlab.files import writing
from attnlab.runs import checkpoint, run_folder
from attnlab.runs.checkpoint_folder import CheckpointFolder
from attnlab.tasks.training.schedules import LENGTHS

log = logging.getLogger(__name__)


class Origin(NamedTuple):
    """Where a longer run began."""

    folder: str
    step: int
    results: int
    """The number of the results that were computed till then."""


def origin_of(folder: Path) -> tuple[Path, Origin]:
    """The checkpoint that a run goes on from, and what its record says of that.

    Raises:
        UserError: there is none that is whole.
    """
    keep = run_folder.config_of(folder)["trainer"]["keep_checkpoints"]
    path, step = CheckpointFolder(folder / "checkpoints", keep=keep).newest()
    if path is None:
        raise UserError(f"no checkpoint to go on from, got {folder} (set continue_from)")
    return path, Origin(str(folder), step, identity.results_of(checkpoint.load(path)[checkpoint.KEY]))


def take_over(folder: Path, directory: Path, *, best: bool) -> None:
    """Copy an earlier run's curves and first losses, and its best checkpoint where `best`, into the folder of one that
    goes on from it.

    Raises:
        UserError: the folder can't be written.
    """
    names = ["metrics.csv", FIRST_LOSSES, *(["checkpoints/best.ckpt"] if best else [])]
    with writing(f"to {directory}", remedy="set output_dir"):
        for name in names:
            if (folder / name).is_file():
                shutil.copyfile(folder / name, directory / name)


def forget_length(schedules: Sequence[dict[str, Any]]) -> None:
    """Take out of the states of torch's schedules what the shorter run's length has made of them."""
    for state in schedules:
        for key in (*LENGTHS, "_schedule_phases"):
            state.pop(key, None)


def set_rate(optimizer: Optimizer, schedule: LRScheduler) -> float:
    """The rate that the next update has, of the schedule for the whole of the longer run; that of the first group.

    What was restored is the rate at which the shorter one's schedule had arrived.
    """
    for group, rate in zip(optimizer.param_groups, _rates(schedule) or (), strict=False):
        group["lr"] = rate
    return float(optimizer.param_groups[0]["lr"])


def _rates(schedule: LRScheduler) -> list[float] | None:
    """Where the schedule stands now, if the run's length decides it."""
    if isinstance(schedule, LambdaLR):
        pairs = zip(schedule.base_lrs, schedule.lr_lambdas, strict=True)
        return [float(rate) * factor(schedule.last_epoch) for rate, factor in pairs]
    if isinstance(schedule, CosineAnnealingLR):
        left = (1 + math.cos(math.pi * schedule.last_epoch / schedule.T_max)) / 2
        return [schedule.eta_min + (float(rate) - schedule.eta_min) * left for rate in schedule.base_lrs]
    if isinstance(schedule, OneCycleLR):
        with warnings.catch_warnings(action="ignore"):  # that it isn't called by a step
            return [float(rate) for rate in schedule.get_lr()]
    return None
