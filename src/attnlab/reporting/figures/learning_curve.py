"""How a number moved during training."""

from collections.abc import Mapping, Sequence

from matplotlib.figure import Figure

from attnlab.reporting.figures.canvas import new_panelled_figure
from attnlab.reporting.figures.labels import readable, text_style

# Okabe and Ito's colours, told apart by colour-blind readers; the dashes tell them apart in print.
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
DASHES = ("solid", "dashed", "dashdot", "dotted")


def learning_curve(
    curves: Mapping[str, Sequence[tuple[float, float]]],
    *,
    title: str = "",
    x_label: str = "step",
    y_label: str = "loss",
    bands: Mapping[str, Sequence[tuple[float, float, float]]] | None = None,
) -> Figure:
    """Draw one line a name through its (x, y) points; a NaN leaves a gap. Bands (x, low, high) lie behind theirs.

    Raises ValueError if no curve has a point.
    """
    if not any(curves.values()):
        raise ValueError(f"at least one curve must have a point, got {dict(curves)}")
    figure = new_panelled_figure(7.0, 4.0)
    axes = figure.add_subplot()
    style = text_style()
    for index, (name, points) in enumerate(curves.items()):
        if band := (bands or {}).get(name):
            x, low, high = zip(*band, strict=True)
            axes.fill_between(x, low, high, color=COLOURS[index % len(COLOURS)], alpha=0.2, linewidth=0)
        axes.plot(
            [x for x, _ in points],
            [y for _, y in points],
            label=readable(name),
            color=COLOURS[index % len(COLOURS)],
            linestyle=DASHES[index % len(DASHES)],
            marker="o" if len(points) == 1 else "",
            linewidth=1.8,
        )
    axes.set_title(readable(title) if title else "", loc="left", fontsize=12, **style)
    axes.set_xlabel(readable(x_label), **style)
    axes.set_ylabel(readable(y_label), **style)
    axes.tick_params(labelfontfamily="DejaVu Sans")
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(color="0.9")
    axes.set_axisbelow(True)
    if len(curves) > 1:
        legend = axes.legend(frameon=False)
        for text in legend.get_texts():
            text.set(**style)
    return figure
