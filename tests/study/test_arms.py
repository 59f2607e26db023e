from pathlib import Path

import pytest
from tiny_study import tiny_base

from attnlab.config import compose
from attnlab.errors import UserError
from attnlab.runs import build
from attnlab.study.arms import (
    Arm,
    attention_places,
    check_fair,
    composed_arm,
    differences,
    merged,
    same_runs,
    seeded_run,
    set_value,
)


@pytest.fixture(scope="module")
def arm(tmp_path_factory: pytest.TempPathFactory) -> Arm:
    base = tiny_base(tmp_path_factory.mktemp("arms"))
    return composed_arm("additive", [*base, "attention=additive"], [3, 8, 11])


def test_an_arms_runs_are_those_of_train(arm: Arm) -> None:
    assert list(arm.configs) == [3, 8, 11]
    for seed in (3, 11):
        assert arm.configs[seed] == build.plain(compose.compose_run([*arm.overrides, f"seed={seed}"]))
    assert set(arm.seed_keys) == {"seed", "data.seed"}
    assert len({config["output_dir"] for config in arm.configs.values()}) == 3


def test_a_value_that_is_made_of_the_seed_makes_it_compose_each(arm: Arm) -> None:
    own = composed_arm("own", [*arm.overrides, "++model.label=s${seed}"], [1, 2, 3])
    assert [config["model"]["label"] for config in own.configs.values()] == ["s1", "s2", "s3"]
    assert not own.follows
    assert len({config["output_dir"] for config in own.configs.values()}) == 3


def test_a_mistake_names_its_arm() -> None:
    with pytest.raises(UserError, match=r"^arm mine: no attention is named 'nosuch'"):
        composed_arm("mine", ["attention=nosuch"], [0])


def test_what_an_arm_sets_anew_is_set_once() -> None:
    base = ["attention=additive", "attention@model.cross_attention=dot", "model.dim=8"]
    assert merged(base, ["attention=uniform", "model.dim=16"]) == [base[1], "attention=uniform", "model.dim=16"]


def test_places_are_those_that_arms_choose() -> None:
    arms = [["attention=dot", "model.dim=8"], ["attention@model.cross_attention=dot"], ["attention=additive"]]
    assert attention_places(arms, "attention") == ["attention", "attention@model.cross_attention"]
    assert attention_places(arms, "feature_attention") == []


def other(arm: Arm, **values: object) -> build.Config:
    config = seeded_run(arm.config, (), 0)
    for key, value in values.items():
        set_value(config, key.replace("__", "."), value)
    return config


def test_differences_are_of_the_mechanism_or_confound(arm: Arm) -> None:
    changed = other(arm, model__attention__core___target_="mine.Core", model__dim=24, name="x", verdict=None)
    found = differences(changed, arm.config)
    assert [(each.key, each.kind) for each in found] == [
        ("model.attention.core._target_", "mechanism"),
        ("model.dim", "confounded"),
    ]
    assert (found[1].arm, found[1].control) == (24, 12)
    assert [each.kind for each in differences(changed, arm.config, matched=["model.dim"])] == ["mechanism", "matched"]


def test_what_stands_twice_is_named_once_and_what_nothing_reads_isnt_named(arm: Arm) -> None:
    changed = other(arm, optimizer__lr=0.5, task__optimizer__lr=0.5, attention__dropout=0.5)
    assert [each.key for each in differences(changed, arm.config)] == ["optimizer.lr"]


def test_an_arm_that_differs_in_more_says_so_or_is_refused(arm: Arm) -> None:
    found = differences(other(arm, model__dim=24), arm.config)
    with pytest.raises(UserError, match=r"got additive where model\.dim is 24 for 12 \(add additive to the list con"):
        check_fair(arm, arm, found, path=Path("small.yaml"))
    with pytest.raises(UserError, match="an arm must differ from the control"):
        check_fair(arm, arm, [], path=Path("small.yaml"))
    check_fair(arm, arm, differences(arm.config, other(arm, model__attention__dropout=0.5)), path=Path("small.yaml"))


def test_runs_that_compute_the_same_are_known(arm: Arm) -> None:
    assert same_runs(arm, [arm]) == "additive"
    assert same_runs(arm, []) is None
