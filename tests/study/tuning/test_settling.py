"""From a tuned study's file to the runs that are judged; its trials aren't trained here."""

import json
from dataclasses import replace
from typing import Any

import pytest
from tiny_study import tiny_study
from tiny_tuning import finish

from attnlab.config.identity import run_hash
from attnlab.errors import UserError
from attnlab.study.design import Budget
from attnlab.study.plan import Plan, laid_out, planned
from attnlab.study.tuning.settling import settled, settled_if_known
from attnlab.study.tuning.space import Tune
from attnlab.study.workshop import Workshop

TUNE = {"trials": 2, "space": {"optimizer.lr": "tag(log, interval(1e-4, 1e-2))", "model.dropout": [0.0, 0.25]}}


@pytest.fixture(scope="module")
def plan(tmp_path_factory: pytest.TempPathFactory) -> Plan:
    return planned(tiny_study(tmp_path_factory.mktemp("tuned"), tune=TUNE))


def test_every_arm_has_the_same_draws_in_runs_that_are_never_tested(plan: Plan) -> None:
    assert plan.tuning is not None
    assert plan.jobs == ()
    assert len(plan.tuning.trials) == 4
    control, other = (plan.tuning.of(name) for name in ("uniform", "additive"))
    assert [each.values for each in control] == [each.values for each in other]
    for each in plan.tuning.trials:
        job = each.job
        assert job.config["trainer"]["limit_test_batches"] == 0
        assert "trainer.limit_test_batches=0" in job.overrides
        assert job.seed not in plan.study.seeds
        assert job.config["optimizer"]["lr"] == float(each.values["optimizer.lr"])
        assert job.folder.name == run_hash(job.config)


def test_trials_are_what_train_makes_of_their_overrides(plan: Plan) -> None:
    from attnlab.config.compose import compose_run
    from attnlab.runs import build

    assert plan.tuning is not None
    job = plan.tuning.trials[-1].job
    assert build.plain(compose_run(list(job.overrides))) == job.config


def test_each_arm_runs_with_its_own_best_and_that_confounds_nothing(plan: Plan) -> None:
    assert plan.tuning is not None
    assert settled_if_known(plan) is plan
    with pytest.raises(UserError, match="got 4 of them left"):
        settled(plan)
    for each in plan.tuning.trials:
        finish(each, {("uniform", 1): 0.9, ("additive", 2): 0.9}.get((each.job.arm, each.number), 2.0))
    assert plan.tuning.better == "min"
    found = settled_if_known(plan)
    assert found.folder == plan.folder
    assert found.tuning is not None
    assert {name: each.number for name, each in found.tuning.chosen.items()} == {"uniform": 1, "additive": 2}
    assert len(found.jobs) == found.num_runs == 4
    for job in found.jobs:
        assert job.config["optimizer"]["lr"] == float(found.tuning.chosen[job.arm].values["optimizer.lr"])
        assert job.config["trainer"]["limit_test_batches"] is None
    kinds = {each.key: each.kind for each in found.arms[1].differences}
    assert kinds["optimizer.lr"] == "tuned"
    assert "confounded" not in kinds.values()
    assert json.loads(json.dumps({job.arm: job.overrides for job in found.jobs}))


@pytest.mark.parametrize(
    "space, more, said",
    [
        ({"optimizer.lrr": "1,2"}, {}, "a tuned key must be one of a run's values, got optimizer.lrr (did you mean"),
        ({"trainer.max_steps": "4,5"}, {"budget": Budget(unit="updates", amount=8)}, "budget sets how long runs are"),
        ({"model.dim": "4,5"}, {"match": "flops"}, "sizes that a study matches aren't tuned, got model.dim with match"),
        ({"optimizer.lr": "-1.0,-2.0"}, {}, "tuning draws optimizer.lr=-"),
        ({"trainer.val_check_interval": "90,91"}, {}, "tuning goes by validation, and no run would be validated, got"),
    ],
)
def test_what_cant_be_tuned_is_said_before_anything_trains(
    plan: Plan, space: dict[str, str], more: dict[str, Any], said: str
) -> None:
    workshop = Workshop(replace(plan.study, **more), [])
    with pytest.raises(UserError) as refusal:
        laid_out(workshop, Tune(trials=1, space=space, seed=1000), plan.arms, plan.control)
    assert said in str(refusal.value)
    assert "\n" not in str(refusal.value)
