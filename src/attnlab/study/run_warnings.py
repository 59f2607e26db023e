"""What runs were warned of that bears on a verdict: how they were trained and tested, not what their data hold."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from attnlab.study.still_improving import Trained

# Kinds of a run's `warnings` in `metrics.json`, the gravest first.
KINDS = (
    "rate_of_zero",
    "warm_up_too_long",
    "no_best",
    "partial_test",
    "loss_not_fallen",
    "nothing_right",
    "answers_alike",
    "no_better_than_one_class",
    "no_better_than_counting",
    "discriminator_saturation",
    "mode_collapse",
)


class Warned(NamedTuple):
    """A warning, as the first run has it; the arms of which some run has one of its kind, and how many runs do."""

    kind: str
    message: str
    arms: tuple[str, ...]
    runs: int
    of: int


def run_warnings(arms: Mapping[str, Sequence[Trained]]) -> Iterator[Warned]:
    """Those of a comparison's runs, by kind."""
    total = sum(map(len, arms.values()))
    for kind in KINDS:
        found = [(arm, said) for arm, runs in arms.items() for _, record in runs for said in _said(record, kind)[:1]]
        if found:
            names = tuple(dict.fromkeys(arm for arm, _ in found))
            yield Warned(kind, found[0][1], names, len(found), total)


def _said(record: Mapping[str, Any], kind: str) -> list[str]:
    """In a record that anyone may have written."""
    found = record.get("warnings")
    return [
        str(each["message"])
        for each in (found if isinstance(found, list) else [])
        if isinstance(each, dict) and each.get("kind") == kind and "message" in each
    ]
