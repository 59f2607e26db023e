"""Runs of a study whose data isn't what lies there now: finished ones, and those that were begun."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from attnlab.errors import UserError
from attnlab.language import Words
from attnlab.launch.apart import apart
from attnlab.runs import checkpoint, own_data
from attnlab.runs.checkpoint_folder import LAST
from attnlab.study.job_states import SHORT, JobStates, is_finished, of_other_data
from attnlab.study.plan import Job, Plan


class Changed(NamedTuple):
    """What has changed since some runs. `own`: it is in files of the user's own, which alone may be restored."""

    jobs: tuple[Job, ...]
    before: str
    now: str
    own: bool
    newer: tuple[Path, ...]

    @property
    def said(self) -> Words:
        """How many runs, and which files are newer, as far as that is known."""
        num, was, now = len(self.jobs), self.before[:SHORT], self.now[:SHORT]
        runs, record = ("1 run", "its record") if num == 1 else (f"{num} runs", "their records")
        files = ", ".join(map(str, self.newer))
        return Words(
            f"the data has changed since {runs} of this study: sha256 was {was}, now {now}"
            + (f"; newer than {record}: {files}" if files else ""),
            f"数据在本研究的 {num} 次运行之后有了变化：sha256 原为 {was}，现为 {now}"
            + (f"；比记录新的是 {files}" if files else ""),
        )


def changed_data(plan: Plan, jobs: Iterable[Job] | None = None) -> Changed | None:
    """Of all runs and trials of a plan, or of these; None where all that are there have today's data."""
    trials = () if plan.tuning is None else (each.job for each in plan.tuning.trials)
    unique = {job.folder: job for job in ((*trials, *plan.jobs) if jobs is None else jobs)}
    found = dict(_otherwise(plan, list(unique.values())))
    if not found or plan.checksum is None:
        return None
    last = max(found, key=lambda path: path.stat().st_mtime)
    (job, before), own = found[last], _is_own(found[last][0])
    newer = own_data.newer_files(job.config["data"], last) if own else []
    return Changed(tuple(job for job, _ in found.values()), before, plan.checksum, own, tuple(newer))


def check_same_data(plan: Plan, jobs: Sequence[Job]) -> None:
    """See that nothing is to be done anew because the user's own files have changed, perhaps by mistake.

    Raises:
        UserError: with the checksums before and now, the files that are newer than what these runs left, and the cure.
    """
    if (found := changed_data(plan, jobs)) is not None and found.own:
        raise UserError(
            f"{found.said.en} (restore it, or add --fresh, which trains anew and keeps what is there in each run's "
            "folder, under earlier/; or set output_root=DIR)"
        )


def begun_otherwise(job: Job, checksum: str | None) -> str | None:
    """The checksum of the user's own data that an unfinished run was begun on, where that isn't this one."""
    path = job.folder / "checkpoints" / LAST
    if checksum is None or is_finished(job) or not path.is_file() or not _is_own(job):
        return None
    try:
        # A process that has computed something mustn't be forked.
        before = apart(lambda: str(checkpoint.load(path)[checkpoint.KEY]["checksum"]))
    except (UserError, RuntimeError):  # which the run itself says
        return None
    return None if before == checksum else before


def _otherwise(plan: Plan, jobs: Sequence[Job]) -> Iterator[tuple[Path, tuple[Job, str]]]:
    """Those of other data than today's, and its checksum, by what tells it; a failure is a result, of whatever data."""
    states = JobStates(plan.folder)
    for job in jobs:
        if (before := of_other_data(job, plan.checksum)) is not None:
            yield job.folder / "metrics.json", (job, before)
        elif states.failure(job) is None and (before := begun_otherwise(job, plan.checksum)) is not None:
            yield job.folder / "checkpoints" / LAST, (job, before)


def _is_own(job: Job) -> bool:
    data = job.config.get("data")
    return isinstance(data, dict) and own_data.is_own(data)
