"""A study's numbers as files: scores alone in `results.csv`, the same to the byte however often the study was
interrupted, and what they cost, which never is the same twice, in `costs.csv`."""

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from attnlab.files import write_rows, write_text
from attnlab.runs import run_folder
from attnlab.study.plan import Job
from attnlab.study.running import Results
from attnlab.study.workshop import PlannedArm

RESULTS = ("arm", "seed", "status", "metric", "score")
ABLATIONS = ("arm", "seed", "metric", "score", "ablated", "difference", "why")
COSTS = (
    "arm",
    "seed",
    "train_seconds",
    "per_second",
    "updates",
    "parameters",
    "parameters_trainable",
    "parameters_attention",
    "flops_forward",
    "flops_training",
    "elementwise_forward",
)


def write_results(results: Results, path: Path) -> None:
    """A row an arm, seed and score of the test, in the plan's order; a failed run is a row without a score."""
    write_rows(path, RESULTS, _scores(results))


def write_ablations(results: Results, path: Path) -> None:
    """A row a run that was tested again without what its attention has learned; one without scores says why."""
    write_rows(path, ABLATIONS, _ablations(results))


def write_costs(results: Results, path: Path) -> None:
    """A row a run that finished."""
    write_rows(path, COSTS, _costs(results))


def write_receipts(results: Results, path: Path) -> None:
    """Of each run by what it was computed, and where: whoever doubts a number can have it again."""
    runs = [receipt(job, _record(job)) for job in _by_arm(results) if job.folder not in results.failures]
    write_text(path, json.dumps(runs, indent=1, ensure_ascii=False) + "\n")


def receipt(job: Job, record: dict[str, Any]) -> dict[str, Any]:
    """Of a finished run; what an earlier version didn't record is null."""
    data = record.get("data") or {}
    return {
        "arm": job.arm,
        "seed": job.seed,
        "command": record.get("command"),
        "folder": str(job.folder),
        "config": job.folder.name,
        "results": record.get("results"),
        "commit": record.get("git_commit"),
        "lock": record.get("lock"),
        "data": data.get("checksum"),
        "hardware": record.get("hardware"),
        "precision": record.get("precision"),
        "devices": record.get("devices"),
        "versions": record.get("versions"),
    }


def _by_arm(results: Results) -> list[Job]:
    """In the order of the plan's arms, each by its seeds."""
    names = [each.name for each in results.plan.arms]
    return sorted(results.jobs, key=lambda job: (names.index(job.arm), results.plan.study.seeds.index(job.seed)))


def _scores(results: Results) -> Iterable[Sequence[Any]]:
    for job in _by_arm(results):
        failure = results.failures.get(job.folder)
        if failure is not None:
            yield job.arm, job.seed, failure.status, "", ""
            continue
        for metric, score in sorted(_record(job)["test"].items()):
            yield job.arm, job.seed, "finished", metric, repr(float(score))  # the shortest that reads back the same


def _ablations(results: Results) -> Iterable[Sequence[Any]]:
    for name, found in results.ablations.items():
        for run in found.runs:
            numbers = ["" if each is None else repr(each) for each in (run.score, run.ablated, run.difference)]
            yield name, run.seed, results.judgement.metric, *numbers, run.why or ""


def _costs(results: Results) -> Iterable[Sequence[Any]]:
    arms = {each.name: each for each in results.plan.arms}
    for job in _by_arm(results):
        if job.folder in results.failures:
            continue
        record = _record(job)
        speed = next((value for name, value in record.items() if name.endswith("_per_second")), "")
        yield (
            job.arm,
            job.seed,
            record.get("wall_seconds", ""),
            speed,
            record.get("steps", ""),
            *_counts(arms[job.arm]),
        )


def _counts(arm: PlannedArm) -> tuple[Any, ...]:
    costs, forward = arm.costs, arm.costs.forward
    parameters = (costs.parameters.total, costs.parameters.trainable, costs.parameters.attention)
    operations = ("", "", "") if forward is None else (forward.flops, costs.training_flops, forward.elements)
    return (*parameters, *operations)


def _record(job: Job) -> dict[str, Any]:
    found = run_folder.finished(job.folder)
    assert found is not None, f"{job.folder} has no metrics.json"
    return found
