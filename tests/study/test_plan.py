from pathlib import Path

import pytest
from tiny_study import tiny_study

from attnlab.config.identity import run_hash
from attnlab.errors import UserError
from attnlab.study.plan import Plan, planned

ARMS = {
    "dot": ["attention=dot"],
    "additive": ["attention=additive"],
    "none": {"overrides": ["model=seq2seq"], "confounded": True},
}


@pytest.fixture(scope="module")
def plan(tmp_path_factory: pytest.TempPathFactory) -> Plan:
    """Matched by a key that a recurrent model without attention hasn't."""
    folder = tmp_path_factory.mktemp("plan")
    base = ["model=transformer", "model.num_heads=2", "model.num_layers=1", "model.feed_forward_dim=16"]
    from tiny_study import tiny_base

    study = tiny_study(
        folder,
        base=[*(each for each in tiny_base(folder) if not each.startswith("trainer.max_steps")), *base],
        control="dot",
        arms=ARMS,
        controls=["uniform", "identity", "capacity"],
        match="parameters",
        match_key="model.feed_forward_dim",
        budget={"updates": 8},
    )
    return planned(study)


def test_runs_stand_seed_by_seed_with_all_arms(plan: Plan) -> None:
    names = [each.name for each in plan.arms]
    assert names == ["dot", "additive", "none", "uniform", "identity"]
    assert [(job.seed, job.arm) for job in plan.jobs] == [(seed, name) for seed in (0, 1) for name in names]
    assert len({job.folder for job in plan.jobs}) == len(plan.jobs)


def test_a_job_is_a_run_of_train(plan: Plan) -> None:
    for job in plan.jobs:
        assert job.folder.name == run_hash(job.config)
        assert job.overrides[-1] == f"seed={job.seed}"
        assert job.config["trainer"]["max_steps"] == 8


def test_arms_are_matched_with_the_control_and_the_gap_is_known(plan: Plan) -> None:
    target = plan.control.costs.parameters.total
    for each in plan.arms:
        if each.name in ("additive", "uniform", "identity"):
            assert each.matched is not None
            assert each.matched.cost == each.costs.parameters.total
            assert (
                abs(each.costs.parameters.total - target) <= 13
            )  # half of a unit's weights: 2 layers of 12 + 1 and 12
    assert "none" in plan.unmatched
    assert plan.left_out == {"capacity": "all arms have the control's parameters"}


def test_only_what_isnt_attention_confounds(plan: Plan) -> None:
    confounded = {each.name for each in plan.arms if each.confounders}
    assert confounded == {"none"}
    uniform = next(each for each in plan.arms if each.name == "uniform")
    assert {each.key: each.kind for each in uniform.differences} == {
        "model.attention.core._target_": "mechanism",
        "model.feed_forward_dim": "matched",
    }


def test_the_folder_is_named_by_all_that_decides(plan: Plan) -> None:
    assert plan.folder.parent.name == "small"
    assert plan.folder.parent.parent.name == "studies"


def test_two_arms_of_the_same_runs_are_refused(tmp_path: Path) -> None:
    arms = {"dot": ["attention=dot"], "additive": ["attention=additive"], "again": ["attention=additive"]}
    with pytest.raises(UserError, match=r"two arms would be the same runs, got additive and again \(set arms\.again"):
        planned(tiny_study(tmp_path, control="dot", arms=arms, seeds=1))


def test_an_arm_that_differs_in_more_than_its_attention_is_refused(tmp_path: Path) -> None:
    arms = {"dot": ["attention=dot"], "wide": ["attention=additive", "model.dim=24"]}
    with pytest.raises(UserError, match=r"got wide where model\.dim is 24 for 12 \(set arms\.wide\.confounded=true"):
        planned(tiny_study(tmp_path, control="dot", arms=arms, seeds=1))


def test_an_arm_that_cant_be_built_is_named(tmp_path: Path) -> None:
    arms = {"dot": ["attention=dot"], "local": ["attention=local"]}
    with pytest.raises(UserError, match=r"^arm local: the attention must fit some slot of the model"):
        planned(tiny_study(tmp_path, control="dot", arms=arms, seeds=1))
