"""How good arms are, against what they cost."""

import math
from collections.abc import Mapping

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator

from attnlab.reporting.figures.canvas import new_panelled_figure
from attnlab.reporting.figures.labels import readable
from attnlab.reporting.figures.style import LINES, MARKERS, plain_axes, text_style

LEGEND_COLUMNS, LEGEND_LINE = 2, 0.24  # inches


def quality_and_cost(
    points: Mapping[str, tuple[float, float] | None],
    *,
    x_label: str,
    y_label: str,
    logarithmic: bool = False,
    ranges: Mapping[str, tuple[float, float]] | None = None,
    rings: Mapping[str, int] | None = None,
) -> Figure:
    """Draw a mark for each name at (cost, score), costs from 0 on or by their logarithm. ValueError without one.

    A name without has none, and its colour stays its own. A bar is from the least to the greatest cost in `ranges`.
    A mark that would cover as many others as `rings` says is open, and wider than they.
    """
    if not any(points.values()):
        raise ValueError("a plot of costs needs a point, got none")
    figure = new_panelled_figure(7.0, 3.8 + LEGEND_LINE * math.ceil(len(points) / LEGEND_COLUMNS))
    axes, style = figure.add_subplot(), text_style()
    for index, (name, point) in enumerate(points.items()):
        if point is None:
            continue
        if (bar := (ranges or {}).get(name)) is not None:
            axes.plot(bar, point[1:] * 2, color=LINES[index % len(LINES)], linewidth=1.5)
        _mark(axes, name, point, index=index, ring=(rings or {}).get(name, 0))
    if logarithmic:
        axes.set_xscale("log")
        axes.margins(x=0.08)
        axes.xaxis.set_minor_locator(LogLocator(subs=(2, 5)))
        axes.xaxis.set_minor_formatter(FuncFormatter(amount))
    else:
        greatest = max(point[0] for point in points.values() if point)
        furthest = max([greatest, *(high for _, high in (ranges or {}).values())])
        axes.set_xlim(0, furthest * 1.08 or 1)  # whole marks
    axes.xaxis.set_major_formatter(FuncFormatter(amount))
    axes.margins(y=0.12)  # so that no ring is cut
    axes.set_xlabel(readable(x_label), **style)
    axes.set_ylabel(readable(y_label), **style)
    plain_axes(axes, grid=True)
    legend = figure.legend(loc="outside lower left", ncols=LEGEND_COLUMNS, frameon=False)  # where no mark can be
    for text in legend.get_texts():
        text.set(**style)
    return figure


def _mark(axes: Axes, name: str, point: tuple[float, float], *, index: int, ring: int) -> None:
    axes.plot(
        point[:1],
        point[1:],
        marker=MARKERS[index % len(MARKERS)],
        markersize=8 * (1 + ring),
        fillstyle="none" if ring else "full",
        markeredgewidth=2 if ring else 1,
        linestyle="",
        color=LINES[index % len(LINES)],
        label=readable(name),
    )


def amount(value: float, _place: int | None = None) -> str:
    """A number of an axis, from a thousand on in k, M or G."""
    for size, letter in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if abs(value) >= size:
            return f"{value / size:g}{letter}"
    return f"{value:g}"
