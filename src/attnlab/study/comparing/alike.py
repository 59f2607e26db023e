"""Runs that were tested alike: of one task, on the same data, by the same version's results and way of scoring."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from attnlab.study.comparing.configurations import parted
from attnlab.study.comparing.found_runs import FoundRun
from attnlab.study.records import signature_of


class Kept(NamedTuple):
    """Runs that can be compared, and why others can't be, by their folders."""

    runs: tuple[FoundRun, ...]
    left_out: dict[Path, str]


def kept_alike(runs: Sequence[FoundRun]) -> Kept:
    """The most runs that were tested alike, those of the first one of several equally many.

    A run that failed was tested nowhere: it stays, if it was to compute the same results, with runs of its
    configuration, or, where none of these finished, with runs of its task and data.
    """
    tests = {run.folder: _test(run) for run in runs if not run.failed}
    kinds = [json.dumps(test, sort_keys=True) for test in tests.values()]
    most = max(kinds, key=kinds.count, default="")
    left_out: dict[Path, str] = {}
    for (folder, test), kind in zip(tests.items(), kinds, strict=True):
        if kind != most:
            left_out[folder] = _unlike(test, json.loads(most))
    beside = {_material(run) for run in runs if not run.failed and run.folder not in left_out}
    for part in parted(runs):
        finished = [run for run in part if not run.failed]
        stays = any(run.folder not in left_out for run in finished) if finished else _material(part[0]) in beside
        if not stays:
            why = "it failed, and no run of its task and data that finished is compared"
            left_out |= dict.fromkeys((run.folder for run in part if run.failed), why)
    for run in runs:
        if run.failed and most and run.results != (others := json.loads(most)["results"]):
            left_out[run.folder] = f"it failed, computing results {run.results} for {others}"
    return Kept(tuple(run for run in runs if run.folder not in left_out), left_out)


def of_one_code(runs: Sequence[FoundRun]) -> Kept:
    """Of each configuration the runs whose own code is that of most, of the first one of several equally many.

    A run of which no code is on record stays: nobody knows.
    """
    left_out: dict[Path, str] = {}
    for part in parted(runs):
        codes = {run.folder: run.code for run in part if run.code}
        most = max(codes.values(), key=list(codes.values()).count, default={})
        for folder, code in codes.items():
            if changed := [name for name in {**most, **code} if most.get(name) != code.get(name)]:
                said = f"its own code isn't that of most of its configuration's runs: {changed[0]} differs"
                left_out[folder] = said
    return Kept(tuple(run for run in runs if run.folder not in left_out), left_out)


def each_once(runs: Sequence[FoundRun]) -> Kept:
    """Each seed of a configuration once: the first run that finished."""
    twice: dict[Path, str] = {}
    for part in parted(runs):
        first: dict[int, FoundRun] = {}
        for run in sorted(part, key=lambda each: each.failed):
            if run.seed in first:
                twice[run.folder] = f"its configuration and its seed {run.seed} are those of {first[run.seed].folder}"
            first.setdefault(run.seed, run)
    return Kept(tuple(run for run in runs if run.folder not in twice), twice)


def scored_otherwise(runs: Sequence[FoundRun], metric: str) -> dict[Path, str]:
    """Runs whose score was computed otherwise than most others', those of the first one of several equally many."""
    found = {run.folder: signature_of(run.metrics, metric) for run in runs if run.metrics is not None}
    signatures = list(found.values())
    most = max(signatures, key=signatures.count, default="")
    return {
        folder: f"its {metric} was computed otherwise: {_apart(signature, most)} for {_apart(most, signature)}"
        for folder, signature in found.items()
        if signature != most
    }


def _apart(mine: str, others: str) -> str:
    """The fields of a signature that another hasn't."""
    fields, known = mine.split("|"), others.split("|")
    return "|".join(each for each in fields if each and each not in known) or "no signature"


def _test(run: FoundRun) -> dict[str, Any]:
    """What must be the same, in words."""
    metrics = run.metrics or {}
    data, counts = metrics.get("data"), metrics.get("test_examples")
    return {
        "task": metrics.get("task"),
        "results": run.results,
        "data with the checksum": data.get("checksum") if isinstance(data, dict) else None,
        "number of test examples": counts.get("scored") if isinstance(counts, dict) else None,
    }


def _unlike(mine: dict[str, Any], others: dict[str, Any]) -> str:
    what = next(what for what, value in mine.items() if value != others[what])
    values = [str(each[what])[:12] if "checksum" in what else each[what] for each in (mine, others)]
    return f"it was tested otherwise: {what} {values[0]} for {values[1]}"


def _material(run: FoundRun) -> str:
    """Task and data of a run, by its configuration."""
    data = {key: value for key, value in run.config["data"].items() if key not in ("seed", "root", "cache_dir")}
    return json.dumps([run.config["task"].get("_target_"), data], sort_keys=True)
