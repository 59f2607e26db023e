from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tiny_study import ARMS, COSTS, made_arm
from tiny_tasks import config_of

from attnlab.errors import UserError
from attnlab.runs.build import Config
from attnlab.study.arms import Arm
from attnlab.study.design import of_values
from attnlab.study.ledger import Costs
from attnlab.study.operations import Operations
from attnlab.study.workshop import PlannedArm, Workshop, with_value


def test_a_value_changes_where_the_model_copies_it_too() -> None:
    config = config_of("image_classification", "model=resnet", "feature_attention=se")
    changed = with_value(config, "feature_attention.reduction", 3)
    assert changed["feature_attention"]["reduction"] == changed["model"]["feature_attention"]["reduction"] == 3
    assert config["feature_attention"]["reduction"] == 16
    assert with_value(config, "model.dim", 24)["model"]["dim"] == 24


@pytest.mark.parametrize("key", ["model.nosuch", "model.norm_first", "model.activation"])
def test_arms_are_matched_by_a_whole_number(key: str) -> None:
    study = of_values("small", Path("small.yaml"), {"control": "uniform", "arms": ARMS})
    arm = made_arm("additive")
    arm.configs[0]["model"] = {"norm_first": True, "activation": "gelu"}
    with pytest.raises(UserError, match=rf"{key} must be a whole number to match arms by, got .* in additive"):
        Workshop(study, []).nearest(arm, key, 7, parameters=True)


@pytest.mark.parametrize("match, cost", [("parameters", 7), ("flops", 7000), ("none", 7000)])
def test_what_an_arm_costs_is_what_the_study_matches(monkeypatch: pytest.MonkeyPatch, match: str, cost: int) -> None:
    workshop = _workshop(monkeypatch, match=match, match_key="model.dim")
    assert workshop.cost({"model": {"dim": 8}}) == cost


@pytest.mark.parametrize("match", ["parameters", "flops"])
def test_an_arm_is_brought_to_the_controls_cost(monkeypatch: pytest.MonkeyPatch, match: str) -> None:
    workshop = _workshop(monkeypatch, match=match, match_key="model.dim")
    control = PlannedArm(arm=_of_dim("uniform", 24), costs=COSTS)
    found = workshop.matched(_of_dim("additive", 8), control)
    assert found.arm.overrides == ("model.dim=24",)
    assert found.matched is not None
    assert (found.matched.value, found.matched.gap) == (24, 0)
    assert not found.arm.confounded
    assert not found.arm.added


def test_arms_of_a_study_that_matches_nothing_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    arm = _of_dim("additive", 8)
    found = _workshop(monkeypatch, match="none").matched(arm, PlannedArm(arm=_of_dim("uniform", 24), costs=COSTS))
    assert found == PlannedArm(arm=arm, costs=replace(COSTS, forward=Operations(7000, 0)))


def test_an_arm_that_cant_be_built_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    workshop = _workshop(monkeypatch)

    def refuse(config: Config) -> Costs:
        raise UserError("num_heads must divide dim")

    monkeypatch.setattr(workshop, "_costs", refuse)
    with pytest.raises(UserError, match=r"^arm additive: num_heads must divide dim$"):
        workshop.counted(_of_dim("additive", 8))


def test_seeds_are_paired_only_where_they_begin_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    shapes = {
        "uniform": {"embedding": (30, 5), "output": (7,)},
        "additive": {"embedding": (30, 5), "output": (7,), "core.u": (900,)},
        "other": {"embedding": (5, 30), "output": (7,)},
    }
    arms = {name: PlannedArm(arm=replace(made_arm(name), configs={0: {"name": name}}), costs=COSTS) for name in shapes}
    for pairing in ("seeds", "none"):
        values = {"control": "uniform", "arms": ARMS, "seeds": 8, "pairing": pairing}
        workshop = Workshop(of_values("small", Path("small.yaml"), values), [])
        monkeypatch.setattr(workshop, "_shapes", lambda config: shapes[config["name"]])
        workshop.check_paired([arms["uniform"], arms["additive"]], arms["uniform"])
        if pairing == "none":
            workshop.check_paired([arms["other"]], arms["uniform"])
        else:
            with pytest.raises(UserError, match=r"^arm other: paired seeds must share initial weights"):
                workshop.check_paired([arms["additive"], arms["other"]], arms["uniform"])


def test_an_arm_has_the_studys_seeds_and_is_one_of_its_own_unless_said(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[dict[str, Any]] = []
    monkeypatch.setattr(
        "attnlab.study.workshop.composed_arm", lambda *given, **flags: asked.append({"given": given, **flags})
    )
    values = {"control": "uniform", "arms": ARMS, "seeds": [3, 5]}
    workshop = Workshop(of_values("small", Path("small.yaml"), values), ["there"])
    workshop.compose("a", ["b=1"])
    workshop.compose("a", [], confounded=True, added=True, seed_keys=("seed",), seeds=(7,))
    plain = {"config_dirs": ["there"], "confounded": False, "added": False, "seed_keys": ()}
    assert asked == [
        plain | {"given": ("a", ["b=1"], (3, 5))},
        {"config_dirs": ["there"], "confounded": True, "added": True, "seed_keys": ("seed",), "given": ("a", [], (7,))},
    ]


def _of_dim(name: str, dim: int) -> Arm:
    return replace(made_arm(name), configs={0: {"model": {"dim": dim}}})


def _workshop(monkeypatch: pytest.MonkeyPatch, **values: Any) -> Workshop:
    """One whose models have a parameter less than their width, and 7,000 times a width's eighth of FLOPs."""
    workshop = Workshop(of_values("small", Path("small.yaml"), {"control": "uniform", "arms": ARMS} | values), [])

    def costs(config: Config) -> Costs:
        return replace(COSTS, forward=Operations(7000 * config["model"]["dim"] // 8, 0))

    def compose(name: str, overrides: list[str], **flags: Any) -> Arm:
        (value,) = (each.removeprefix("model.dim=") for each in overrides)
        flags.pop("seed_keys")
        return replace(_of_dim(name, int(value)), overrides=tuple(overrides), **flags)

    monkeypatch.setattr(workshop, "_costs", costs)
    monkeypatch.setattr(workshop, "parameters", lambda config: config["model"]["dim"] - 1)
    monkeypatch.setattr(workshop, "compose", compose)
    return workshop
