"""What a task says of its test's examples: numbers whose sums give its scores."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

NAME = "examples.jsonl"  # where they stand in a run's folder
SCHEMA = 1  # of that file
DIAGNOSTICS = "diagnostics.json"  # what `attnlab evaluate --diagnose` finds, and by example
DIAGNOSTICS_BY_EXAMPLE = "diagnostics.jsonl"
DELETION = "deletion"  # the score of how faithful maps of attention are

Statistics = dict[str, Any]
"""Of an example, by name: numbers; numbers by part, as by class; or what was found of each class (`matches`)."""


class Score(NamedTuple):
    """How a score is had from the examples' statistics.

    rule: of `sums.RULES`, or of `precision.AVERAGE_PRECISION`.
    of: the statistics whose sums it takes.
    part: the one of their parts that it is of, as a class; "" where they have none.
    """

    rule: str
    of: str
    part: str = ""


@dataclass(frozen=True)
class Records:
    """Of a test.

    Attributes:
        examples: statistics by the examples' ids.
        scores: those that can be had again, by their names in `metrics.json`'s `test`.
        without: why others can't be, by their names.
        of_run: values of the run itself, by the score that they are of.
    """

    examples: Mapping[int, Statistics] = field(default_factory=dict)
    scores: Mapping[str, Score] = field(default_factory=dict)
    without: Mapping[str, str] = field(default_factory=dict)
    of_run: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


def joined(*columns: Mapping[int, Statistics]) -> dict[int, Statistics]:
    """The statistics of the same examples from several places, in the order of the first."""
    return {
        number: {key: value for column in columns for key, value in column[number].items()} for number in columns[0]
    }


def by_id(predictions: Sequence[Mapping[str, Any]], rows: Sequence[Statistics]) -> dict[int, Statistics]:
    """The statistics of each prediction, by its id."""
    return {each["id"]: row for each, row in zip(predictions, rows, strict=True)}


def run_of(metrics: Mapping[str, Any]) -> dict[str, Any]:
    """What in `metrics.json` tells a run from another that was later put in its folder."""
    groups: list[dict[str, Any]] = []
    for key in ("data", "best", "test"):
        value = metrics.get(key)
        groups.append(value if isinstance(value, dict) else {})
    data, best, test = groups
    return {
        "results": metrics.get("results"),
        "data": data.get("checksum"),
        "steps": metrics.get("steps"),
        "best": best.get("step"),
        "loss": test.get("loss"),
    }
