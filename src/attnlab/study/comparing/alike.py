"""Runs that were tested alike: of one task, on the same data, by the same version's results."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from attnlab.study.comparing.configurations import parted
from attnlab.study.comparing.found_runs import FoundRun

APART = "compare it with its like"


class Alike(NamedTuple):
    """Runs that can be compared, and why others can't be, by their folders."""

    runs: tuple[FoundRun, ...]
    left_out: dict[Path, str]


def alike(runs: Sequence[FoundRun]) -> Alike:
    """The most runs that were tested alike, the first of several equally many, each seed of a configuration once.

    A run that failed was tested nowhere: it goes with the finished ones of its configuration.
    """
    finished = [run for run in runs if not run.failed]
    if not finished:
        return Alike((), dict.fromkeys((run.folder for run in runs), "it failed, and no run finished beside it"))
    tests = [_test(run) for run in finished]
    kinds = list(dict.fromkeys(map(_key, tests)))
    most = max(kinds, key=lambda kind: sum(_key(test) == kind for test in tests))
    reference = next(test for test in tests if _key(test) == most)
    left_out = {
        run.folder: _unlike(test, reference)
        for run, test in zip(finished, tests, strict=True)
        if _key(test) != most
    }
    kept = [run for run in runs if run.folder not in left_out]
    kept, twice = _once(kept)
    return Alike(tuple(kept), left_out | twice)


def _test(run: FoundRun) -> dict[str, Any]:
    """What must be the same, in words."""
    metrics = run.metrics or {}
    data = metrics.get("data")
    counts = metrics.get("test_examples") or {}
    task = run.config["task"]
    return {
        "task": metrics.get("task") if task.get("_target_") is None else str(task["_target_"]).rsplit(".", 1)[-1],
        "results": run.results,
        "data of the checksum": data.get("checksum") if isinstance(data, dict) else None,
        "a test cut by trainer.limit_test_batches": counts.get("scored", 0) < counts.get("of", 0),
        "test examples": counts.get("scored"),
    }


def _key(test: dict[str, Any]) -> str:
    # Runs of before examples were counted are alike with those of their results alone, whose number is another.
    return json.dumps(test, sort_keys=True)


def _unlike(mine: dict[str, Any], others: dict[str, Any]) -> str:
    for what, value in mine.items():
        if value != others[what]:
            return f"of {_said(what, value)}, where others are of {_said(what, others[what])} ({APART})"
    raise AssertionError("they are alike")


def _said(what: str, value: Any) -> str:
    if isinstance(value, bool):
        return what if value else "the whole test"
    text = str(value)[:12] if what.startswith("data") else str(value)
    return f"{value} {what}" if what == "test examples" else f"{what} {text}"


def _once(runs: Sequence[FoundRun]) -> tuple[list[FoundRun], dict[Path, str]]:
    """Each seed of a configuration once: the first that finished."""
    twice: dict[Path, str] = {}
    for part in parted(runs):
        first: dict[int, FoundRun] = {}
        for run in sorted(part, key=lambda each: each.failed):
            if run.seed in first:
                twice[run.folder] = f"its configuration and its seed {run.seed} are those of {first[run.seed].folder}"
            first.setdefault(run.seed, run)
    return [run for run in runs if run.folder not in twice], twice
