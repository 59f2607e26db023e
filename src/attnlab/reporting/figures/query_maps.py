"""Where a few places of an image look: for each of them, the weights it gives to all places."""

from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from torch import Tensor

from attnlab.reporting.figures.canvas import DISTINCT, new_panelled_figure, put_title
from attnlab.reporting.figures.image_map import COLOURS, show_image
from attnlab.reporting.figures.labels import text_style

PANEL = 1.5  # inches
MARKS = tuple(zip(DISTINCT, "os^DvP", strict=False))  # the shapes tell them apart in print
MOST_PLACES = len(MARKS)


def query_maps(images: Tensor, maps: Tensor, places: Sequence[tuple[int, int]], *, title: str = "") -> Figure:
    """Draw images (N, C, H, W) of bytes, grey or RGB, a row each: with its places marked, and the map of each place.

    Maps (N, Q, h, w) lie on a grid over the whole image, whose cells (row, column) the Q places are. A map's colours
    run from 0, or the least if that is below, to its greatest weight, which is printed under it. Raises ValueError
    where the parts don't fit.
    """
    if maps.dim() != 4 or maps.shape[:2] != (len(images), len(places)) or not 0 < len(places) <= MOST_PLACES:
        raise ValueError(
            f"maps are (images, places, h, w) = ({len(images)}, {len(places)}, h, w) for 1 to {MOST_PLACES} places, "
            f"got {tuple(maps.shape)}"
        )
    rows, columns = len(images), 1 + len(places)
    figure = new_panelled_figure(columns * PANEL + 0.2, rows * (PANEL + 0.2) + (0.55 if title else 0.3))
    panels = figure.subplots(rows, columns, squeeze=False)
    for row, image, weights in zip(panels, images, maps.detach().float().cpu(), strict=True):
        show_image(row[0], image)
        for index, place in enumerate(places):
            _mark(row[0], image, weights, place, index)
            _draw_map(row[1 + index], image, weights[index])
            _mark(row[1 + index], image, weights, place, index)
        for axes in row:
            axes.set_axis_off()
    cells = maps.size(2) * maps.size(3)
    equal = f"weights of {cells} places, which would be {1 / cells:.2g} if they were equal and summed to 1"
    figure.supxlabel(equal, fontsize=8, **text_style())
    put_title(figure, title, points=10)
    return figure


def _draw_map(axes: Axes, image: Tensor, weights: Tensor) -> None:
    height, width = image.shape[-2:]
    extent = (-0.5, width - 0.5, height - 0.5, -0.5)
    least, greatest = float(weights.min()), float(weights.max())
    # From 0: weights that are all but equal would else look as if a few places had them all.
    axes.imshow(
        weights.numpy(),
        cmap=COLOURS,
        vmin=min(least, 0.0),
        vmax=greatest or 1.0,
        interpolation="nearest",
        extent=extent,
    )
    said = f"up to {greatest:.2g}"
    axes.text(0.5, -0.03, said, ha="center", va="top", fontsize=7, transform=axes.transAxes, **text_style())


def _mark(axes: Axes, image: Tensor, weights: Tensor, place: tuple[int, int], index: int) -> None:
    """A mark at the middle of a cell of the grid."""
    y, x = (
        (cell + 0.5) * size / cells - 0.5
        for cell, size, cells in zip(place, image.shape[-2:], weights.shape[-2:], strict=True)
    )
    colour, shape = MARKS[index]
    axes.plot([x], [y], marker=shape, color=colour, markersize=6, markeredgecolor="black", linestyle="none")
