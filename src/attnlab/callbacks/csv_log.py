"""`metrics.csv`: one row a value, appended as training goes, cut back when a run is resumed."""

import logging
from argparse import Namespace
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, ClassVar

from lightning.pytorch.loggers import Logger
from lightning.pytorch.utilities import rank_zero_only

from attnlab.files import append_rows, write_rows
from attnlab.reading.metric_rows import HEADING, metric_rows, read_rows

log = logging.getLogger(__name__)


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
        rows, others = read_rows(self.path)
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
        return metric_rows(self.path)
