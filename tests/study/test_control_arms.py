"""With a workshop in which nothing is composed: an arm's configuration is its overrides."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tiny_study import COSTS, made_arm

from attnlab.errors import UserError
from attnlab.study import control_arms
from attnlab.study.arms import Arm
from attnlab.study.control_arms import added_arms
from attnlab.study.design import Study, of_values
from attnlab.study.ledger import Parameters
from attnlab.study.matching import Matched
from attnlab.study.workshop import PlannedArm


class Bench:
    """Counts an arm by its name and its overrides."""

    config_dirs = ()

    def __init__(self, study: Study) -> None:
        self.study = study
        self.sought: list[tuple[str, int]] = []

    def compose(self, name: str, overrides: Any, *, added: bool) -> Arm:
        return arm(name, tuple(overrides))

    def counted(self, each: Arm) -> PlannedArm:
        return PlannedArm(arm=each, costs=COSTS)

    def matched(self, each: Arm, control: PlannedArm) -> PlannedArm:
        if each.name == "identity":
            raise UserError("it serves no such role")
        return self.counted(each)

    def nearest(self, each: Arm, key: str, target: int, *, parameters: bool) -> tuple[Arm, Matched]:
        self.sought.append((key, target))
        changed = replace(each, configs={0: {"model": {"attention": f"{key}={target}"}}})
        return changed, Matched(key=key, value=1, cost=target, target=target)


def arm(name: str, overrides: tuple[str, ...], *, has_slot: bool = True) -> Arm:
    config = {"model": {"attention": list(overrides)} if has_slot else {"text": list(overrides)}}
    return replace(made_arm(name), overrides=overrides, configs={0: config})


def planned_arm(name: str, *overrides: str, parameters: int = 100, has_slot: bool = True) -> PlannedArm:
    costs = replace(COSTS, parameters=Parameters(total=parameters, trainable=0, attention=0))
    return PlannedArm(arm=arm(name, overrides, has_slot=has_slot), costs=costs)


def added(given: list[PlannedArm], **values: Any) -> tuple[dict[str, PlannedArm], dict[str, str], Bench]:
    arms = {each.name: list(each.arm.overrides) for each in given}
    bench = Bench(of_values("small", Path("small.yaml"), {"control": given[0].name, "arms": arms} | values))
    found, left_out = added_arms(bench, given, given[0])  # type: ignore[arg-type]
    return {each.name: each for each in found}, left_out, bench


DOT = planned_arm("dot", "attention=dot", "attention.core.window=5")
ADDITIVE = planned_arm("additive", "attention=additive", parameters=130)


def test_each_stands_where_the_arms_stand_without_their_values() -> None:
    found, left_out, bench = added([DOT, ADDITIVE], match_key="model.dim")
    assert found["uniform"].arm.overrides == ("attention=uniform",)
    assert found["random_frozen"].arm.overrides == ("attention=random_frozen",)
    assert left_out["identity"] == "it serves no such role"
    assert bench.sought == [("model.dim", 130)]


def test_one_slots_control_stands_in_that_slot() -> None:
    slot = "attention@model.cross_attention"
    found, _, _ = added([planned_arm("dot", f"{slot}=dot"), planned_arm("additive", f"{slot}=additive")])
    assert found["uniform"].arm.overrides == (f"{slot}=uniform",)


def test_an_arm_that_is_given_isnt_doubled() -> None:
    found, left_out, _ = added([DOT, planned_arm("mean", "attention=uniform")])
    assert "uniform" not in found
    assert left_out["uniform"] == "it is arm mean"
    found, left_out, _ = added([DOT, planned_arm("uniform", "attention=uniform", "attention.dropout=0.1")])
    assert left_out["uniform"] == "an arm of the study is named so"


def test_a_model_without_a_slot_has_none() -> None:
    given = [planned_arm("none", "model=seq2seq", has_slot=False), ADDITIVE]
    assert added(given)[1]["uniform"] == "this model has no slot for it"


@pytest.mark.parametrize(
    "values, given, said",
    [
        ({}, [DOT, ADDITIVE], "no match_key says which width to spend parameters on"),
        ({"match_key": "model.dim"}, [ADDITIVE, DOT], "no arm has more parameters than additive"),
        ({"match": "parameters", "match_key": "model.dim"}, [DOT, ADDITIVE], "all arms have the control's parameters"),
    ],
)
def test_capacity_that_cant_be_is_left_out_and_said(values: dict[str, Any], given: list[PlannedArm], said: str) -> None:
    assert added(given, **values)[1]["capacity"] == said


def test_an_arm_that_is_confounded_isnt_the_largest() -> None:
    huge = planned_arm("huge", "model=seq2seq", parameters=999)
    confounded = replace(huge, arm=replace(huge.arm, confounded=True))
    assert added([DOT, ADDITIVE, confounded], match_key="model.dim")[2].sought == [("model.dim", 130)]


def test_on_feature_maps_parameters_are_spent_by_the_wider_block(monkeypatch: pytest.MonkeyPatch) -> None:
    given = [planned_arm("none", "feature_attention=none"), planned_arm("se", "feature_attention=se", parameters=130)]
    monkeypatch.setattr(control_arms.compose, "options", lambda group, config_dirs: ["none", "wider"])
    monkeypatch.setattr(
        control_arms.compose, "load_group", lambda group, name, config_dirs: {"_target_": "x", "width": 7}
    )
    found, left_out, bench = added(given)
    assert found["capacity"].arm.overrides == ("feature_attention=wider",)
    assert bench.sought == [("feature_attention.width", 130)]
    assert left_out["uniform"] == "the arms differ in their attention on feature maps"
    again = [*given, planned_arm("wider", "feature_attention=wider")]
    assert added(again)[1]["capacity"] == "feature_attention=wider is an arm already"
    monkeypatch.setattr(control_arms.compose, "options", lambda group, config_dirs: ["none"])
    assert added(given)[1]["capacity"] == "there is no feature_attention=wider"
