"""What came of the trials: the score of validation of each, the best of each arm, and whether any are left."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from attnlab.errors import UserError
from attnlab.reporting.terminal.text import score_text
from attnlab.runs import run_folder
from attnlab.study.job_states import JobStates, is_finished
from attnlab.study.plan import Plan, Trial, Tuning
from attnlab.tasks.task import Better


@dataclass(frozen=True)
class Outcome:
    """How a trial ended, and its score of validation; none of one that failed, or had none that is a number."""

    trial: Trial
    status: str
    score: float | None
    updates: int
    seconds: float


def outcomes(plan: Plan) -> tuple[Outcome, ...]:
    """Of every trial that has ended, in the plan's order."""
    states, found = JobStates(plan.folder), []
    for trial in tuning_of(plan).trials:
        if is_finished(trial.job):
            found.append(_finished(trial))
        elif (failure := states.failure(trial.job)) is not None:
            found.append(Outcome(trial, failure.status, None, 0, 0.0))
    return tuple(found)


def tuning_of(plan: Plan) -> Tuning:
    """Of a study that tunes its arms."""
    assert plan.tuning is not None, f"{plan.study.name} tunes nothing"
    return plan.tuning


def num_left(plan: Plan) -> int:
    """Trials that haven't ended."""
    return len(tuning_of(plan).trials) - len(outcomes(plan))


def best_trials(plan: Plan) -> dict[str, Trial]:
    """Of each arm the trial of the best score, the first of several.

    Raises:
        UserError: trials are left, or an arm has none with a score.
    """
    tuning, found = tuning_of(plan), outcomes(plan)
    if left := len(tuning.trials) - len(found):
        raise UserError(
            f"an arm's values are known once its trials have ended, got {left} of them left (run the study)"
        )
    chosen = {}
    for arm in plan.arms:
        own = [each for each in found if each.trial.job.arm == arm.name]
        scores = [each.score for each in own]
        place = best_place(scores, tuning.better)
        if place is None:
            raise UserError(
                f"an arm needs a trial that has a score, got none of {len(own)} of {arm.name} (set "
                f"{plan.study.place_of('tune.space')}, or add --retry)"
            )
        chosen[arm.name] = own[place].trial
    return chosen


def best_place(scores: Sequence[float | None], better: Better) -> int | None:
    """Where the best score stands, the first of several; None where there is none."""
    known = [(score if better == "max" else -score, -place) for place, score in enumerate(scores) if score is not None]
    return -max(known)[1] if known else None


def _finished(trial: Trial) -> Outcome:
    record = run_folder.finished(trial.job.folder)
    assert record is not None, f"{trial.job.folder} has no metrics.json"
    score = record["best"]["score"]
    known = None if score is None or not math.isfinite(score) else float(score)
    updates, seconds = int(record.get("steps", 0)), float(record.get("wall_seconds", 0.0))
    return Outcome(trial, "finished", known, updates, seconds)


class Spent(NamedTuple):
    """What trials took; draws that are the same run cost once."""

    runs: int
    updates: int
    seconds: float


def spent(plan: Plan, arm: str | None = None) -> Spent:
    """By all arms, or one. Of a trial that failed it isn't known how much."""
    found = {each.trial.job.folder: each for each in outcomes(plan) if arm in (None, each.trial.job.arm)}.values()
    return Spent(len(found), sum(each.updates for each in found), sum(each.seconds for each in found))


def tuning_row(plan: Plan, arm: str) -> list[str]:
    """Of an arm: its trials, those that failed, the best with its score and values, and what all of them took."""
    found = [each for each in outcomes(plan) if each.trial.job.arm == arm]
    best, took = tuning_of(plan).chosen[arm], spent(plan, arm)
    score = next(each.score for each in found if each.trial.number == best.number)
    values = ", ".join(f"{key}={value}" for key, value in best.values.items())
    failed = sum(each.score is None for each in found)
    shown = [str(len(found)), str(failed), str(best.number), "-" if score is None else score_text(score), values or "-"]
    return [arm, *shown, f"{took.updates:,}", f"{took.seconds:,.0f}"]
