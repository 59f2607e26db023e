"""Runs whose records can be read, and give what the run reported; of others why they don't, in a line each."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from attnlab.errors import UserError
from attnlab.study.comparing.found_runs import FoundRun, unreadable
from attnlab.study.records import RunRecords, read_records


class Readable(NamedTuple):
    """The records of runs that finished, by their folders, and why others have none that can be read."""

    records: dict[Path, RunRecords]
    left_out: dict[Path, str]


def readable(runs: Sequence[FoundRun]) -> Readable:
    """What there is of each run that finished: one that is damaged is no reason to say nothing of the others."""
    found = Readable({}, {})
    for run in runs:
        if run.failed:
            continue
        try:
            found.records[run.folder] = read_records(run.folder)
        except UserError as error:
            found.left_out[run.folder] = str(error)
        except OSError as error:
            found.left_out[run.folder] = unreadable(run.folder, error)
    return found


def misreported(runs: Iterable[RunRecords], metric: str) -> dict[Path, str]:
    """Of runs whose records don't give the score that they reported, why, by their folders."""
    left_out = {}
    for run in runs:
        try:
            if metric in run.scores:
                run.scorer(metric)
        except UserError as error:
            left_out[run.folder] = str(error)
    return left_out
