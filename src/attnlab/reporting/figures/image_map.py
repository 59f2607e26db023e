"""Where a model looks in an image: its attention laid over the picture."""

import math
from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import torch
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from torch import Tensor

from attnlab.language import either
from attnlab.reporting.figures.canvas import is_image, new_panelled_figure, put_notes, put_title, wrapped
from attnlab.reporting.figures.labels import readable
from attnlab.reporting.figures.style import LABEL, NOTE, PAGE, colours, plain_bar, pointed, text_style
from attnlab.reporting.picture_names import panel_name

BAR_ROOM = 0.75  # inches
NAME_ROOM = 0.4
TITLE_ROOM = 0.35
MOST_COLUMNS = 3  # as wide as a page
OPACITY = 0.62  # of a map: the image shows through


def image_map(
    image: Tensor,
    maps: Mapping[str, Tensor],
    *,
    title: str = "",
    strided: bool = False,
    notes: Sequence[str] = (),
    scale: tuple[float, float] | None = None,
    cmap: str | None = None,
    width: float | None = None,
) -> Figure:
    """Draw an image (C, H, W) of bytes, grey or RGB, and beside it each map (h, w) over the image in grey.

    A map's cells tile the image; of `strided` maps, whose places j lie over pixels stride * j, colours run from place
    to place. Colours run from a map's least to its greatest weight, which stand above it, or between the
    ends of a `scale` for all. `cmap` names them. Names that are modules' paths are put in words. It is as wide as a
    page, or `width` inches. Raises ValueError where there is nothing to draw.
    """
    if not is_image(image) or not maps or any(each.dim() != 2 for each in maps.values()):
        shapes = {name: tuple(each.shape) for name, each in maps.items()}
        raise ValueError(f"an image is (1 or 3, H, W) and its maps (h, w), got {tuple(image.shape)} and {shapes}")
    num_panels = 1 + len(maps)
    page = PAGE if width is None else width
    columns = min(num_panels, max(1, min(MOST_COLUMNS, round(MOST_COLUMNS * page / PAGE))))
    rows = math.ceil(num_panels / columns)
    tall = (page - BAR_ROOM) / columns * min(2.0, max(0.5, image.size(1) / image.size(2)))
    figure = new_panelled_figure(page, rows * (tall + NAME_ROOM) + (TITLE_ROOM if title else 0.1))
    panels = figure.subplots(rows, columns, squeeze=False).ravel()
    for axes in panels:
        axes.set_axis_off()
    show_image(panels[0], image)
    _name(panels[0], either("image", "图像"))
    grey = image.float().mean(dim=0, keepdim=True)
    for axes, (name, weights) in zip(panels[1:], maps.items(), strict=False):
        show_image(axes, grey)
        low, high = f"{float(weights.min()):.3g}", f"{float(weights.max()):.3g}"
        _name(axes, f"{panel_name(name)}\n{either(f'{low} to {high}', f'{low} 至 {high}')}")
        weights = weights.detach().float().cpu()
        drawn = _at_pixels(weights, image.shape[1:]) if strided else weights
        _lay_over(axes, drawn, image.shape[1:], scale=scale, cmap=cmap)
    own, shared = (
        either("weight, on each map's own scale", "权重（每张图各有范围）"),
        either("attention weight", "注意力权重"),
    )
    label = own if scale is None else shared
    draw_bar(figure, list(panels), maps.values(), label=label, scale=scale, cmap=cmap, alpha=OPACITY)
    put_title(figure, title)
    put_notes(figure, notes)
    return figure


def _lay_over(
    axes: Axes, weights: Tensor, size: Sequence[int], *, scale: tuple[float, float] | None, cmap: str | None
) -> None:
    low, high = (None, None) if scale is None else scale
    axes.imshow(
        weights.numpy(),
        cmap=colours(low=0.0 if scale is None else scale[0], wanted=cmap),
        vmin=low,
        vmax=high,
        alpha=OPACITY,
        interpolation="nearest",
        extent=(-0.5, size[1] - 0.5, size[0] - 0.5, -0.5),
    )


def draw_bar(
    figure: Figure,
    panels: Sequence[Axes],
    maps: Iterable[Tensor],
    *,
    label: str,
    scale: tuple[float, float] | None,
    cmap: str | None = None,
    ends: tuple[str, str] | None = None,
    alpha: float = 1.0,
) -> None:
    """A bar of colours right of the panels; of maps that each have a scale of their own its ends have names.

    On a scale for all, ends beyond which maps have weights are pointed.
    """
    low, high = (0.0, 1.0) if scale is None else scale
    shades = ScalarMappable(Normalize(low, high), colours(low=low, wanted=cmap))
    extend = "neither"
    if scale is not None:
        ends_of = [(float(each.min()), float(each.max())) for each in maps]
        extend = pointed(low, high, least=min(ends_of)[0], greatest=max(end for _, end in ends_of))
    bar = figure.colorbar(shades, ax=panels, shrink=0.8, aspect=25, alpha=alpha, extend=extend)
    beside = figure.get_figheight() - TITLE_ROOM - NAME_ROOM  # of low panels the name takes two lines
    plain_bar(bar, "\n".join(wrapped(label, width=beside, points=LABEL)))
    if scale is None:
        named = ends or (either("least", "最小"), either("greatest", "最大"))
        bar.set_ticks([low, high], labels=list(named), **text_style())


def _at_pixels(weights: Tensor, size: Sequence[int]) -> Tensor:
    """(H, W), between the weights (h, w) of places a power of two pixels apart, beyond the last that one's."""
    for dim, pixels in enumerate(size):
        stride = 1
        while -(-pixels // stride) > weights.size(dim):
            stride *= 2
        at = torch.arange(pixels) / stride
        low = at.long().clamp(max=weights.size(dim) - 1)
        high = (low + 1).clamp(max=weights.size(dim) - 1)
        part = (at - low).clamp(max=1.0).view(-1, 1) if dim == 0 else (at - low).clamp(max=1.0)
        weights = torch.lerp(weights.index_select(dim, low), weights.index_select(dim, high), part)
    return weights


def show_image(axes: Axes, image: Tensor) -> None:
    """Draw an image (C, H, W) of bytes, grey or RGB, each pixel a square."""
    pixels = np.ascontiguousarray(image.detach().cpu().permute(1, 2, 0).numpy())  # (H, W, C)
    axes.imshow(
        pixels.squeeze(2) if pixels.shape[2] == 1 else pixels, cmap="gray", vmin=0, vmax=255, interpolation="nearest"
    )


def _name(axes: Axes, name: str) -> None:
    """Above the panel: what stands below one is no part of the layout where axes are off."""
    lines = "\n".join(readable(line) for line in name.split("\n"))
    axes.set_title(lines, fontsize=NOTE, pad=3, **text_style())
