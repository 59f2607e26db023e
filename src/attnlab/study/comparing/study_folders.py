"""A study's folder as a place where runs are: which it planned, and which of them failed."""

import json
from pathlib import Path
from typing import Any, NamedTuple

from attnlab.errors import UserError
from attnlab.study.job_states import read_state

AGAIN = "give its command again, or name its runs' folders"


class StudyJob(NamedTuple):
    """A run that a study planned."""

    arm: str
    seed: Any
    folder: Path
    failed: bool


def jobs_of(study: Path) -> list[StudyJob]:
    """The runs of a study, by its folder, which may have been moved together with its runs; none of another plan.

    Raises:
        UserError: `plan.json` or a file of `jobs/` is damaged.
    """
    path = study / "plan.json"
    try:
        plan = json.loads(path.read_text(encoding="utf-8"))
        if "study" not in plan:
            return []
        root = Path(plan["folder"]).parents[2]  # ROOT/studies/NAME/HASH
        return [_job(each, study, root) for each in plan["jobs"]]
    except (OSError, ValueError, KeyError, TypeError, IndexError, RecursionError) as error:
        raise UserError(f"plan.json must be a study's plan, got {path}, which is damaged ({AGAIN})") from error


def _job(said: dict[str, Any], study: Path, root: Path) -> StudyJob:
    folder = Path(said["folder"])
    if folder.is_relative_to(root):
        folder = study.absolute().parents[2] / folder.relative_to(root)
    state = read_state(study / "jobs" / f"{folder.name}.json")
    return StudyJob(str(said["arm"]), said["seed"], folder, state is not None and state.failed)
