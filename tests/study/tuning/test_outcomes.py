"""Which trial is the best, and that no score of a test has a part in it."""

from dataclasses import replace
from pathlib import Path

import pytest
from tiny_tuning import finish, made_tuned_plan, trial_of

from attnlab.errors import UserError
from attnlab.launch.ending import Ended
from attnlab.study.job_states import JobStates
from attnlab.study.plan import Plan
from attnlab.study.tuning.outcomes import best_place, best_trials, num_left, outcomes, spent, tuning_row


@pytest.fixture
def plan(tmp_path: Path) -> Plan:
    made = made_tuned_plan(tmp_path)
    for arm, scores in {"uniform": (0.2, 0.5), "additive": (0.7, 0.1), "none": (0.4, 0.4)}.items():
        for number, score in enumerate(scores, 1):
            # A planted test, which says the contrary.
            finish(trial_of(made, arm, number), score, test={"accuracy": 1 - score})
    return made


def test_the_best_of_validation_is_chosen_and_the_first_of_equals(plan: Plan) -> None:
    assert {name: each.number for name, each in best_trials(plan).items()} == {"uniform": 2, "additive": 1, "none": 1}
    assert num_left(plan) == 0


def test_where_less_is_better_the_least_is_chosen(plan: Plan) -> None:
    assert plan.tuning is not None
    by_loss = replace(plan, tuning=replace(plan.tuning, better="min"))
    assert {name: each.number for name, each in best_trials(by_loss).items()} == {
        "uniform": 1,
        "additive": 2,
        "none": 1,
    }


def test_a_failed_trial_is_one_without_a_score(plan: Plan) -> None:
    failing = trial_of(plan, "additive", 1)
    (failing.job.folder / "metrics.json").unlink()
    assert num_left(plan) == 1
    with pytest.raises(UserError, match="values are known once its trials have ended, got 1 of them left"):
        best_trials(plan)
    JobStates(plan.folder).record(failing.job, Ended("diverged", error="the loss is nan"))
    assert best_trials(plan)["additive"].number == 2
    [found] = [each for each in outcomes(plan) if each.trial is failing]
    assert (found.status, found.score) == ("diverged", None)


def test_an_arm_without_a_score_ends_it_in_one_line(plan: Plan) -> None:
    for number in (1, 2):
        finish(trial_of(plan, "none", number), None if number == 1 else float("nan"))
    with pytest.raises(UserError, match="an arm needs a trial that has a score, got none of 3 of none"):
        best_trials(plan)


def test_draws_that_are_the_same_run_count_twice_and_cost_once(plan: Plan) -> None:
    assert spent(plan) == (6, 48, 15.0)
    assert plan.tuning is not None
    settled = replace(plan, tuning=replace(plan.tuning, chosen=best_trials(plan)))
    assert tuning_row(settled, "uniform") == ["uniform", "3", "0", "2", "0.5", "optimizer.lr=0.2", "16", "5"]


def test_there_is_no_best_of_none() -> None:
    assert best_place([None, 2.0, 3.0, 3.0], "max") == 2
    assert best_place([None, 2.0, 3.0], "min") == 1
    assert best_place([None, None], "max") is None
