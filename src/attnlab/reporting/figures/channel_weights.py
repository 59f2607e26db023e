"""Which channels a net opens for an image."""

import math
from collections.abc import Mapping

from matplotlib.figure import Figure
from torch import Tensor

from attnlab.reporting.figures.canvas import BLUE, new_panelled_figure, put_title
from attnlab.reporting.figures.labels import readable, text_style

MOST_COLUMNS = 3


def channel_weights(weights: Mapping[str, Tensor], *, title: str = "") -> Figure:
    """Draw the weights (C,) of each layer's channels, from the first layer to the last, on one scale from 0.

    Raises ValueError where there is nothing to draw.
    """
    if not weights or any(each.dim() != 1 or not len(each) for each in weights.values()):
        shapes = {name: tuple(each.shape) for name, each in weights.items()}
        raise ValueError(f"each layer has weights (C,), got {shapes}")
    columns = min(len(weights), MOST_COLUMNS)
    rows = math.ceil(len(weights) / columns)
    figure = new_panelled_figure(columns * 3.2 + 0.3, rows * 1.5 + 0.7)
    panels = figure.subplots(rows, columns, squeeze=False, sharey=True)
    highest = max(1.0, *(float(each.max()) for each in weights.values()))
    for axes in panels.ravel():
        axes.set_axis_off()
    for axes, (name, each) in zip(panels.ravel(), weights.items(), strict=False):
        axes.set_axis_on()
        axes.bar(range(len(each)), each.detach().float().cpu().numpy(), width=1.0, color=BLUE)
        axes.axhline(float(each.mean()), color="black", linewidth=0.8, linestyle="dashed")
        axes.set_ylim(0.0, highest)
        axes.set_title(readable(name), loc="left", fontsize=8, **text_style())
        axes.tick_params(labelsize=7, labelfontfamily="DejaVu Sans")
        axes.spines[["top", "right"]].set_visible(False)
    figure.supxlabel("channel (dashed: the mean)", fontsize=8, **text_style())
    figure.supylabel("weight", fontsize=8, **text_style())
    put_title(figure, title)
    return figure
