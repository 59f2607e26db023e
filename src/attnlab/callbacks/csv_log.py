"""`metrics.csv`: one row a value, appended as training goes, cut back when a run is resumed."""

import csv
import io
import logging
from argparse import Namespace
from collections.abc import Iterator, Mapping
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any, ClassVar

from lightning.pytorch.loggers import Logger
from lightning.pytorch.utilities import rank_zero_only

from attnlab.files import append_rows, write_rows
from attnlab.reading.bounds import read_file

log = logging.getLogger(__name__)

HEADING = ("step", "metric", "value")
MOST_STEPS = 2**32  # more than a run may take


class MetricsCSV(Logger):
    """Rows of `step,metric,value` (tidy: pivot them for a column each).

    Lightning's own CSV logger rewrites its file and deletes an earlier process's; this one only appends, so a kill
    loses nothing, and `cut(step)` drops what a resumed run is about to do again.
    """

    files: ClassVar[dict[str, str]] = {"metrics.csv": "curves"}

    def __init__(self, directory: Path) -> None:
        super().__init__()
        self.path = Path(directory) / "metrics.csv"
        self._step = 0
        self._logged: set[str] = set()  # metrics of the update at which a run goes on that are there already

    @property
    def name(self) -> str:
        return "csv"

    @property
    def version(self) -> str:
        return ""

    @rank_zero_only
    def log_hyperparams(self, params: dict[str, Any] | Namespace, *args: Any, **kwargs: Any) -> None:
        """Nothing: config.json holds them."""

    @rank_zero_only
    def log_metrics(self, metrics: Mapping[str, float], step: int | None = None) -> None:
        step = self._step if step is None else step
        if step != self._step:
            self._step, self._logged = step, set()
        rows = []
        for name, value in metrics.items():
            if name in self._logged:  # what is logged as an update begins comes again after a resume
                self._logged.remove(name)
            elif name != "epoch":  # Lightning adds it; the whole run is one epoch of its
                rows.append((step, name, repr(float(value))))
        append_rows(self.path, HEADING, rows)

    @rank_zero_only
    def cut(self, step: int) -> None:
        """Drop the rows of updates after `step` and of the test, which comes again, and what was left half written.

        Lines that aren't rows, as an editor may leave them, are dropped with a warning.
        """
        if not self.path.exists():
            return
        rows, others = self._read()
        if rows is None:  # killed while it was begun
            self.path.unlink()
            return
        if others:
            log.warning("%s: %d lines aren't step,metric,value and are left out (first: %r)", self.path, *others)
        kept = [row for row in rows if int(row[0]) <= step and not row[1].startswith("test/")]
        self._step, self._logged = step, {metric for at, metric, _ in kept if int(at) == step}
        write_rows(self.path, HEADING, kept)

    def rows(self) -> Iterator[tuple[int, dict[str, float]]]:
        """The metrics that were logged so far, with their updates, in the order in which they came."""
        rows = (self._read()[0] or []) if self.path.exists() else []
        for step, group in groupby(rows, key=itemgetter(0)):
            yield int(step), {metric: float(value) for _, metric, value in group}

    def _read(self) -> tuple[list[list[str]] | None, tuple[int, str] | None]:
        """The rows, None if not even the heading is whole; and of other lines their number and the first."""
        text = read_file(self.path).decode("utf-8-sig", errors="replace").replace("\r\n", "\n")
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
