"""How a number moved during training."""

from collections.abc import Mapping, Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from attnlab.reporting.figures.canvas import new_panelled_figure
from attnlab.reporting.figures.labels import readable
from attnlab.reporting.figures.style import DASHES, LINES, TITLE, plain_axes, text_style

MARKED_UP_TO = 30  # points of a line, each of which then has a mark

Points = Sequence[tuple[float, float]]
"""(x, y); a NaN leaves a gap."""


def learning_curve(
    curves: Mapping[str, Points],
    *,
    title: str = "",
    x_label: str = "step",
    y_label: str = "loss",
    bands: Mapping[str, Sequence[tuple[float, float, float]]] | None = None,
) -> Figure:
    """Draw one line a name through its points. Bands (x, low, high) lie behind theirs.

    A name without points keeps its colour and dashes from the others, and has no place in the legend.

    Raises ValueError if no curve has a point.
    """
    if not any(curves.values()):
        raise ValueError(f"at least one curve must have a point, got {dict(curves)}")
    figure = new_panelled_figure(7.0, 4.0)
    axes = figure.add_subplot()
    for index, (name, points) in enumerate(curves.items()):
        if not points:
            continue
        if band := (bands or {}).get(name):
            x, low, high = zip(*band, strict=True)
            axes.fill_between(x, low, high, color=LINES[index % len(LINES)], alpha=0.2, linewidth=0)
        draw_curve(axes, name, points, index=index)
    style = text_style()
    axes.set_title(readable(title) if title else "", loc="left", fontsize=TITLE, **style)
    axes.set_xlabel(readable(x_label), **style)
    axes.set_ylabel(readable(y_label), **style)
    plain_axes(axes, grid=True)
    if len(curves) > 1:
        legend = axes.legend(frameon=False)
        for text in legend.get_texts():
            text.set(**style)
    return figure


def draw_curve(axes: Axes, name: str, points: Points, *, index: int) -> None:
    """The index-th line of its axes; with a mark at each point if there are few."""
    axes.plot(
        [x for x, _ in points],
        [y for _, y in points],
        label=readable(name),
        color=LINES[index % len(LINES)],
        linestyle=DASHES[index % len(DASHES)],
        marker="o" if len(points) <= MARKED_UP_TO else "",
        markersize=4,
        linewidth=1.8,
    )
