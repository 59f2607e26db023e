"""A tuned study whose trials were never trained."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

from tiny_study import made_plan

from attnlab.config import identity
from attnlab.study.plan import Job, Plan, Trial, Tuning

TUNE: dict[str, Any] = {"trials": 3, "space": {"optimizer.lr": "interval(0.1, 0.2)"}}


def made_tuned_plan(folder: Path) -> Plan:
    """A plan made by hand, of three trials an arm; the second and the third are the same run."""
    plan = made_plan(tune=TUNE, seeds=5)
    trials = []
    for number in (1, 2, 3):
        for arm in plan.arms:
            place = folder / f"{arm.name}-{min(number, 2)}"
            job = Job(arm=arm.name, seed=1000, overrides=(arm.name, str(number)), config={"seed": 1000}, folder=place)
            trials.append(Trial(number=number, values={"optimizer.lr": f"0.{min(number, 2)}"}, job=job))
    tuning = Tuning(trials=tuple(trials), lacking={}, monitor="val/accuracy", better="max")
    return replace(plan, tuning=tuning, folder=folder / "study", jobs=())


def finish(trial: Trial, score: float | None, **changed: Any) -> None:
    """What such a run leaves."""
    folder = trial.job.folder
    folder.mkdir(parents=True, exist_ok=True)
    record = {
        "results": identity.RESULTS,
        "seed": trial.job.seed,
        "best": {"monitor": "val/accuracy", "score": score},
        "test": {},
    }
    record |= {"steps": 8, "wall_seconds": 2.5}
    (folder / "metrics.json").write_text(json.dumps(record | changed))
    (folder / "config.json").write_text(json.dumps(trial.job.config | {"results": identity.RESULTS}))


def trial_of(plan: Plan, arm: str, number: int) -> Trial:
    """One of them."""
    assert plan.tuning is not None
    return plan.tuning.of(arm)[number - 1]
