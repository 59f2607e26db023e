"""The results of a study that was never run."""

from dataclasses import replace
from pathlib import Path
from typing import Any

from tiny_runs import arm_folders
from tiny_study import made_plan

from attnlab.study.ablations import Ablation, ArmAblation
from attnlab.study.job_states import State
from attnlab.study.judged import Judged
from attnlab.study.judging import judged_groups
from attnlab.study.running import Results

RECORD: dict[str, Any] = {
    "best": {"score": 1.0},
    "wall_seconds": 12.3,
    "images_per_second": 4.5,
    "steps": 8,
    "command": "attnlab train attention=additive",
    "git_commit": "c" * 40,
    "lock": "f" * 64,
    "hardware": {"cpu": "Some CPU", "cores": 2, "device": "cpu"},
}


def made_results(folder: Path) -> Results:
    """Of three arms, one of whose runs failed."""
    rights = {"uniform": 0.3, "additive": 0.9, "none": 0.4}
    runs = {name: arm_folders(folder / name, right=right, **RECORD) for name, right in rights.items()}
    plan = made_plan(seeds=5)
    jobs = tuple(replace(job, folder=runs[job.arm][job.seed]) for job in plan.jobs)
    failed = next(job for job in jobs if (job.arm, job.seed) == ("none", 4))
    judgement = judged_groups(
        runs | {"none": runs["none"][:4]},
        control="uniform",
        metric="accuracy",
        higher_is_better=True,
        margin=0.01,
        failed={"none": 1},
    )
    return Results(
        replace(
            plan, jobs=jobs, folder=folder / "results", judged=Judged(metric="accuracy", better="max", margin=0.01)
        ),
        {5: judgement},
        jobs,
        {failed.folder: State("diverged", "the loss is nan")},
        {
            "additive": ArmAblation((Ablation(0, 0.9, 0.3), Ablation(1, 0.9, 0.5))),
            "none": ArmAblation((Ablation(0, None, None, "it has none"),)),
        },
    )
