"""The control arms that a study adds by itself, each where it is legal and once."""

from collections.abc import Sequence
from dataclasses import replace

from attnlab.config import compose
from attnlab.errors import UserError
from attnlab.study.arms import attention_places, merged, same_runs
from attnlab.study.design import ControlName
from attnlab.study.workshop import PlannedArm, Workshop

WIDER = "wider"  # the plain block of conf/feature_attention that spends parameters on feature maps


class _LeftOutError(Exception):
    """There is no such arm here; says why."""


def added_arms(
    workshop: Workshop, given: Sequence[PlannedArm], control: PlannedArm
) -> tuple[list[PlannedArm], dict[str, str]]:
    """Those of the study's `controls` that its file hasn't, and which were left out, and why."""
    study = workshop.study
    added: list[PlannedArm] = []
    left_out: dict[str, str] = {}
    for name in study.controls:
        try:
            if any(each.name == name for each in given):
                raise _LeftOutError("an arm of the study is named so")
            each = _arm(workshop, name, given, control)
            if (twin := same_runs(each.arm, [one.arm for one in [*given, *added]])) is not None:
                raise _LeftOutError(f"it is arm {twin}")
        except (_LeftOutError, UserError) as reason:
            left_out[name] = str(reason)
        else:
            added.append(each)
    return added, left_out


def _arm(workshop: Workshop, name: ControlName, given: Sequence[PlannedArm], control: PlannedArm) -> PlannedArm:
    if name == "capacity":
        return _capacity(workshop, given, control)
    designs = [[*workshop.study.base, *each.overrides] for each in workshop.study.arms]
    on_maps = any(attention_places([each.overrides], "feature_attention") for each in workshop.study.arms)
    places = attention_places(designs, "attention")
    if "attention" not in control.arm.config["model"]:
        raise _LeftOutError("this model has no slot for it")
    if on_maps and not any(attention_places([each.overrides], "attention") for each in workshop.study.arms):
        raise _LeftOutError("the arms differ in their attention on feature maps")
    places = places or ["attention"]
    kept = _without_values_of(control.arm.overrides, places)
    arm = workshop.compose(name, merged(kept, [f"{place}={name}" for place in places]), added=True)
    return workshop.matched(arm, control)


def _without_values_of(overrides: Sequence[str], places: Sequence[str]) -> list[str]:
    """Those that don't set a value of the mechanism that stands there, which another may not have."""
    nodes = tuple(f"{place.partition('@')[2] or place}." for place in places)
    return [
        text
        for text, parsed in zip(overrides, compose.parse(overrides), strict=True)
        if not parsed.key_or_group.startswith(nodes)
    ]


def _capacity(workshop: Workshop, given: Sequence[PlannedArm], control: PlannedArm) -> PlannedArm:
    """The control with the parameters of the largest arm, in plain width."""
    study = workshop.study
    if study.match == "parameters":
        raise _LeftOutError("all arms have the control's parameters")
    largest = max((each for each in given if not each.arm.confounded), key=lambda each: each.costs.parameters.total)
    target = largest.costs.parameters.total
    if target <= control.costs.parameters.total:
        raise _LeftOutError(f"no arm has more parameters than {control.name}")
    overrides, key = list(control.arm.overrides), study.match_key
    if any(attention_places([each.overrides], "feature_attention") for each in study.arms):
        overrides, key = _on_feature_maps(workshop, overrides)
    if key is None:
        raise _LeftOutError("no match_key says which width to spend parameters on")
    arm = workshop.compose("capacity", overrides, added=True)
    changed, found = workshop.nearest(arm, key, target, parameters=True)
    return replace(workshop.counted(changed), matched=found)


def _on_feature_maps(workshop: Workshop, overrides: Sequence[str]) -> tuple[list[str], str]:
    """The control with a wider block, and the key of its width."""
    chosen = [each for design in workshop.study.arms for each in compose.parse(design.overrides)]
    if any(each.key_or_group == "feature_attention" and each.value() == WIDER for each in chosen):
        raise _LeftOutError(f"feature_attention={WIDER} is an arm already")
    if WIDER not in compose.options("feature_attention", config_dirs=workshop.config_dirs):
        raise _LeftOutError(f"there is no feature_attention={WIDER}")
    node = compose.load_group("feature_attention", WIDER, config_dirs=workshop.config_dirs)
    widths = [str(key) for key, value in node.items() if isinstance(value, int) and not isinstance(value, bool)]
    if len(widths) != 1:
        raise _LeftOutError(f"feature_attention={WIDER} has no one width, but {', '.join(widths) or 'none'}")
    kept = _without_values_of(overrides, ["feature_attention"])
    return merged(kept, [f"feature_attention={WIDER}"]), f"feature_attention.{widths[0]}"
