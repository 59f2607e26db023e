"""By which score finished runs are compared, which of its values are the better, and what difference matters."""

import math
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from attnlab.config import compose
from attnlab.errors import UserError, closest
from attnlab.metrics.records.contract import DELETION, Score
from attnlab.study.comparing.found_runs import FoundRun
from attnlab.study.comparing.study_folders import StudyFolder
from attnlab.study.diagnosed import HOW
from attnlab.study.judged import Judged, said_by_task
from attnlab.study.records import RunRecords

if TYPE_CHECKING:  # torch with it
    from attnlab.tasks.task import Better

# What a text is like, not how good it is.
DESCRIBE = ("num_words", "length_ratio", "novel_")
LOWER_RULES = ("exp_mean", "calibration_error")
LOWER = re.compile(r"(\w+_)?loss(_\w+)?|bits_per_byte")  # loss_at_64 and coverage_loss are losses


def question(
    run: FoundRun,
    records: Sequence[RunRecords],
    *,
    metric: str | None = None,
    margin: float | None = None,
    planned: StudyFolder | None = None,
) -> Judged:
    """As asked for, else as the study that planned all runs says, else as the task's file does: that which the
    control's `run` has on record, else today's.

    Raises:
        UserError: not every run has such a score, or none of its values is the better; a margin not above 0.
    """
    if margin is not None and not (math.isfinite(margin) and margin > 0):
        raise UserError(f"margin must be a number above 0, got {margin:g} (set --margin)")
    chosen, margins = said_by_task(run.config if "verdict" in run.config else _of_today(run))
    monitored = (run.metrics or {}).get("best", {}).get("monitor") or ""
    own = None if planned is None else planned.metric
    asked = (metric or own or chosen or str(monitored)).removeprefix("test/").removeprefix("val/")
    known = [name for name in records[0].reported if all(_has(each, name) for each in records)]
    if asked not in known:
        why = next((each.without[asked] for each in records if asked in each.without), "")
        if not why and asked == DELETION:
            why = f"not every run has it: it is measured by {HOW}"
        raise UserError(
            f"metric must be a test score of all runs that their records give, one of {', '.join(known) or 'none'}"
            f"{closest(asked, known)}, got {asked or 'none'}{f': {why}' if why else ''} (set --metric)"
        )
    if margin is None:
        margin = planned.margin if planned is not None and asked == planned.metric else margins.get(asked)
    return Judged(metric=asked, better=_better(asked, run, records[0]), margin=margin)


def _has(records: RunRecords, name: str) -> bool:
    return name in records.scores or name in records.of_run


def _better(metric: str, run: FoundRun, records: RunRecords) -> "Better":
    task = run.config["task"]
    if task.get("monitor") == f"val/{metric}" and task.get("mode") in ("min", "max"):
        return "min" if task["mode"] == "min" else "max"
    if metric in records.of_run:
        return "min"  # distances from real images
    better = better_of(records.scores[metric])
    if better is None:
        raise UserError(f"metric must be one of which more or less is better, got {metric} (set --metric)")
    return better


def better_of(score: Score) -> "Better | None":
    """Which values of a score are the better, by what it is made of; None where neither are."""
    if score.of.startswith(DESCRIBE):
        return None
    return "min" if score.rule in LOWER_RULES or LOWER.fullmatch(score.of) else "max"


def _of_today(run: FoundRun) -> dict[str, Any]:
    """What the task's file says now, of a run that was recorded without; nothing of a task of the user's own."""
    name = str((run.metrics or {}).get("task", ""))
    if name not in compose.options("task"):
        return {}
    verdict = compose.compose_run([f"task={name}"]).get("verdict")
    return {} if verdict is None else {"verdict": {"metric": verdict.get("metric"), "margins": dict(verdict.margins)}}
