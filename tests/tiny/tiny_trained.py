"""A study whose runs aren't trained: what they leave is made up, and who trained them is on record."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from tiny_runs import EXAMPLES, finished_run
from tiny_study import made_plan

from attnlab.config import identity
from attnlab.study.judged import Judged
from attnlab.study.plan import Plan

TRAINER = {"num_nodes": 1, "devices": 1, "accelerator": "cpu", "threads": 1}
RIGHT = {"uniform": 0.3, "additive": 0.9, "none": 0.35}


def plan_in(folder: Path, **values: Any) -> Plan:
    """Of three arms, whose overrides say which they are; nothing is tested again."""
    made = made_plan(**{"ablations": "none"} | values)
    jobs = tuple(
        replace(
            job,
            overrides=(job.arm, f"seed={job.seed}"),
            config={"seed": job.seed, "model": job.arm, "trainer": TRAINER},
            folder=folder / f"{job.arm}{job.seed}",
        )
        for job in made.jobs
    )
    chosen = Judged(metric="accuracy", better="max", margin=0.01)
    return replace(made, jobs=jobs, folder=folder / "study", judged=chosen)


def trained(plan: Plan, overrides: list[str]) -> float:
    """What training leaves, and a line that it was there."""
    job = next(each for each in plan.jobs if list(each.overrides) == overrides[:2])
    with (job.folder.parent / "trained").open("a") as file:
        file.write(f"{' '.join(overrides)}\n")
    if "fresh=true" in overrides:
        (job.folder / "metrics.json").unlink(missing_ok=True)
    hits = np.random.default_rng(job.seed).random(EXAMPLES) < RIGHT[job.arm]
    best = {"monitor": "val/accuracy", "score": 1.0}
    made = finished_run(job.folder, hits.astype(int).tolist(), seed=job.seed, results=identity.RESULTS, best=best)
    (made / "config.json").write_text(json.dumps(job.config | {"results": identity.RESULTS}))
    return 1.0


def trained_names(plan: Plan) -> list[str]:
    """Those lines."""
    path = plan.folder.parent / "trained"
    return path.read_text().splitlines() if path.exists() else []
