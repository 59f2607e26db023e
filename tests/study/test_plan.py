from copy import deepcopy
from dataclasses import replace
from pathlib import Path

import pytest
from tiny_study import tiny_base, tiny_study

from attnlab.config.identity import run_hash
from attnlab.errors import UserError
from attnlab.study.arms import Arm
from attnlab.study.design import of_values
from attnlab.study.plan import Plan, planned
from attnlab.study.workshop import Workshop

SMALL = ["model=transformer", "model.num_heads=2", "model.feed_forward_dim=16"]
ARMS = {
    "dot": [*SMALL, "attention=dot"],
    "additive": [*SMALL, "attention=additive"],
    "none": {"overrides": ["model=seq2seq"], "confounded": True},
}


@pytest.fixture(scope="module")
def plan(tmp_path_factory: pytest.TempPathFactory) -> Plan:
    """Matched by a key that a recurrent model without attention hasn't."""
    folder = tmp_path_factory.mktemp("plan")
    study = tiny_study(
        folder,
        base=[*(each for each in tiny_base(folder) if not each.startswith("trainer.max_steps")), "model.num_layers=1"],
        control="dot",
        arms=ARMS,
        controls=["capacity"],
        match="parameters",
        match_key="model.feed_forward_dim",
        budget={"updates": 8},
    )
    return planned(study)


def test_runs_stand_seed_by_seed_with_all_arms(plan: Plan) -> None:
    names = [each.name for each in plan.arms]
    assert names == ["dot", "additive", "none"]
    assert [(job.seed, job.arm) for job in plan.jobs] == [(seed, name) for seed in (0, 1) for name in names]
    assert len({job.folder for job in plan.jobs}) == len(plan.jobs)


def test_a_job_is_a_run_of_train(plan: Plan) -> None:
    for job in plan.jobs:
        assert job.folder.name == run_hash(job.config)
        assert job.overrides[-1] == f"seed={job.seed}"
        assert job.config["trainer"]["max_steps"] == 8


def test_an_arm_is_matched_with_the_control_and_the_gap_is_known(plan: Plan) -> None:
    target, additive = plan.control.costs.parameters.total, plan.arms[1]
    assert additive.matched is not None
    assert additive.matched.cost == additive.costs.parameters.total
    assert abs(additive.costs.parameters.total - target) <= 25  # half of what a unit more takes in two layers
    assert "none" in plan.unmatched
    assert plan.left_out == {"capacity": "all arms have the control's parameters"}


def test_only_what_isnt_attention_confounds(plan: Plan) -> None:
    assert {each.name for each in plan.arms if each.confounders} == {"none"}
    assert {each.key: each.kind for each in plan.arms[1].differences} == {
        "model.attention.core._target_": "mechanism",
        "model.feed_forward_dim": "matched",
    }


def test_the_folder_is_named_by_all_that_decides(plan: Plan) -> None:
    assert plan.folder.parent.name == "small"
    assert plan.folder.parent.parent.name == "studies"


def refused(monkeypatch: pytest.MonkeyPatch, plan: Plan, **arms: Arm) -> str:
    """Why a study of these arms and the plan's control, composed already, can't be."""
    designs = {"dot": plan.control.arm} | arms
    study = of_values("small", Path("small.yaml"), {"control": "dot", "arms": {name: [] for name in designs}})
    monkeypatch.setattr(Workshop, "compose_design", lambda self, name: replace(designs[name], name=name))
    with pytest.raises(UserError) as refusal:
        planned(study)
    return str(refusal.value)


def test_what_cant_be_compared_is_refused(plan: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    additive, none = (next(each.arm for each in plan.arms if each.name == name) for name in ("additive", "none"))
    found = refused(monkeypatch, plan, again=replace(plan.control.arm, name="again"))
    assert found.startswith("an arm must differ from the control, got again with the very runs of dot")
    # As before it was matched.
    changed = deepcopy(additive.config)
    changed["model"]["feed_forward_dim"] = 16
    unmatched = replace(additive, configs={0: changed})
    found = refused(monkeypatch, plan, additive=unmatched, again=unmatched)
    assert found.startswith("two arms would be the same runs, got additive and again")
    other_test = deepcopy(none.config)
    other_test["trainer"]["limit_test_batches"] = 1
    found = refused(monkeypatch, plan, none=replace(none, configs={0: other_test}))
    assert found.startswith("arms are compared on the very same test, got trainer.limit_test_batches 1 in none and")
    found = refused(monkeypatch, plan, none=replace(none, confounded=False))
    assert found.startswith("an arm differs from the control in its attention alone, got none where")


def test_an_arm_that_cant_be_built_is_named(plan: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    config = deepcopy(plan.arms[1].arm.config)
    config["model"]["feed_forward_dim"] = 16
    config["model"]["attention"]["num_kv_heads"] = 5
    odd = replace(plan.arms[1].arm, name="odd", configs={0: config})
    assert refused(monkeypatch, plan, odd=odd).startswith("arm odd: the heads must be divisible by the key-value heads")


def test_a_study_without_a_test_is_refused_before_its_data_is_prepared(tmp_path: Path) -> None:
    study = tiny_study(tmp_path, base=[*tiny_base(tmp_path), "trainer.limit_test_batches=0"])
    with pytest.raises(UserError, match=r"judged by its test, got trainer.limit_test_batches=0 in uniform \(drop it"):
        planned(study)
    assert not (tmp_path / "cache").exists()
