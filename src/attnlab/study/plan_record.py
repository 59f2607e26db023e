"""A plan as plain values, for JSON."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from attnlab.study.earlier_looks import ASKED, KEY, asked_before, judged_before
from attnlab.study.expected_time import ExpectedTime
from attnlab.study.plan import Plan, Trial
from attnlab.study.prospects import Prospect
from attnlab.study.workshop import PlannedArm


def plan_record(
    plan: Plan, times: Mapping[str, ExpectedTime], expected: Mapping[str, Prospect] | None = None
) -> dict[str, Any]:
    """All that the plan says, and whether its margin can be met; what isn't known is null."""
    study = plan.study
    budget = None if study.budget is None else {study.budget.unit: study.budget.amount}
    return {
        "study": study.name,
        "folder": str(plan.folder),
        "control": study.control,
        "seeds": list(study.seeds),
        "looks": list(study.looks),
        "pairing": study.pairing,
        "budget": budget,
        "match": study.match,
        "tuning": _tuning(plan),
        "ablations": study.ablations,
        **asdict(plan.judged),
        "counted_on": plan.example,
        "arms": {each.name: _arm(each, times[each.name]) for each in plan.arms},
        "left_out": plan.left_out,
        "unmatched": plan.unmatched,
        KEY: list(judged_before(plan)),
        ASKED: asked_before(plan),
        "prospects": None if expected is None else {name: _prospect(each) for name, each in expected.items()},
        "jobs": [
            {"arm": job.arm, "seed": job.seed, "overrides": list(job.overrides), "folder": str(job.folder)}
            for job in plan.jobs
        ],
    }


def _tuning(plan: Plan) -> dict[str, Any] | None:
    tune, tuning = plan.study.tune, plan.tuning
    if tune is None or tuning is None:
        return None
    return {
        **asdict(tune),
        "monitor": tuning.monitor,
        "better": tuning.better,
        "lacking": {name: list(keys) for name, keys in tuning.lacking.items()},
        "trials_of_arms": [_trial(each) for each in tuning.trials],
        "chosen": {name: each.number for name, each in tuning.chosen.items()},
    }


def _trial(each: Trial) -> dict[str, Any]:
    job = each.job
    named = {"arm": job.arm, "trial": each.number, "values": dict(each.values)}
    return {**named, "overrides": list(job.overrides), "folder": str(job.folder)}


def _prospect(each: Prospect) -> dict[str, Any]:
    return asdict(each) | {"smallest_margin": each.smallest_margin}


def _arm(each: PlannedArm, time: ExpectedTime) -> dict[str, Any]:
    matched = (
        None if each.matched is None else asdict(each.matched) | {"gap": each.matched.gap, "far": each.matched.far}
    )
    return {
        "added": each.arm.added,
        "confounded": each.arm.confounded,
        **asdict(each.costs),
        "training_flops": each.costs.training_flops,
        "matched": matched,
        "differences": [asdict(difference) for difference in each.differences],
        "runs_left": time.left,
        "seconds_a_run": time.seconds_a_run,
        "by_probe": time.probed,
    }
