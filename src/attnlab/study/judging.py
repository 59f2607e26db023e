"""Groups of finished runs against one of them: from the records of their tests to verdicts.

A study's arms are such groups, and so are the runs that `attnlab compare` finds in any folders.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np

from attnlab.config import identity
from attnlab.errors import UserError
from attnlab.study.records import RunRecords, read_records, signature_of
from attnlab.study.statistics import (
    ArmRuns,
    Comparison,
    TooFew,
    Verdict,
    centred,
    judge,
    too_few_examples,
    too_few_images,
)
from attnlab.study.statistics.looks import ALPHA
from attnlab.study.statistics.mean_squares import Array

WITHOUT_BIAS = "jackknifed"  # of a FID: what it is compared by
APART = "leave it out, or train it anew with fresh=true"


@dataclass(frozen=True)
class Group:
    """Runs of one configuration but for the seed: those that finished, in the order of their seeds, and failures."""

    name: str
    runs: tuple[RunRecords, ...]
    failed: int = 0

    @cached_property
    def seeds(self) -> tuple[int, ...]:
        """Of the runs that finished."""
        return tuple(int(run.metrics["seed"]) for run in self.runs)


@dataclass(frozen=True)
class Judgement:
    """What groups of runs say about one score.

    Attributes:
        groups: all of them, the control among them, in the order given.
        scores: of each group's runs that have one, as they are compared: of FID the one without bias.
        verdicts: of each other group against the control, in the same order.
        by_run: whether scores are compared by the run alone, as FID and KID are.
        unit: what a score's examples are: "chapter", say; None where each stands alone.
        earlier: folders whose records had to be made of their predictions.
        trials: by how many each group was tuned; None where nobody knows.
    """

    control: str
    metric: str
    margin: float | None
    alpha: float
    groups: Mapping[str, Group]
    scores: Mapping[str, tuple[float, ...]]
    verdicts: tuple[Verdict, ...]
    by_run: bool
    unit: str | None
    earlier: tuple[Path, ...]
    trials: int | None = None

    @cached_property
    def of(self) -> dict[str, Verdict]:
        """Verdicts by the group's name."""
        return {verdict.comparison.arm.name: verdict for verdict in self.verdicts}

    @cached_property
    def ranked(self) -> tuple[Verdict, ...]:
        """Verdicts as pages show them: the best difference first, those without one last."""
        return tuple(sorted(self.verdicts, key=_place))


def _place(verdict: Verdict) -> float:
    effect = verdict.measured.effect
    if effect is None:
        return math.inf
    return -effect.difference if verdict.comparison.higher_is_better else effect.difference


def judged_groups(
    groups: Mapping[str, Sequence[Path]],
    *,
    control: str,
    metric: str,
    higher_is_better: bool,
    margin: float | None = None,
    alpha: float = ALPHA,
    paired: bool = False,
    failed: Mapping[str, int] | None = None,
    exploratory: bool = False,
) -> Judgement:
    """The verdicts on groups of run folders, as `judged` gives them of groups that are read.

    Args:
        groups: folders of finished runs, by the group's name.
        failed: how many runs of a group failed, besides; 0 where it isn't named.

    Raises:
        UserError: as `read_groups` and `judged` do.
    """
    found = read_groups(groups, failed=failed or {})
    return judged(
        found,
        control=control,
        metric=metric,
        higher_is_better=higher_is_better,
        margin=margin,
        alpha=alpha,
        paired=paired,
        exploratory=exploratory,
    )


def read_groups(
    groups: Mapping[str, Sequence[Path]],
    *,
    failed: Mapping[str, int],
    known: Mapping[Path, RunRecords] = MappingProxyType({}),
) -> dict[str, Group]:
    """Read every run's records, but those that are `known`, and check that all were tested alike.

    Raises:
        UserError: a run isn't finished, a seed is twice in a group, or runs were tested on other data, other examples
            or by another version's results.
    """
    found = {}
    for name, folders in groups.items():
        runs = sorted((known.get(folder) or read_records(folder) for folder in folders), key=_seed)
        for before, after in pairwise(runs):
            if _seed(before) == _seed(after):
                raise UserError(
                    f"a group has a run a seed, got seed {_seed(after)} of {name} in {before.folder} and "
                    f"{after.folder} (leave one out)"
                )
        found[name] = Group(name, tuple(runs), failed.get(name, 0))
    _check_alike([run for group in found.values() for run in group.runs])
    return found


def judged(
    groups: Mapping[str, Group],
    *,
    control: str,
    metric: str,
    higher_is_better: bool,
    margin: float | None,
    alpha: float,
    paired: bool,
    exploratory: bool = False,
    trials: int | None = None,
) -> Judgement:
    """Compare each group with the control, by one score of the test.

    A run whose score is no number counts as failed. Scores that examples have no part in, FID and KID, are compared by
    runs, the FID without its bias.

    Raises:
        UserError: there is no such group or score, or it was computed otherwise in one run than in another.
    """
    if control not in groups:
        raise UserError(f"the control must be one of {', '.join(groups)}, got {control} (set control)")
    runs = [run for group in groups.values() for run in group.runs]
    _check_signature(runs, metric)
    by_run = any(metric in run.of_run for run in runs)
    unit = next((run.cluster_kind for run in runs), None)
    scored = {name: _scored(group, metric, by_run=by_run) for name, group in groups.items()}
    if not by_run:
        num_columns = max(each.runs.scores.shape[1] for each in scored.values())
        scored = {name: each.of_examples(num_columns) for name, each in scored.items()}
    comparisons = [
        Comparison(
            task=str(runs[0].metrics.get("task", "")) if runs else "",
            metric=metric,
            arm=each.runs,
            control=scored[control].runs,
            higher_is_better=higher_is_better,
            margin=margin,
            paired=paired,
            exploratory=exploratory,
            too_few=each.too_few or scored[control].too_few,
            trials=trials,
            unit=unit,
        )
        for name, each in scored.items()
        if name != control
    ]
    return Judgement(
        control=control,
        metric=metric,
        margin=margin,
        alpha=alpha,
        groups=groups,
        scores={name: tuple(float(score) for score in each.runs.rows) for name, each in scored.items()},
        verdicts=tuple(judge(comparisons, alpha=alpha)),
        by_run=by_run,
        unit=unit,
        earlier=tuple(run.folder for run in runs if run.earlier),
        trials=trials,
    )


def _seed(run: RunRecords) -> int:
    seed = run.metrics.get("seed")
    if type(seed) is not int:
        raise UserError(f"metrics.json must have the run's seed, got {seed!r} in {run.folder} ({APART})")
    return seed


class _Scored(NamedTuple):
    """A group's scores, and what they have too little of."""

    runs: ArmRuns
    too_few: TooFew | None

    def of_examples(self, num: int) -> "_Scored":
        """A group without a finished run has no examples: as many as the others, of none of its seeds."""
        if len(self.runs.seeds):
            return self
        return self._replace(runs=ArmRuns(self.runs.name, (), np.zeros((0, num)), self.runs.failed))


def _scored(group: Group, metric: str, *, by_run: bool) -> _Scored:
    rows: dict[int, Any] = {}
    lacks: list[TooFew] = []
    for run in group.runs:
        value, lack = _of_run(run, metric) if by_run else _of_examples(run, metric)
        if value is None:
            continue
        rows[_seed(run)] = value
        lacks += [] if lack is None else [lack]
    failed = group.failed + len(group.runs) - len(rows)
    if not rows and not failed:
        raise UserError(f"a group needs a run, got none of {group.name} (name another)")
    empty: Array = np.zeros(0) if by_run else np.zeros((0, 1))
    scores = np.array(list(rows.values()), dtype=np.float64) if rows else empty
    return _Scored(ArmRuns(group.name, tuple(rows), scores, failed), lacks[0] if lacks else None)


def _of_examples(run: RunRecords, metric: str) -> tuple[Array | None, TooFew | None]:
    """The values of a run's examples, whose mean is its score; none where that is no number."""
    if metric in run.reported and not math.isfinite(run.reported[metric]):
        return None, None
    scorer = run.scorer(metric)
    left_out = scorer.leave_one_out()
    lack = too_few_examples(left_out, gold=scorer.num_gold)
    if lack is not None and lack.lack == "examples":
        return np.full(len(left_out.without), left_out.score), lack  # there may be too few to leave one out
    return centred(left_out), lack


def _of_run(run: RunRecords, metric: str) -> tuple[float | None, TooFew | None]:
    """The value of a run itself: of a FID the one without bias."""
    said = run.of_run.get(metric)
    if said is None:
        why = run.without.get(metric, "the run has none")
        raise UserError(f"a score must be one of all runs', got {metric} not in {run.folder}: {why} (name another)")
    value = said.get(WITHOUT_BIAS, said.get("score"))
    lack = too_few_images([int(said["num_generated"])], features=int(said["num_features"]))
    if not isinstance(value, int | float) or not math.isfinite(value):
        return None, None
    return float(value), lack


def _check_alike(runs: Sequence[RunRecords]) -> None:
    """Raise UserError for the first run that was tested otherwise than the first of all."""
    if not runs:
        return
    first = runs[0]
    for run in runs[1:]:
        for what, mine, others in (
            ("task", run.metrics.get("task"), first.metrics.get("task")),
            ("results", identity.results_of(run.metrics), identity.results_of(first.metrics)),
            ("data with the checksum", _checksum(run), _checksum(first)),
        ):
            if mine != others:
                raise UserError(
                    f"runs are compared on the very same test, got {what} {mine} in {run.folder} and {others} in "
                    f"{first.folder} ({APART})"
                )
        if not np.array_equal(run.ids, first.ids) or run.clusters != first.clusters:
            made = next((each.folder for each in (run, first) if each.earlier), None)
            more = "" if made is None else f", of {made} by its predictions alone"
            raise UserError(
                f"runs are compared on the very same examples, got {len(run.ids)} in {run.folder} and "
                f"{len(first.ids)} in {first.folder} that aren't the same{more} ({APART})"
            )


def _checksum(run: RunRecords) -> Any:
    data = run.metrics.get("data")
    return data.get("checksum") if isinstance(data, dict) else None


def _check_signature(runs: Sequence[RunRecords], metric: str) -> None:
    """Raise UserError where a score was computed otherwise, or of other numbers of images."""
    found: dict[Any, Path] = {}
    for run in runs:
        number = run.of_run.get(metric, {}).get("num_generated")
        found.setdefault((signature_of(run.metrics, metric), number), run.folder)
    if len(found) > 1:
        (one, folder), (other, another) = list(found.items())[:2]
        shown = [", ".join(str(each) for each in key if each) or "none" for key in (one, other)]
        raise UserError(
            f"a score must be computed alike in all runs, got {metric} by {shown[0]} in {folder} and by {shown[1]} in "
            f"{another} (leave one out, or name another)"
        )
