"""Runs that were made longer, and runs that ended before their length: how far, in words."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from attnlab.errors import UserError
from attnlab.reading.bounds import read_json
from attnlab.runs import run_folder

Record = Mapping[str, Any]
LONGEST = 100  # runs that go on one from another: no more is asked for than to end


def in_words(config: Record, metrics: Record | None) -> str | None:
    """At which updates a run was made longer, `update 800`, whatever folders it went on from; None if it wasn't.

    So runs that were made longer alike are of one configuration, and of another than those that weren't.
    """
    steps = list(_origins(config, metrics))
    return f"update {', '.join(reversed(steps))}" if steps else None


def _origins(config: Record, metrics: Record | None) -> Iterator[str]:
    """The latest first; what nobody knows any more is "unknown"."""
    for _ in range(LONGEST):
        if not isinstance(before := config.get("continue_from"), str):
            return
        folder = Path(before)
        try:
            config = run_folder.config_of(folder)
        except (UserError, OSError):
            config = {}
        steps = (_inside(metrics, "continued_from", "step"), _inside(config, "trainer", "max_steps"))
        yield str(next((each for each in steps if type(each) is int), "unknown"))
        metrics = _metrics(folder)


def _inside(record: Record | None, group: str, key: str) -> Any:
    node = (record or {}).get(group)
    return node.get(key) if isinstance(node, dict) else None


def _metrics(folder: Path) -> Record | None:
    try:
        found = read_json(folder / "metrics.json")
    except (OSError, ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def stopped_early(config: Record, records: Sequence[Record]) -> str | None:
    """`300 to 500 of 800 updates` of a configuration's finished runs, where one made fewer than are asked for."""
    trainer = config["trainer"]
    asked = trainer.get("max_steps")
    made = [each.get("steps") for each in records]
    known = [steps for steps in made if type(steps) is int]
    if trainer.get("max_epochs") is not None or type(asked) is not int or not known or min(known) >= asked:
        return None
    least, most = min(known), max(known)
    return f"{least:,} of {asked:,} updates" if least == most else f"{least:,} to {most:,} of {asked:,} updates"
