"""`metrics.csv`: one row a value, appended as training goes, cut back when a run is resumed."""

import csv
from argparse import Namespace
from collections.abc import Iterator, Mapping
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any, ClassVar

from lightning.pytorch.loggers import Logger
from lightning.pytorch.utilities import rank_zero_only

from attnlab.files import write_text


class MetricsCSV(Logger):
    """Rows of `step,metric,value` (tidy: pivot them for a column each).

    Lightning's own CSV logger rewrites its file and deletes an earlier process's; this one only appends, so a kill
    loses nothing, and `cut(step)` drops what a resumed run is about to do again.
    """

    files: ClassVar[dict[str, str]] = {"metrics.csv": "curves"}

    def __init__(self, directory: Path) -> None:
        super().__init__()
        self.path = Path(directory) / "metrics.csv"

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
        new = not self.path.exists()
        with self.path.open("a", newline="", encoding="utf-8") as file:
            writer = csv.writer(file, lineterminator="\n")
            if new:
                writer.writerow(("step", "metric", "value"))
            for name, value in metrics.items():
                if name != "epoch":  # Lightning adds it; the whole run is one epoch of its
                    writer.writerow((step, name, repr(float(value))))

    @rank_zero_only
    def cut(self, step: int) -> None:
        """Drop the rows of updates after `step` and of the test, which comes again, and a row left half written."""
        if not self.path.exists():
            return
        header, *rows = self.path.read_text(encoding="utf-8").splitlines(keepends=True) or [""]
        if not header.endswith("\n"):  # killed while it was begun
            self.path.unlink()
            return
        kept = [row for row in rows if row.endswith("\n") and _stays(row, step)]
        write_text(self.path, "".join([header, *kept]))

    def rows(self) -> Iterator[tuple[int, dict[str, float]]]:
        """The metrics that were logged so far, with their updates, in the order in which they came."""
        if not self.path.exists():
            return
        with self.path.open(newline="", encoding="utf-8") as file:
            for step, group in groupby(csv.DictReader(file), key=itemgetter("step")):
                yield int(step), {row["metric"]: float(row["value"]) for row in group}


def _stays(row: str, step: int) -> bool:
    row_step, metric, _ = row.split(",")
    return int(row_step) <= step and not metric.startswith("test/")
