"""By which test score the arms of a study are compared, and by less than which a difference doesn't matter."""

from collections.abc import Mapping
from dataclasses import dataclass
from sys import float_info
from typing import TYPE_CHECKING, Any

from attnlab.errors import UserError, closest
from attnlab.study.design import Study

if TYPE_CHECKING:  # torch with it, which finished runs are judged without
    from attnlab.tasks.task import Better


@dataclass(frozen=True, kw_only=True)
class Judged:
    """The primary metric, as `metrics.json` has it under `test`; without a margin nothing is judged to be the same."""

    metric: str
    better: "Better"
    margin: float | None


def judged(study: Study, config: dict[str, Any], sizes: dict[str, int]) -> Judged:
    """By the study's file, else by its task's: `verdict` in `conf/task/NAME.yaml`, else what its validation goes by.

    Raises:
        UserError: the task has no such score.
    """
    task = _task(config, sizes)
    measured = {name.removeprefix("val/"): better for name, better in task.measured.items()}
    chosen, margins = said_by_task(config)
    metric = study.metric or chosen or task.monitor.removeprefix("val/")
    known = list(dict.fromkeys([*measured, *margins]))
    if metric not in known:
        where = study.place_of("metric") if study.metric else "verdict.metric"
        raise UserError(
            f"metric must be a test score of the task, one of {', '.join(known)}{closest(metric, known)}, got {metric} "
            f"(set {where})"
        )
    margin = study.margin if study.margin is not None else margins.get(metric)
    return Judged(metric=metric, better=measured.get(metric, "max"), margin=margin)


def monitored(config: dict[str, Any], sizes: dict[str, int]) -> "tuple[str, Better]":
    """The score of validation by which a task's best checkpoint is chosen, and which of its values is the better."""
    task = _task(config, sizes)
    return task.monitor, task.mode


def _task(config: dict[str, Any], sizes: dict[str, int]) -> Any:
    import torch

    from attnlab.runs import build

    with torch.device("meta"):
        return build.build_task(config, sizes, None)


def said_by_task(config: dict[str, Any]) -> tuple[str | None, dict[str, float]]:
    """What a task's file says of verdicts: the metric, and margins by metric; one of the user's own may say nothing.

    Raises:
        UserError: a value of another form.
    """
    said = config.get("verdict") or {}
    metric, margins = (said.get("metric"), said.get("margins") or {}) if isinstance(said, Mapping) else (said, {})
    if metric is not None and not isinstance(metric, str):
        raise UserError(f"metric must be the name of a test score, got {metric!r} (set verdict.metric)")
    if not isinstance(margins, Mapping):
        raise UserError(f"margins must be numbers by metric, got {margins!r} (set verdict.margins)")
    for name, value in margins.items():
        if not _above_zero(value):
            raise UserError(f"a margin must be a number above 0, got {value!r} (set verdict.margins.{name})")
    return metric, {str(name): float(value) for name, value in margins.items()}


def _above_zero(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and 0 < value <= float_info.max
