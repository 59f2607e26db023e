"""The rows of a run's `metrics.csv`, `step,metric,value`, read without Lightning, which writes them."""

import csv
import io
from collections.abc import Iterator
from itertools import groupby
from operator import itemgetter
from pathlib import Path

from attnlab.reading.bounds import read_file

HEADING = ("step", "metric", "value")
MOST_STEPS = 2**32  # more than a run may take


def metric_rows(path: Path) -> Iterator[tuple[int, dict[str, float]]]:
    """The metrics on record, with their updates, in the order in which they came; none of a file that isn't there."""
    rows = (read_rows(path)[0] or []) if path.exists() else []
    for step, group in groupby(rows, key=itemgetter(0)):
        yield int(step), {metric: float(value) for _, metric, value in group}


def read_rows(path: Path) -> tuple[list[list[str]] | None, tuple[int, str] | None]:
    """The rows, None if not even the heading is whole; and of other lines their number and the first."""
    text = read_file(path).decode("utf-8-sig", errors="replace").replace("\r\n", "\n")
    whole = text[: text.rfind("\n") + 1]
    if not whole:
        return None, None
    lines = list(cells(whole))
    others = [line for line in lines if line and line != list(HEADING) and not _is_row(line)]
    return [line for line in lines if _is_row(line)], (len(others), ",".join(others[0])) if others else None


def cells(text: str) -> Iterator[list[str]]:
    """Those of each row of a log; where it is no CSV as a whole, of each line, and of one that is none the line."""
    try:
        yield from list(csv.reader(io.StringIO(text, newline="")))
    except csv.Error:  # a value longer than any metric's name, say
        for line in text.split("\n"):
            try:
                yield next(csv.reader([line]), [])
            except csv.Error:
                yield [line]


def _is_row(line: list[str]) -> bool:
    try:
        step, _, value = line
        return 0 <= int(step) < MOST_STEPS and isinstance(float(value), float)
    except ValueError:
        return False
