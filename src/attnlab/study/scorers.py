"""Scores of a run's test, and what they would be without each of its examples, or of what these stand in together."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from attnlab.metrics.records.contract import Score, Statistics
from attnlab.metrics.records.precision import AVERAGE_PRECISION, average, class_names, num_objects
from attnlab.metrics.records.sums import OF_GOLD, RULES
from attnlab.study.statistics.leave_one_out import LeftOut, leave_one_out

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


class Scorer(Protocol):
    """A score that can be had again."""

    @property
    def num_gold(self) -> int | None:
        """How many there are to be found, of a score of things to be found; None of any other."""
        ...

    @property
    def score(self) -> float:
        """The score alone, which may cost far less; NaN where it isn't defined."""
        ...

    def leave_one_out(self) -> LeftOut:
        """The score, and it without each group of examples; NaN where it isn't defined."""
        ...


class SumScorer(NamedTuple):
    """A score of sums: `rule` of the sum of `sums` (groups, K)."""

    sums: Floats
    rule: str

    @property
    def num_gold(self) -> int | None:
        if RULES[self.rule] not in OF_GOLD:
            return None
        right, _, missed = self.sums[:, :3].sum(axis=0)
        return int(right + missed)

    @property
    def score(self) -> float:
        return self.leave_one_out().score

    def leave_one_out(self) -> LeftOut:
        return leave_one_out(self.sums, RULES[self.rule])


@dataclass(frozen=True)
class PrecisionScorer:
    """An average precision of `rule`, of found boxes: `rows` (pictures) of which `groups` are left out together."""

    rows: Sequence[Statistics]
    groups: Ints
    rule: str
    names: Sequence[str]

    @property
    def num_gold(self) -> int | None:
        return num_objects(self.rows, AVERAGE_PRECISION[self.rule], self.names)

    @property
    def score(self) -> float:
        together = np.zeros_like(self.groups)
        return float(average(self.rows, together, AVERAGE_PRECISION[self.rule], self.names)[0])

    def leave_one_out(self) -> LeftOut:
        return LeftOut(float(self._scores[0]), self._scores[1:])

    @cached_property
    def _scores(self) -> Floats:
        return average(self.rows, self.groups, AVERAGE_PRECISION[self.rule], self.names)


def scorer_of(score: Score, rows: Sequence[Statistics], groups: Ints) -> Scorer:
    """What computes a score of the statistics of examples, of which `groups` (N,) are left out together."""
    if score.rule in AVERAGE_PRECISION:
        return PrecisionScorer(rows, groups, score.rule, [score.part] if score.part else class_names(rows))
    values = [_numbers(score, row) for row in rows]
    table = np.array(values, dtype=np.float64).reshape(len(rows), -1)
    if RULES[score.rule].__name__ == "calibration_error":
        table = _in_bins(table)
    sums = np.zeros((int(groups.max(initial=-1)) + 1, table.shape[1]))
    np.add.at(sums, groups, table)
    return SumScorer(sums, score.rule)


def _numbers(score: Score, row: Statistics) -> Any:
    """An example's statistics; of a part that isn't concerned, none."""
    return row[score.of].get(score.part, (0, 0, 0)) if score.part else row[score.of]


def _in_bins(table: Floats) -> Floats:
    """(N, 3) bin, confidence and hit as (N, 3 bins): 1, confidence and hit at the place of the bin."""
    bins = table[:, 0].astype(np.int64)
    found = np.zeros((len(table), int(bins.max(initial=0)) + 1, 3))
    found[np.arange(len(table)), bins] = np.stack([np.ones(len(table)), table[:, 1], table[:, 2]], axis=1)
    return found.reshape(len(table), -1)
