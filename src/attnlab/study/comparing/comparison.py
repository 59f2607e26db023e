"""From folders of finished runs to verdicts: found, grouped, judged against the control among them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

from attnlab.errors import UserError
from attnlab.metrics.records.contract import DELETION
from attnlab.study.arms import Difference
from attnlab.study.comparing.alike import each_once, kept_alike, of_one_code, scored_otherwise
from attnlab.study.comparing.found_runs import GIVE, found_runs
from attnlab.study.comparing.groups import RunGroup, control_of, differing, grouped, named_by_arms, sides
from attnlab.study.comparing.maps import without_maps
from attnlab.study.comparing.question import question
from attnlab.study.comparing.readable import misreported, readable
from attnlab.study.comparing.study_folders import StudyFolder
from attnlab.study.judged import Judged
from attnlab.study.judging import Group, Judgement, judged, read_groups
from attnlab.study.records import RunRecords
from attnlab.study.statistics.looks import ALPHA


@dataclass(frozen=True, kw_only=True)
class Compared:
    """What finished runs say about each other.

    Attributes:
        control: the group that the others are compared with, and `because` of what it is that.
        asked: the score, which of its values are the better, and the margin.
        study: the name of the study that planned all the runs; None of others.
        as_planned: what of the question is that study's: control, metric, margin.
        differences: of each other group from the control.
        left_out: runs that aren't compared, and why, by their folders.
    """

    groups: tuple[RunGroup, ...]
    control: RunGroup
    because: str
    asked: Judged
    judgement: Judgement
    differences: Mapping[str, tuple[Difference, ...]]
    left_out: Mapping[Path, str]
    study: str | None = None
    as_planned: tuple[str, ...] = ()


def compared(
    places: Sequence[Sequence[Path]],
    *,
    control: str | None = None,
    metric: str | None = None,
    margin: float | None = None,
) -> Compared:
    """Compare the runs in folders, grouped by configuration; of several lists of folders, each list is a group.

    One group alone has a mean and no verdict. Where one study planned all runs, its control, metric and margin go
    before those of the task.

    All is exploratory: nobody planned, before these runs, what and when to judge.

    Raises:
        UserError: there are no two groups that can be compared, or a run's records are damaged.
    """
    groups, left_out, planned, known = _groups(places)
    against = len(places) > 1
    records = read_groups(
        {group.name: [run.folder for run in group.finished] for group in groups},
        failed={group.name: group.num_failed for group in groups},
        known=known,
    )
    if (metric or "").removeprefix("test/") == DELETION and (unmapped := without_maps(records)):
        groups = [group for group in groups if group.name not in unmapped]
        left_out |= {run.folder: unmapped[name] for name in unmapped for run in records.pop(name).runs}
    chosen, _ = control_of(groups, control, against=against, planned=planned)
    first = next(run for group in (chosen, *groups) for run in group.finished)
    runs = [run for group in records.values() for run in group.runs]
    asked = question(first, runs, metric=metric, margin=margin, planned=planned)
    odd = scored_otherwise([run for group in groups for run in group.finished], asked.metric)
    if odd := odd | misreported([run for run in runs if run.folder not in odd], asked.metric):
        left_out |= odd
        groups = _without(groups, odd)
        records = {group.name: _only(records[group.name], group) for group in groups}
    chosen, because = control_of(groups, control, against=against, planned=planned)
    judgement = judged(
        records,
        control=chosen.name,
        metric=asked.metric,
        higher_is_better=asked.better == "max",
        margin=asked.margin,
        alpha=ALPHA,
        paired=False,
        exploratory=True,
    )
    return Compared(
        groups=tuple(groups),
        control=chosen,
        because=because,
        asked=asked,
        judgement=judgement,
        differences={group.name: differing(group, chosen) for group in groups if group is not chosen},
        left_out=left_out,
        study=None if planned is None else planned.name,
        as_planned=() if planned is None else tuple(_as_planned(planned, chosen.name, asked)),
    )


def _as_planned(study: StudyFolder, control: str, asked: Judged) -> Iterator[str]:
    """What of the question is the study's own, whoever asked for it."""
    if control == study.control:
        yield "control"
    if asked.metric == study.metric:
        yield "metric"
        if asked.margin == study.margin:
            yield "margin"


class _Found(NamedTuple):
    groups: list[RunGroup]
    left_out: dict[Path, str]
    planned: StudyFolder | None
    records: dict[Path, RunRecords]


def _groups(places: Sequence[Sequence[Path]]) -> _Found:
    """The groups of runs that were tested alike, why others are left out, the study that planned them, if one, and
    what records they have."""
    found = [found_runs(each) for each in places]
    left_out = {folder: why for each in found for folder, why in each.left_out.items()}
    kept = kept_alike([run for each in found for run in each.runs])
    whole = readable(kept.runs)
    left_out |= whole.left_out
    # Only now, or a run that is damaged, of an earlier version's results, or of earlier code, could stand in the place
    # of today's.
    sound = [run for run in kept.runs if run.folder not in whole.left_out]
    coded = [of_one_code([run for run in each.runs if run in sound]) for each in found]
    once = [each_once(each.runs) for each in coded]
    left_out |= {folder: why for each in (*coded, *once) for folder, why in each.left_out.items()}
    lists = [each.runs for each in once]
    if not all(lists) or not any(not run.failed for runs in lists for run in runs):
        why = _reason(kept.left_out or whole.left_out or left_out)
        raise UserError(f"each list of folders needs a run that can be compared, got none{why} ({GIVE})")
    planned = found[0].study if len(lists) == 1 else None
    groups = sides(lists) if len(lists) > 1 else named_by_arms(grouped(lists[0]), found[0].arms)
    if len(groups) < 2 and kept.left_out:
        folder, why = next(iter(kept.left_out.items()))
        more = f", nor are {len(kept.left_out) - 1} more" if len(kept.left_out) > 1 else ""
        raise UserError(
            f"runs that were tested alike are compared, got {folder}, which isn't like the others: {why}{more}; those "
            f"that are alike have one configuration ({GIVE}, or divide them by --against)"
        )
    return _Found(groups, left_out | kept.left_out, planned, whole.records)


def _without(groups: Sequence[RunGroup], left_out: Mapping[Path, str]) -> list[RunGroup]:
    """The groups that still have a run.

    Raises:
        UserError: two are no more.
    """
    fewer = [replace(group, runs=tuple(run for run in group.runs if run.folder not in left_out)) for group in groups]
    found = [group for group in fewer if group.runs]
    if len(found) < min(2, len(groups)):
        raise UserError(f"scores of two groups are compared, got one{_reason(left_out)} (give others, or set --metric)")
    return found


def _only(records: Group, group: RunGroup) -> Group:
    folders = [run.folder for run in group.runs]
    return replace(records, runs=tuple(run for run in records.runs if run.folder in folders))


def _reason(left_out: Mapping[Path, str]) -> str:
    """The first of why others aren't compared."""
    if not left_out:
        return ""
    folder, why = next(iter(left_out.items()))
    more = f" and {len(left_out) - 1} more" if len(left_out) > 1 else ""
    return f"; left out: {folder}{more}: {why}"
