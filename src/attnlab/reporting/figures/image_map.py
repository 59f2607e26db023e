"""Where a model looks in an image: its attention laid over the picture."""

import math
from collections.abc import Mapping, Sequence

import numpy as np
import torch
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from torch import Tensor

from attnlab.reporting.figures.canvas import is_image, new_panelled_figure, put_title
from attnlab.reporting.figures.labels import readable, text_style

PANEL = 2.1  # inches
MOST_COLUMNS = 5
COLOURS = "viridis"  # keeps its order for colour-blind readers
OPACITY = 0.62  # of a map: the image shows through


def image_map(image: Tensor, maps: Mapping[str, Tensor], *, title: str = "", strided: bool = False) -> Figure:
    """Draw an image (C, H, W) of bytes, grey or RGB, and beside it each map (h, w) over the image in grey.

    A map's cells tile the image; of `strided` maps, whose places j lie over pixels stride * j, each pixel has the
    nearest place's colour. Colours run from a map's least to its greatest weight, which are printed below it. Raises
    ValueError where there is nothing to draw.
    """
    if not is_image(image) or not maps or any(each.dim() != 2 for each in maps.values()):
        shapes = {name: tuple(each.shape) for name, each in maps.items()}
        raise ValueError(f"an image is (1 or 3, H, W) and its maps (h, w), got {tuple(image.shape)} and {shapes}")
    num_panels = 1 + len(maps)
    columns = min(num_panels, MOST_COLUMNS)
    rows = math.ceil(num_panels / columns)
    figure = new_panelled_figure(columns * PANEL + 0.2, rows * (PANEL + 0.35) + (0.35 if title else 0.1))
    panels = figure.subplots(rows, columns, squeeze=False).ravel()
    for axes in panels:
        axes.set_axis_off()
    show_image(panels[0], image)
    _name(panels[0], "image")
    grey = image.float().mean(dim=0, keepdim=True)
    for axes, (name, weights) in zip(panels[1:], maps.items(), strict=False):
        show_image(axes, grey)
        _name(axes, f"{name}\n{float(weights.min()):.3g} to {float(weights.max()):.3g}")
        cells = weights.detach().float().cpu()
        axes.imshow(
            (_at_pixels(cells, image.shape[1:]) if strided else cells).numpy(),
            cmap=COLOURS,
            alpha=OPACITY,
            interpolation="nearest",
            extent=(-0.5, image.size(2) - 0.5, image.size(1) - 0.5, -0.5),
        )
    put_title(figure, title)
    return figure


def _at_pixels(weights: Tensor, size: Sequence[int]) -> Tensor:
    """(H, W), for each pixel the nearest of the weights (h, w) of places a power of two pixels apart."""
    for dim, pixels in enumerate(size):
        stride = 1
        while -(-pixels // stride) > weights.size(dim):
            stride *= 2
        nearest = (torch.arange(pixels) + stride // 2) // stride
        weights = weights.index_select(dim, nearest.clamp(max=weights.size(dim) - 1))
    return weights


def show_image(axes: Axes, image: Tensor) -> None:
    """Draw an image (C, H, W) of bytes, grey or RGB, each pixel a square."""
    pixels = np.ascontiguousarray(image.detach().cpu().permute(1, 2, 0).numpy())  # (H, W, C)
    axes.imshow(pixels.squeeze(2) if pixels.shape[2] == 1 else pixels, cmap="gray", vmin=0, vmax=255)


def _name(axes: Axes, name: str) -> None:
    lines = "\n".join(readable(line) for line in name.split("\n"))
    axes.text(0.5, -0.04, lines, ha="center", va="top", fontsize=8, transform=axes.transAxes, **text_style())
