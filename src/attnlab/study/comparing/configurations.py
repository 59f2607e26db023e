"""Which finished runs are of one configuration but for the seed."""

import json
import re
from collections.abc import Callable, Iterable, Sequence
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

    The seed is `seed` and every key of such a name that holds the same number in all runs that are alike otherwise. One
    that a mechanism draws by, the same whatever the run's, isn't.
    """
    found = []
    for alike in _by(runs, lambda run: _text(run, but=filter(SEED.fullmatch, values_of(run)))):
        follow = followers(alike)
        found += _by(alike, lambda run, follow=follow: _text(run, but=follow))  # type: ignore[misc]  # its default binds
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


def _text(run: FoundRun, *, but: Iterable[str]) -> str:
    left_out = set(but)
    values = {key: value for key, value in values_of(run).items() if key not in left_out}
    return json.dumps(values, sort_keys=True, ensure_ascii=False)
