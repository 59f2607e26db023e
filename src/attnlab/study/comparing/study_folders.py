"""A study's folder as a place where runs are: which it planned, which of them failed, and what it asks of them."""

import math
import os
from pathlib import Path
from typing import Any, NamedTuple

from attnlab.errors import UserError
from attnlab.reading.bounds import read_json
from attnlab.study.job_states import read_state

AGAIN = "give its command again, or name its runs' folders"


class StudyJob(NamedTuple):
    """A run that a study planned."""

    arm: str
    seed: Any
    folder: Path
    failed: bool


class StudyFolder(NamedTuple):
    """What a study's folder says of the study.

    `control` is the name of an arm; it, `metric` and `margin` are None where there is none, or an older plan doesn't
    say it.
    """

    name: str
    jobs: tuple[StudyJob, ...]
    control: str | None
    metric: str | None
    margin: float | None


def read_study(study: Path) -> StudyFolder | None:
    """A study, by its folder, which may have been moved together with its runs; None of another plan.

    Raises:
        UserError: `plan.json` or a file of `jobs/` is damaged.
    """
    path = study / "plan.json"
    try:
        plan = read_json(path)
        if "study" not in plan:
            return None
        root = Path(plan["folder"]).parents[2]  # ROOT/studies/NAME/HASH
        control, metric = (None if plan.get(key) is None else str(plan[key]) for key in ("control", "metric"))
        margin = None if plan.get("margin") is None else float(plan["margin"])
        if margin is not None and not (math.isfinite(margin) and margin > 0):
            raise ValueError(f"margin {margin}")
        jobs = tuple(_job(each, study, root) for each in plan["jobs"])
        return StudyFolder(str(plan["study"]), jobs, control, metric, margin)
    except (OSError, ValueError, KeyError, TypeError, IndexError, RecursionError) as error:
        raise UserError(f"plan.json must be a study's plan, got {path}, which is damaged ({AGAIN})") from error


def _job(said: dict[str, Any], study: Path, root: Path) -> StudyJob:
    folder = Path(said["folder"])
    if b"\0" in os.fsencode(folder):
        raise ValueError("a zero byte in a folder's name")
    if folder.is_relative_to(root):
        folder = study.absolute().parents[2] / folder.relative_to(root)
    state = read_state(study / "jobs" / f"{folder.name}.json")
    return StudyJob(str(said["arm"]), said["seed"], folder, state is not None and state.failed)
