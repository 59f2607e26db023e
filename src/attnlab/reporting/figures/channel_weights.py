"""Which channels a net opens for an image."""

import math
from collections.abc import Mapping, Sequence

from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from torch import Tensor

from attnlab.language import either
from attnlab.reporting.figures.canvas import new_panelled_figure, put_notes, put_title
from attnlab.reporting.figures.labels import readable
from attnlab.reporting.figures.style import BLUE, NOTE, PAGE, SMALLEST, plain_axes, text_style
from attnlab.reporting.glossary import term
from attnlab.reporting.picture_names import panel_name

MOST_COLUMNS = 3
LEAST_SPAN = 1e-3  # of the scale: below it weights are equal but for rounding


def channel_weights(
    weights: Mapping[str, Tensor],
    *,
    title: str = "",
    notes: Sequence[str] = (),
    scale: tuple[float, float] | None = None,
    width: float | None = None,
) -> Figure:
    """Draw the weights (C,) of each layer's channels, from the first layer to the last, on one scale.

    A bar goes from the layer's mean to a channel's weight, and the scale from the least to the greatest of all weights,
    or between the ends given: how channels differ is seen however little that is. Names that are modules' paths are put
    in words. It is as wide as a page, or `width` inches. Raises ValueError where there is nothing to draw.
    """
    if not weights or any(each.dim() != 1 or not len(each) for each in weights.values()):
        shapes = {name: tuple(each.shape) for name, each in weights.items()}
        raise ValueError(f"each layer has weights (C,), got {shapes}")
    most = MOST_COLUMNS if width is None else max(1, round(width * MOST_COLUMNS / PAGE))
    columns = min(len(weights), most)
    rows = math.ceil(len(weights) / columns)
    wide = max(3.2, columns * PAGE / MOST_COLUMNS) if width is None else width
    figure = new_panelled_figure(wide, rows * 1.35 + 0.35)
    panels = figure.subplots(rows, columns, squeeze=False, sharey=True)
    for axes in panels.ravel():
        axes.set_axis_off()
    for axes, (name, each) in zip(panels.ravel(), weights.items(), strict=False):
        axes.set_axis_on()
        values, mean = each.detach().float().cpu().numpy(), float(each.float().mean())
        axes.bar(range(1, 1 + len(each)), values - mean, bottom=mean, width=1.0, color=BLUE)
        axes.axhline(mean, color="black", linewidth=0.8)
        axes.set_ylim(*(_range(weights) if scale is None else scale))
        named = readable(panel_name(name))
        named += either(f", mean {mean:.2g}", f"，均值 {mean:.2g}")
        axes.set_title(named, loc="left", fontsize=NOTE, **text_style())
        plain_axes(axes)
        axes.tick_params(labelsize=SMALLEST)
        axes.xaxis.set_major_locator(MaxNLocator(4, integer=True))
    for row in panels:
        row[0].set_ylabel(term("weight"), fontsize=NOTE, **text_style())
    for axes in panels[-1] if len(weights) == panels.size else panels[:, 0][-1:]:
        axes.set_xlabel(term("channel"), fontsize=NOTE, **text_style())
    put_title(figure, title)
    bars = either(
        "bars go from the layer's mean (the line) to each channel's weight", "柱从该层的均值（横线）画到各通道的权重"
    )
    put_notes(figure, [bars, *notes])
    return figure


def _range(weights: Mapping[str, Tensor]) -> tuple[float, float]:
    low = min(float(each.min()) for each in weights.values())
    high = max(float(each.max()) for each in weights.values())
    margin = max(0.05 * (high - low), LEAST_SPAN / 2)
    return low - margin, high + margin
