"""Where a few places of an image look: for each of them, the weights it gives to all places."""

from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from torch import Tensor

from attnlab.language import either
from attnlab.reporting.figures.canvas import new_panelled_figure, put_notes, put_title
from attnlab.reporting.figures.image_map import draw_bar, show_image
from attnlab.reporting.figures.labels import readable
from attnlab.reporting.figures.style import DISTINCT, MARKERS, SMALLEST, colours, text_style

PANEL = 0.98  # inches: six of them are as wide as a page
LARGEST_PANEL = 1.6  # where a width is asked for
BAR_ROOM = 0.7
MARKS = tuple(zip(DISTINCT, MARKERS, strict=False))  # the shapes tell them apart in print
MOST_PLACES = 6


def query_maps(
    images: Tensor,
    maps: Tensor,
    places: Sequence[tuple[int, int]],
    *,
    title: str = "",
    names: Sequence[str] = (),
    notes: Sequence[str] = (),
    scale: tuple[float, float] | None = None,
    cmap: str | None = None,
    width: float | None = None,
) -> Figure:
    """Draw images (N, C, H, W) of bytes, grey or RGB, a row each: with its places marked, and the map of each place.

    Maps (N, Q, h, w) lie on a grid over the whole image, whose cells (row, column) the Q places are. A map's colours,
    which `cmap` names, run from 0, or the least if that is below, to its greatest weight, which stands above it, or
    between the ends of a `scale` for all. `names` stand above the images. It is `width` inches wide if that is given.
    Raises ValueError where the parts don't fit.
    """
    if maps.dim() != 4 or maps.shape[:2] != (len(images), len(places)) or not 0 < len(places) <= MOST_PLACES:
        raise ValueError(
            f"maps are (images, places, h, w) = ({len(images)}, {len(places)}, h, w) for 1 to {MOST_PLACES} places, "
            f"got {tuple(maps.shape)}"
        )
    rows, columns = len(images), 1 + len(places)
    panel = PANEL if width is None else min(LARGEST_PANEL, (width - BAR_ROOM) / columns)
    high = rows * (panel + 0.22) + (0.4 if title else 0.1)
    figure = new_panelled_figure(columns * panel + BAR_ROOM, high, page=width)
    panels = figure.subplots(rows, columns, squeeze=False)
    for number, (row, image, weights) in enumerate(zip(panels, images, maps.detach().float().cpu(), strict=True)):
        show_image(row[0], image)
        _say(row[0], names[number] if names else "")
        for index, place in enumerate(places):
            _mark(row[0], image, weights, place, index)
            _draw_map(row[1 + index], image, weights[index], scale=scale, cmap=cmap)
            _mark(row[1 + index], image, weights, place, index)
        for axes in row:
            axes.set_axis_off()
    cells = maps.size(2) * maps.size(3)
    equal = either(
        f"weights of {cells} places, which would be {1 / cells:.2g} if they were equal and summed to 1",
        f"{cells} 个位置的权重；若都相等且和为 1，则各为 {1 / cells:.2g}",
    )
    lowest = "0" if float(maps.min()) >= 0 else either("0, or less", "0 或更小")
    ends = lowest, either("each\nmap's\nmost", "每张图\n的最大值")
    label = either("attention weight", "注意力权重")
    draw_bar(figure, list(panels.ravel()), maps.unbind(), label=label, scale=scale, cmap=cmap, ends=ends)
    put_title(figure, title)
    put_notes(figure, [equal, *notes])
    return figure


def _draw_map(
    axes: Axes, image: Tensor, weights: Tensor, *, scale: tuple[float, float] | None, cmap: str | None
) -> None:
    height, width = image.shape[-2:]
    least, greatest = float(weights.min()), float(weights.max())
    # From 0: weights that are all but equal would else look as if a few places had them all.
    low, high = (min(least, 0.0), greatest or 1.0) if scale is None else scale
    axes.imshow(
        weights.numpy(),
        cmap=colours(low=0.0 if scale is None else low, wanted=cmap),
        vmin=low,
        vmax=high,
        interpolation="nearest",
        extent=(-0.5, width - 0.5, height - 0.5, -0.5),
    )
    _say(axes, either(f"up to {greatest:.2g}", f"最大 {greatest:.2g}"))


def _say(axes: Axes, text: str) -> None:
    if text:
        axes.set_title(readable(text), fontsize=SMALLEST, pad=2, **text_style())


def _mark(axes: Axes, image: Tensor, weights: Tensor, place: tuple[int, int], index: int) -> None:
    """A mark at the middle of a cell of the grid."""
    y, x = (
        (cell + 0.5) * size / cells - 0.5
        for cell, size, cells in zip(place, image.shape[-2:], weights.shape[-2:], strict=True)
    )
    colour, shape = MARKS[index]
    axes.plot([x], [y], marker=shape, color=colour, markersize=5, markeredgecolor="black", linestyle="none")
