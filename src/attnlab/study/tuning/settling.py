"""A plan once its trials have ended: every arm at the values of its best, with the runs that are to be judged."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from attnlab.runs import build
from attnlab.study.arms import Arm, counted
from attnlab.study.plan import Plan, compared, jobs_of
from attnlab.study.tuning.outcomes import best_trials, num_left, tuning_of
from attnlab.study.workshop import PlannedArm, Workshop


def settled(plan: Plan, *, config_dirs: Sequence[str] = ()) -> Plan:
    """The plan that the study runs by; one that tunes nothing is that already.

    Raises:
        UserError: trials are left, or an arm has none with a score.
    """
    if plan.tuning is None or plan.tuning.chosen:
        return plan
    chosen = best_trials(plan)
    workshop = Workshop(plan.study, config_dirs)
    before = {each.name: each.arm for each in plan.arms}
    arms = [
        replace(_tuned(workshop, each, chosen[each.name].values), matched=each.matched, differences=())
        for each in plan.arms
    ]
    control = next(each for each in arms if each.name == plan.study.control)
    set_in_control = _set_anew(before[control.name], control.arm)
    found = tuple(
        compared(each, control, tuned=set_in_control | _set_anew(before[each.name], each.arm)) for each in arms
    )
    tuning = replace(tuning_of(plan), chosen=chosen)
    return replace(plan, arms=found, jobs=jobs_of(plan.study, found), tuning=tuning)


def settled_if_known(plan: Plan, *, config_dirs: Sequence[str] = ()) -> Plan:
    """Likewise, but as it is while trials are left."""
    return settled(plan, config_dirs=config_dirs) if plan.tuning is None or not num_left(plan) else plan


def _tuned(workshop: Workshop, each: PlannedArm, values: Mapping[str, str]) -> PlannedArm:
    arm = workshop.with_values(each.arm, values, seeds=workshop.study.seeds)
    build.rehearse(arm.config)
    return workshop.counted(arm)


def _set_anew(before: Arm, now: Arm) -> set[str]:
    """The keys that tuning has changed, those that follow them too."""
    old, new = counted(before.config), counted(now.config)
    return {key for key in old.keys() | new.keys() if key not in old or key not in new or old[key] != new[key]}
