"""Differences from a control with their intervals, one under another."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import ScalarFormatter

from attnlab.reporting.figures.canvas import new_panelled_figure, wrapped
from attnlab.reporting.figures.labels import readable
from attnlab.reporting.figures.style import BLUE, LABEL, LATIN_FAMILY, TITLE, UNDECIDED, text_style

WIDTH, ROW = 4.8, 0.55  # inches: so narrow that letters can still be read on a phone
NAME = 11  # points
BELOW = 0.22  # of a row
LINE = 0.19  # inches of a further line of a name


class _Plain(ScalarFormatter):
    """Numbers along an axis with the hyphen that sentences and tables have."""

    @staticmethod
    def fix_minus(s: str) -> str:
        return s


class Interval(NamedTuple):
    """One row: a difference and where it may lie, or none; `note` stands beside it, `decided` in colour.

    `runs` are rings below it.
    """

    label: str
    note: str
    decided: bool
    difference: float | None = None
    low: float = 0.0
    high: float = 0.0
    runs: Sequence[float] = ()


def forest_plot(
    rows: Sequence[Interval],
    *,
    title: str = "",
    x_label: str = "difference",
    margin: float | None = None,
    origin: float | None = 0.0,
    dashed: bool = False,
    lines: Mapping[str, float] | None = None,
) -> Figure:
    """Draw them from the top, each under its label and note, with a line at the origin, maybe dashed; a band around 0
    is where differences are below `margin`. `lines` are dotted, each with its name.

    ValueError without a row.
    """
    if not rows:
        raise ValueError("a forest plot needs a row, got none")
    names = [wrapped(f"{readable(row.label)} – {readable(row.note)}", width=WIDTH - 0.3, points=NAME) for row in rows]
    # Each interval lies below its name, in as many lines as that takes; from the last row's up.
    heights = [1 + (len(name) - 1) * LINE / ROW for name in names]
    places = [sum(heights[number + 1 :]) for number in range(len(rows))]
    figure = new_panelled_figure(WIDTH, 1.2 + ROW * sum(heights))
    axes = figure.add_subplot()
    style = text_style()
    if margin is not None:
        axes.axvspan(-margin, margin, color="0.92", linewidth=0)
    if origin is not None:
        axes.axvline(origin, color="0.3", linewidth=1, linestyle="dashed" if dashed else "solid")
    for name, at in (lines or {}).items():
        axes.axvline(at, color="0.3", linewidth=1.2, linestyle="dotted")
        axes.text(at, -0.45, f" {readable(name)}", va="bottom", fontsize=LABEL, **style)
    for place, row, said in zip(places, rows, names, strict=True):
        _named(axes, said, place)
        if row.difference is None:
            continue
        colour = BLUE if row.decided else UNDECIDED
        axes.plot([row.low, row.high], [place, place], color=colour, linewidth=2)
        axes.plot([row.difference], [place], marker="o" if row.decided else "s", color=colour, markersize=7)
        if row.runs:
            below = [place - BELOW] * len(row.runs)
            axes.plot(row.runs, below, marker="o", markersize=5, fillstyle="none", linestyle="", color=colour)
    axes.set_yticks([])
    axes.set_ylim(-0.5, sum(heights) - 0.4)
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.set_title(readable(title) if title else "", loc="left", fontsize=TITLE, **style)
    axes.set_xlabel("\n".join(map(readable, x_label.splitlines())), **style)
    axes.xaxis.set_major_formatter(_Plain())
    axes.tick_params(axis="x", labelfontfamily=LATIN_FAMILY)
    return figure


def _named(axes: Axes, name: Sequence[str], place: float) -> None:
    """Above its interval, with lines kept out of its way."""
    style = text_style() | {"va": "bottom", "fontsize": NAME, "linespacing": 1.1}
    text = axes.text(0.01, place + 0.14, "\n".join(name), transform=axes.get_yaxis_transform(), **style)
    text.set_bbox({"facecolor": "white", "edgecolor": "none", "pad": 1})
