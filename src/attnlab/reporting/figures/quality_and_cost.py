"""How good arms are, against what they cost."""

from collections.abc import Mapping

from matplotlib.figure import Figure

from attnlab.reporting.figures.canvas import new_panelled_figure
from attnlab.reporting.figures.labels import readable
from attnlab.reporting.figures.style import LINES, MARKERS, plain_axes, text_style


def quality_and_cost(
    points: Mapping[str, tuple[float, float] | None],
    *,
    x_label: str,
    y_label: str,
    logarithmic: bool = False,
    ranges: Mapping[str, tuple[float, float]] | None = None,
) -> Figure:
    """Draw a mark for each name at (cost, score), costs from 0 on or by their logarithm. ValueError without one.

    A name without has none, and its colour stays its own. A bar is from the least to the greatest cost in `ranges`.
    """
    if not any(points.values()):
        raise ValueError("a plot of costs needs a point, got none")
    figure = new_panelled_figure(7.0, 4.0)
    axes, style = figure.add_subplot(), text_style()
    for index, (name, point) in enumerate(points.items()):
        if point is None:
            continue
        colour, marker = LINES[index % len(LINES)], MARKERS[index % len(MARKERS)]
        if (bar := (ranges or {}).get(name)) is not None:
            axes.plot(bar, point[1:] * 2, color=colour, linewidth=1.5)
        axes.plot(point[:1], point[1:], marker=marker, markersize=8, linestyle="", color=colour, label=readable(name))
    if logarithmic:
        axes.set_xscale("log")
    else:
        axes.set_xlim(left=0)
    axes.set_xlabel(readable(x_label), **style)
    axes.set_ylabel(readable(y_label), **style)
    plain_axes(axes, grid=True)
    for text in axes.legend(frameon=False).get_texts():
        text.set(**style)
    return figure
