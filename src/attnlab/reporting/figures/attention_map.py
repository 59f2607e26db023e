"""Where each target token looks: a heatmap of attention weights."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import Colormap
from matplotlib.figure import Figure
from matplotlib.image import AxesImage
from numpy.typing import NDArray
from torch import Tensor

from attnlab.reporting.figures.canvas import new_figure
from attnlab.reporting.figures.labels import readable, text_style, token_labels

Weights = NDArray[np.float32]

# All lengths are inches.
LONGEST_SIDE = 16.0  # of all maps together, which shrinks the cells of long texts
CELL = 0.42
CELL_WITH_VALUE = 0.62
SLANTED_FROM = 0.22  # below this cell size slanted labels touch each other: upright ones don't
GAP = 0.22
PADDING = 0.15
BAR_WIDTH = 0.14
LONGEST_BAR = 5.0
BAR_ROOM = 0.75  # the bar, its numbers and the gap before it
NAME_ROOM = 0.30
TITLE_POINTS = 12.0
STRIP_WIDTH = 0.42  # of the copy probabilities beside the map
VALUES_UP_TO = 8  # tokens a side: above it the numbers would crowd the cells


@dataclass(frozen=True)
class _Layout:
    """Sizes in inches of a grid of maps, from the token counts and the widths of the labels."""

    columns: int
    rows: int
    cell: float
    label_points: float
    left: float
    top: float
    map_width: float
    map_height: float
    name_room: float
    strip_room: float
    width: float
    height: float

    def box(self, index: int) -> tuple[float, float, float, float]:
        """The place of the index-th map in fractions of the figure: left, bottom, width, height."""
        row, column = divmod(index, self.columns)
        x = self.left + column * (self.map_width + GAP)
        y = self.top + row * (self.map_height + self.name_room + GAP) + self.map_height
        return x / self.width, 1 - y / self.height, self.map_width / self.width, self.map_height / self.height

    def strip_box(self) -> tuple[float, float, float, float]:
        """The place of the strip, right of the first row of maps."""
        left, bottom, width, height = self.box(self.columns - 1)
        return left + width + GAP / self.width, bottom, STRIP_WIDTH / self.width, height


def attention_map(
    weights: Tensor,
    *,
    source_tokens: Sequence[str],
    target_tokens: Sequence[str],
    title: str = "",
    copy_probabilities: Sequence[float] | None = None,
) -> Figure:
    """Draw weights (Tq, Tk), or (H, Tq, Tk) as the heads' mean followed by each head, all on one colour scale.

    Row i shows what target token i attends to; the source stands on top. The scale runs from 0 to the largest weight,
    or either side of 0 where a mechanism gives negative weights; NaN is grey. Small maps have their values printed.
    `copy_probabilities`, one a target token, stand in a strip of grey beside the map, white for 0 and black for 1.
    Raises ValueError where the weights' shape and the tokens disagree.
    """
    maps, names = _maps(weights)
    if maps.shape[1:] != (len(target_tokens), len(source_tokens)):
        expected = (len(target_tokens), len(source_tokens))
        raise ValueError(f"weights must be (target tokens, source tokens) = {expected}, got {maps.shape[1:]}")
    if copy_probabilities is not None and len(copy_probabilities) != len(target_tokens):
        raise ValueError(
            f"each of {len(target_tokens)} target tokens needs a probability, got {len(copy_probabilities)}"
        )
    sources, targets, title = token_labels(source_tokens), token_labels(target_tokens), readable(title) if title else ""
    strip_room = 0.0 if copy_probabilities is None else GAP + STRIP_WIDTH
    layout = _lay_out(sources, targets, title, num_maps=len(maps), strip_room=strip_room)
    figure = new_figure(layout.width, layout.height)
    colours, low, high = _scale(maps)
    for index, (name, values) in enumerate(zip(names, maps, strict=True)):
        axes = figure.add_axes(layout.box(index))
        image = axes.imshow(values, cmap=colours, vmin=low, vmax=high, aspect="auto", interpolation="nearest")
        _draw_frame(axes, layout, name)
        starts_row, tops_column = index % layout.columns == 0, index < layout.columns
        _label_ticks(axes, layout, sources if tops_column else [], targets if starts_row else [])
        if _is_small(sources, targets):
            _print_values(axes, image, values)
    if copy_probabilities is not None:
        _draw_strip(figure, copy_probabilities, layout, rotation=_rotation(sources, layout.cell, layout.label_points))
    _draw_bar(figure, image, layout)
    figure.text(
        PADDING / layout.width, 1 - PADDING / layout.height, title, va="top", fontsize=TITLE_POINTS, **text_style()
    )
    return figure


def _maps(weights: Tensor) -> tuple[Weights, list[str]]:
    """The maps to draw (P, Tq, Tk) and a name for each."""
    values: Weights = weights.detach().float().cpu().numpy()
    if values.ndim not in (2, 3) or 0 in values.shape:
        raise ValueError(f"weights must be (Tq, Tk) or (H, Tq, Tk) and not empty, got {tuple(weights.shape)}")
    if values.ndim == 2 or len(values) == 1:
        return values.reshape(1, *values.shape[-2:]), [""]
    heads = [f"head {number}" for number in range(1, len(values) + 1)]
    return np.concatenate([values.mean(axis=0, keepdims=True), values]), ["mean of heads", *heads]


def _scale(maps: Weights) -> tuple[Colormap, float, float]:
    """A colour map and the range it spans: viridis and PuOr keep their order for colour-blind readers."""
    finite = maps[np.isfinite(maps)]
    low, high = (float(finite.min()), float(finite.max())) if finite.size else (0.0, 1.0)
    largest = max(-low, high) or 1.0
    colours = matplotlib.colormaps["PuOr" if low < 0 else "viridis"].with_extremes(bad="0.8")
    return colours, -largest if low < 0 else 0.0, largest


def _lay_out(sources: list[str], targets: list[str], title: str, *, num_maps: int, strip_room: float) -> _Layout:
    columns = _num_columns(num_maps, len(sources) / len(targets))
    rows = math.ceil(num_maps / columns)
    roomy = CELL_WITH_VALUE if _is_small(sources, targets) else CELL
    cell = min(roomy, LONGEST_SIDE / (columns * len(sources)), LONGEST_SIDE / (rows * len(targets)))
    label_points = min(11.0, max(5.0, cell * 72 * 0.72))
    source_width, source_height = _extent(sources, label_points, rotation=_rotation(sources, cell, label_points))
    left = PADDING + _extent(targets, label_points)[0] + 0.08
    title_width, title_height = _extent([title], TITLE_POINTS) if title else (0.0, -PADDING)
    top = PADDING + title_height + PADDING + source_height + 0.08
    map_width, map_height = cell * len(sources), cell * len(targets)
    name_room = NAME_ROOM if num_maps > 1 else 0.0
    grid_width = columns * map_width + (columns - 1) * GAP
    overhang = source_width if _rotation(sources, cell, label_points) == 45 else 0.0
    return _Layout(
        columns=columns,
        rows=rows,
        cell=cell,
        label_points=label_points,
        left=left,
        top=top,
        map_width=map_width,
        map_height=map_height,
        name_room=name_room,
        strip_room=strip_room,
        width=max(left + grid_width + max(strip_room + BAR_ROOM, overhang), title_width + PADDING) + PADDING,
        height=top + rows * (map_height + name_room) + (rows - 1) * GAP + PADDING,
    )


def _num_columns(num_maps: int, aspect: float) -> int:
    """The columns that make a grid of maps a page a little wider than high, with few places left empty."""

    def fault(columns: int) -> float:
        rows = math.ceil(num_maps / columns)
        return abs(math.log(columns * aspect / rows / 1.3)) + 2 * (columns * rows - num_maps) / num_maps

    return min(range(1, num_maps + 1), key=fault)


def _is_small(sources: Sequence[str], targets: Sequence[str]) -> bool:
    return max(len(sources), len(targets)) <= VALUES_UP_TO


def _extent(labels: Sequence[str], points: float, *, rotation: int = 0) -> tuple[float, float]:
    """The width and height in inches of the largest of these texts as drawn."""
    figure = new_figure(1, 1)
    boxes = [
        figure.text(0, 0, label, fontsize=points, rotation=rotation, **text_style()).get_window_extent()
        for label in labels
    ]
    return max(box.width for box in boxes) / figure.dpi, max(box.height for box in boxes) / figure.dpi


def _rotation(sources: list[str], cell: float, points: float) -> int:
    """Level where every label fits over its column, else slanted, else upright."""
    if _extent(sources, points)[0] < 0.92 * cell:
        return 0
    return 45 if cell >= SLANTED_FROM else 90


def _label_ticks(axes: Axes, layout: _Layout, sources: list[str], targets: list[str]) -> None:
    # Below this cell size neighbouring labels would overlap, so only every n-th is drawn.
    every = max(1, math.ceil(layout.label_points * 1.1 / (layout.cell * 72)))
    style: dict[str, Any] = text_style() | {"fontsize": layout.label_points}
    rotation = _rotation(sources, layout.cell, layout.label_points) if sources else 0
    slant: dict[str, Any] = {"ha": "center"}
    if rotation == 45:  # each label starts over its column and leans away to the right
        slant = {"ha": "left", "va": "bottom", "rotation_mode": "anchor"}
    axes.xaxis.tick_top()
    axes.set_xticks(range(0, len(sources), every), sources[::every], rotation=rotation, **style, **slant)
    axes.set_yticks(range(0, len(targets), every), targets[::every], **style)
    axes.tick_params(which="both", length=0, pad=4)


def _draw_frame(axes: Axes, layout: _Layout, name: str) -> None:
    axes.spines[:].set_visible(False)
    axes.set_xlabel(name, fontsize=min(11.0, layout.map_width * 9), labelpad=4, **text_style())
    axes.xaxis.set_label_position("bottom")
    if layout.cell >= SLANTED_FROM:  # thin white lines between cells, where there is room for them
        right, bottom = axes.get_xlim()[1], axes.get_ylim()[0]
        axes.vlines(np.arange(0.5, right), -0.5, bottom, colors="white", linewidth=1)
        axes.hlines(np.arange(0.5, bottom), -0.5, right, colors="white", linewidth=1)


def _print_values(axes: Axes, image: AxesImage, values: Weights) -> None:
    colours = image.to_rgba(values)  # (Tq, Tk, RGBA)
    luminance = colours[..., :3] @ np.array([0.2126, 0.7152, 0.0722])
    for (row, column), value in np.ndenumerate(values):
        ink = "black" if luminance[row, column] > 0.45 else "white"
        axes.text(column, row, f"{value:.2f}", ha="center", va="center", color=ink, fontsize=9, **text_style())


def _draw_strip(figure: Figure, probabilities: Sequence[float], layout: _Layout, *, rotation: int) -> None:
    axes = figure.add_axes(layout.strip_box())
    values: Weights = np.asarray(probabilities, dtype=np.float32)[:, None]
    image = axes.imshow(values, cmap="Greys", vmin=0.0, vmax=1.0, aspect="auto", interpolation="nearest")
    slant: dict[str, Any] = {"ha": "left", "va": "bottom", "rotation_mode": "anchor"} if rotation == 45 else {}
    axes.xaxis.tick_top()
    axes.set_xticks([0], ["copied"], rotation=rotation, fontsize=layout.label_points, **text_style(), **slant)
    axes.set_yticks([])
    axes.tick_params(which="both", length=0, pad=4)
    axes.spines[:].set_linewidth(0.5)
    if layout.cell >= SLANTED_FROM:
        _print_values(axes, image, values)


def _draw_bar(figure: Figure, image: AxesImage, layout: _Layout) -> None:
    left, bottom, width, height = layout.box(layout.columns - 1)
    bar_height = min(height, LONGEST_BAR / layout.height)
    right = left + width + (layout.strip_room + GAP) / layout.width
    place = (right, bottom + height - bar_height, BAR_WIDTH / layout.width, bar_height)
    bar = figure.colorbar(image, cax=figure.add_axes(place))
    bar.outline.set_visible(False)
    bar.ax.tick_params(length=0, labelsize=9, labelfontfamily="DejaVu Sans")
    if layout.map_height < 1.2:  # no room for round numbers between the ends
        bar.set_ticks(image.get_clim(), labels=[f"{end:.2g}" for end in image.get_clim()])
