"""Which finished runs are of one configuration but for the seed."""

import json
import re
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

from attnlab.runs import run_folder
from attnlab.study.arms import counted
from attnlab.study.comparing.found_runs import FoundRun

SEED = re.compile(r"(.*[._])?seed")
# Where data lies: what is in it, its checksum says, which is compared besides.
PLACES = ("root",)

Values = dict[str, Any]


def shown_alike(config: dict[str, Any]) -> dict[str, Any]:
    """A configuration without callbacks that only show or record a run, and without the folder of its data."""
    callbacks = {
        name: node
        for name, node in (config.get("callbacks") or {}).items()
        if not (isinstance(node, dict) and node.get("_target_") in run_folder.RECORDERS)
    }
    data = {key: value for key, value in config["data"].items() if key not in PLACES}
    return {**config, "callbacks": callbacks, "data": data}


@lru_cache(maxsize=4096)
def values_of(run: FoundRun) -> Values:
    """What decides what it computed, by dotted keys, its seed among them."""
    return counted(shown_alike(run.config))


def parted(runs: Sequence[FoundRun]) -> list[list[FoundRun]]:
    """Runs of one configuration but for the seed together, in the order of their first ones.

    The seed is `seed`, and every key of such a name that holds each run's own number, if runs that are alike otherwise
    fall into no more parts so than by the number that it holds: a mechanism draws by one that stays.
    """
    found: list[list[FoundRun]] = []
    for alike in _by(runs, lambda run: json.dumps(_seedless(run), sort_keys=True, ensure_ascii=False)):
        columns = [_fewest(alike, key) for key in dict.fromkeys(key for run in alike for key in _seeds(run))]
        parts: dict[tuple[Any, ...], list[FoundRun]] = {}
        for place, run in enumerate(alike):
            parts.setdefault(tuple(column[place] for column in columns), []).append(run)
        found += parts.values()
    return found


def followers(runs: Sequence[FoundRun]) -> tuple[str, ...]:
    """The keys that hold each run's own seed."""
    return tuple(
        key
        for key in values_of(runs[0])
        if SEED.fullmatch(key) and all(values_of(run).get(key) == run.seed for run in runs)
    )


def _by(runs: Sequence[FoundRun], key: Callable[[FoundRun], str]) -> list[list[FoundRun]]:
    found: dict[str, list[FoundRun]] = {}
    for run in runs:
        found.setdefault(key(run), []).append(run)
    return list(found.values())


def _seeds(run: FoundRun) -> Values:
    return {key: value for key, value in values_of(run).items() if SEED.fullmatch(key)}


def _seedless(run: FoundRun) -> Values:
    return {key: value for key, value in values_of(run).items() if not SEED.fullmatch(key)}


def _fewest(runs: Sequence[FoundRun], key: str) -> list[str]:
    """What stands at the key of a seed in each run: its number, or that it is the run's own."""
    numbers = [repr(values_of(run).get(key)) for run in runs]
    own = ["its own" if number == repr(run.seed) else number for number, run in zip(numbers, runs, strict=True)]
    return own if key == "seed" or len(set(own)) <= len(set(numbers)) else numbers
