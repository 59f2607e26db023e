"""How long a study is going to take, by runs of its arms that are finished, or by a few updates of each."""

import json
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import mean
from typing import Any

from attnlab.config import identity
from attnlab.errors import UserError
from attnlab.runs import run_folder
from attnlab.study.arms import Arm
from attnlab.study.job_states import JobStates, is_finished, of_other_data
from attnlab.study.plan import Job, Plan
from attnlab.study.probe import seconds_an_update


@dataclass(frozen=True, kw_only=True)
class ExpectedTime:
    """Of one arm: runs left to do, its trials among them, and seconds a run; None where no run of it is finished yet.

    What was `probed` is training alone: validation and test come on top.
    """

    left: int
    seconds_a_run: float | None
    probed: bool = False

    @property
    def seconds(self) -> float | None:
        """Of all that is left, one after another."""
        return 0.0 if not self.left else None if self.seconds_a_run is None else self.left * self.seconds_a_run


def expected_times(plan: Plan, *, probe: bool) -> dict[str, ExpectedTime]:
    """By arm; with `probe`, arms of which no run is finished train a few updates now."""
    times = {each.name: _with_trials(plan, each.name, _of_left(plan, each.arm)) for each in plan.arms}
    if probe:
        for each in plan.arms:
            if times[each.name].seconds_a_run is None:
                updates = each.arm.config["trainer"]["max_steps"]
                seconds = seconds_an_update(each.arm.config) * updates
                times[each.name] = ExpectedTime(left=times[each.name].left, seconds_a_run=seconds, probed=True)
    return times


def _of_left(plan: Plan, arm: Arm) -> ExpectedTime:
    """A run that failed is done: its failure is a result. One of other data than today's isn't."""
    found, states = _of_finished(arm), JobStates(plan.folder)
    mine = [job for job in plan.jobs if job.arm == arm.name]
    failed = sum(states.failure(job) is not None for job in mine if not is_finished(job))
    return replace(found, left=found.left - failed + sum(_is_outdated(plan, job) for job in mine))


def _is_outdated(plan: Plan, job: Job) -> bool:
    """Whether a run is finished, and has to be trained anew for its data."""
    return _finished_seconds(job.folder) is not None and of_other_data(job, plan.checksum) is not None


def _with_trials(plan: Plan, arm: str, runs: ExpectedTime) -> ExpectedTime:
    """A trial takes as long as a run; which runs there will be isn't known before all trials have ended."""
    if plan.tuning is None:
        return runs
    states = JobStates(plan.folder)
    trials = list({each.job.folder: each.job for each in plan.tuning.of(arm)}.values())
    left = sum(
        of_other_data(job, plan.checksum) is not None if is_finished(job) else states.failure(job) is None
        for job in trials
    )
    known = [seconds for seconds in (_finished_seconds(job.folder) for job in trials) if seconds is not None]
    of_runs = runs.left if plan.tuning.chosen else len(plan.study.seeds)
    seconds = runs.seconds_a_run if runs.seconds_a_run is not None else mean(known) if known else None
    return ExpectedTime(left=of_runs + left, seconds_a_run=seconds)


def _of_finished(arm: Arm) -> ExpectedTime:
    """By the mean of the arm's finished runs, of whatever seed, in the folder where its runs lie."""
    left = sum(_finished_seconds(Path(config["output_dir"])) is None for config in arm.configs.values())
    known = [seconds for seconds in map(_finished_seconds, finished_runs(arm)) if seconds is not None]
    return ExpectedTime(left=left, seconds_a_run=mean(known) if known else None)


def finished_runs(arm: Arm) -> list[Path]:
    """Folders of finished runs of the arm's configuration, each seed once, of today's results."""
    parent = Path(arm.config["output_dir"]).parent
    found: dict[int, Path] = {}
    for path in sorted(parent.glob("*/metrics.json")):
        if (seed := _seed_of(arm, path.parent)) is not None and _finished(path.parent) is not None:
            found.setdefault(seed, path.parent)
    return list(found.values())


def _seed_of(arm: Arm, folder: Path) -> int | None:
    """Of a run of the arm's configuration; None of any other."""
    try:
        recorded = run_folder.config_of(folder)
    except (UserError, OSError):
        return None
    if not isinstance(seed := recorded.get("seed"), int):
        return None
    asked = identity.config_of_today(json.loads(json.dumps(arm.with_seed(seed))))
    return seed if identity.decisive(recorded) == identity.decisive(asked) else None


def _finished(folder: Path) -> dict[str, Any] | None:
    """The record of a finished run of today's results; None for others."""
    try:
        results = run_folder.finished(folder)
    except UserError:
        return None
    return None if results is None or identity.results_of(results) != identity.RESULTS else results


def _finished_seconds(folder: Path) -> float | None:
    seconds = (_finished(folder) or {}).get("wall_seconds")
    return float(seconds) if isinstance(seconds, (int, float)) else None
