"""A finished run as an object: its scores, its curves and what it attended to, to be shown in a notebook."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from attnlab.api.drawing import Drawing
from attnlab.api.wording import in_python
from attnlab.errors import ByName, UserError
from attnlab.language import either
from attnlab.reading.bounds import PICTURE, read_file
from attnlab.reporting.glossary import score_in_chinese
from attnlab.reporting.reasons import warning_in_chinese
from attnlab.reporting.terminal.text import score_text
from attnlab.runs import run_folder
from attnlab.runs.named import run_named

if TYPE_CHECKING:
    from attnlab.api.trained import TrainedModel


class Run:
    """What a finished run has left in its folder, which may be given by `last` or the beginning of its hash.

    Attributes:
        folder: where.
        record: `metrics.json`.

    Raises:
        UserError: the folder holds no finished run.
    """

    @in_python()
    def __init__(self, folder: str | Path) -> None:
        self.folder = run_named(folder)
        found = run_folder.finished(self.folder)
        if found is None:
            raise UserError(f"a finished run's folder has a metrics.json, got {self.folder} (give another folder)")
        self.record: Mapping[str, Any] = found

    @property
    def scores(self) -> dict[str, float]:
        """The test's, by name."""
        return ByName(self.record["test"])

    @property
    def warnings(self) -> list[str]:
        """What makes a score mean less than it seems to."""
        return [str(each["message"]) for each in self.record.get("warnings", [])]

    def history(self) -> dict[str, list[tuple[int, float]]]:
        """All that was logged, by metric: of each its values in order, as (update, value).

        history()["val/loss"][0]   # (200, 5.31): after 200 updates it was 5.31
        """
        from attnlab.callbacks.csv_log import MetricsCSV

        values: dict[str, list[tuple[int, float]]] = defaultdict(list)
        for step, row in MetricsCSV(self.folder).rows():
            for metric, value in row.items():
                values[metric].append((step, value))
        without = {} if any(each.startswith("val/") for each in values) else {"val/": "this run was never validated"}
        return ByName(values, without=without)

    def curves(self) -> list[Drawing]:
        """A figure of losses and scores in training and in validation; none without a log."""
        from attnlab.callbacks.csv_log import MetricsCSV
        from attnlab.callbacks.learning_curves import curves_of
        from attnlab.reporting.figures.draw import draw

        monitor = str(self.record["best"].get("monitor") or "")
        curves = curves_of(MetricsCSV(self.folder).rows(), monitor=monitor)
        return [] if curves is None else [Drawing.of("curves", draw(curves))]

    def maps(self) -> list[Drawing]:
        """The pictures that the run has drawn of its attention; `attnlab.load(run.folder).attention` makes others."""
        return [
            Drawing(path.stem, read_file(path, mib=PICTURE)) for path in sorted((self.folder / "maps").glob("*.png"))
        ]

    def model(self, *, trust: Sequence[str] = (), trust_file: bool = False) -> "TrainedModel":
        """What it has learned, as `attnlab.load` gives it."""
        from attnlab.api.trained import load

        return load(self.folder, trust=trust, trust_file=trust_file)

    @in_python()
    def show(self) -> None:
        """Show scores, curves and maps in the notebook.

        Raises:
            UserError: there is no IPython.
        """
        try:
            from IPython.display import display
        except ImportError as error:
            raise UserError(
                "figures are shown in a notebook, and IPython isn't installed (pip install ipython, or save them: "
                "run.curves()[0].save(path))"
            ) from error
        display(self, *self.curves(), *self.maps())

    def _repr_html_(self) -> str:
        from html import escape

        cells = (
            (escape(either(name, score_in_chinese(name))), score_text(value)) for name, value in self.scores.items()
        )
        rows = "".join(f"<tr><td>{name}</td><td>{value}</td></tr>" for name, value in cells)
        given = [(each, warning_in_chinese(each["kind"], each["message"])) for each in self.record.get("warnings", [])]
        warned = "".join(f"<p>{escape(either(each['message'], chinese))}</p>" for each, chinese in given)
        return f"<p><code>{escape(str(self.folder))}</code></p><table>{rows}</table>{warned}"

    def __repr__(self) -> str:
        return f"Run({str(self.folder)!r})"
