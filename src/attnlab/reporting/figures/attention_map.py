"""Where each target token looks: a heatmap of attention weights."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import Colormap
from matplotlib.figure import Figure
from matplotlib.image import AxesImage
from numpy.typing import NDArray
from torch import Tensor

from attnlab.language import either
from attnlab.reporting.figures.canvas import new_figure, text_size, write_notes
from attnlab.reporting.figures.labels import readable, token_labels
from attnlab.reporting.figures.map_layout import (
    LEGIBLE,
    PADDING,
    SLANTED_FROM,
    TITLE_LINE,
    Layout,
    copied,
    every_nth,
    lay_out,
)
from attnlab.reporting.figures.style import LABEL, NAME, NOTE, SHARES, TITLE, colours, plain_bar, pointed, text_style

Weights = NDArray[np.float32]


class Shades(NamedTuple):
    """Colours, and the weights at their ends."""

    colours: Colormap
    low: float
    high: float


def attention_map(
    weights: Tensor,
    *,
    source_tokens: Sequence[str],
    target_tokens: Sequence[str],
    title: str = "",
    axes_named: tuple[str, str] = ("", ""),
    copy_probabilities: Sequence[float] | None = None,
    notes: Sequence[str] = (),
    scale: tuple[float, float] | None = None,
    width: float | None = None,
    cmap: str | None = None,
) -> Figure:
    """Draw weights (Tq, Tk), or (H, Tq, Tk) as the heads' mean followed by each head, all on one colour scale.

    Row i shows what target token i attends to; the source stands on top. `axes_named` says what rows and columns are.
    The scale runs from 0 to the largest weight, or either side of 0 where a mechanism gives negative weights, unless
    `scale` says its ends; NaN is grey, and `cmap` names the colours of weights from 0. Small maps have their values
    printed. `copy_probabilities`, one a target token, stand in a strip of grey beside the map, white for 0 and black
    for 1. A map that isn't legible in a `width` of so many inches is continued below. Raises ValueError where the
    weights' shape and the tokens disagree.
    """
    maps, names = _maps(weights)
    _check(maps, source_tokens, target_tokens, copy_probabilities)
    sources, targets = token_labels(source_tokens), token_labels(target_tokens)
    layout = lay_out(
        sources,
        targets,
        num_maps=len(maps),
        title=readable(title) if title else "",
        notes=[*notes[:-1], *([] if copy_probabilities is None else [_of_copying()]), *notes[-1:]],
        has_strip=copy_probabilities is not None,
        axes_named=any(axes_named),
        width=width,
    )
    figure = new_figure(layout.width, layout.height)
    low, high = _range(maps) if scale is None else scale
    shades = Shades(colours(low=low, wanted=cmap), low, high)
    for number, (name, values) in enumerate(zip(names, maps, strict=True)):
        image = _draw_map(figure, layout, number, values, sources, targets, name=name, shades=shades)
    if copy_probabilities is not None:
        _draw_strip(figure, copy_probabilities, layout)
    _draw_bar(figure, image, layout, largest=_range(maps))
    _write_around(figure, layout, axes_named)
    return figure


def _check(
    maps: Weights, sources: Sequence[str], targets: Sequence[str], copy_probabilities: Sequence[float] | None
) -> None:
    expected = (len(targets), len(sources))
    if maps.shape[1:] != expected:
        raise ValueError(f"weights must be (target tokens, source tokens) = {expected}, got {maps.shape[1:]}")
    if copy_probabilities is not None and len(copy_probabilities) != len(targets):
        raise ValueError(f"each of {len(targets)} target tokens needs a probability, got {len(copy_probabilities)}")


def _maps(weights: Tensor) -> tuple[Weights, list[str]]:
    """The maps to draw (P, Tq, Tk) and a name for each."""
    values: Weights = weights.detach().float().cpu().numpy()
    if values.ndim not in (2, 3) or 0 in values.shape:
        raise ValueError(f"weights must be (Tq, Tk) or (H, Tq, Tk) and not empty, got {tuple(weights.shape)}")
    if values.ndim == 2 or len(values) == 1:
        return values.reshape(1, *values.shape[-2:]), [""]
    heads = [either(f"head {number}", f"头 {number}") for number in range(1, len(values) + 1)]
    return np.concatenate([values.mean(axis=0, keepdims=True), values]), [either("mean of heads", "各头均值"), *heads]


def _of_copying() -> str:
    return either(
        "copied: each word's chance to be copied and not generated, from 0 (white) to 1 (black)",
        "复制：每个词由复制而非生成得到的概率，从 0（白）到 1（黑）",
    )


def _range(maps: Weights) -> tuple[float, float]:
    """The weights at the ends of the colours."""
    finite = maps[np.isfinite(maps)]
    low, high = (float(finite.min()), float(finite.max())) if finite.size else (0.0, 1.0)
    largest = max(-low, high) or 1.0
    return (-largest if low < 0 else 0.0), largest


def _draw_map(
    figure: Figure,
    layout: Layout,
    number: int,
    values: Weights,
    sources: Sequence[str],
    targets: Sequence[str],
    *,
    name: str,
    shades: Shades,
) -> AxesImage:
    """One map, in as many panels as it has blocks of columns."""
    for place, block in enumerate(layout.blocks):
        panel = number * len(layout.blocks) + place
        axes = figure.add_axes(layout.box(panel))
        shown = values[:, block.start : block.stop]
        image = axes.imshow(
            shown, cmap=shades.colours, vmin=shades.low, vmax=shades.high, aspect="auto", interpolation="nearest"
        )
        _draw_frame(axes, layout, name if place == len(layout.blocks) - 1 else "")
        _label_ticks(axes, layout, sources[block.start : block.stop], targets if panel % layout.columns == 0 else [])
        if layout.is_small:
            _print_values(axes, image, shown)
    return image


def _label_ticks(axes: Axes, layout: Layout, sources: Sequence[str], targets: Sequence[str]) -> None:
    every = every_nth(layout.label_points, layout.cell)
    style: dict[str, Any] = text_style() | {"fontsize": layout.label_points}
    slant: dict[str, Any] = {"ha": "center"}
    if layout.rotation == 45:  # each label starts over its column and leans away to the right
        slant = {"ha": "left", "va": "bottom", "rotation_mode": "anchor"}
    axes.xaxis.tick_top()
    axes.set_xticks(range(0, len(sources), every), sources[::every], rotation=layout.rotation, **style, **slant)
    for label in axes.get_xticklabels():
        if layout.rotation == 90 and len(label.get_text()) == 1:  # no need to lie on its side, as Chinese would
            label.set_rotation(0)
    axes.set_yticks(range(0, len(targets), every), targets[::every], **style)
    axes.tick_params(which="both", length=0, pad=4)


def _draw_frame(axes: Axes, layout: Layout, name: str) -> None:
    axes.spines[:].set_visible(False)
    axes.set_xlabel(name, fontsize=min(NAME, layout.map_width * 9), labelpad=4, **text_style())
    axes.xaxis.set_label_position("bottom")
    if layout.cell >= LEGIBLE:  # thin white lines between cells, where there is room for them
        right, bottom = axes.get_xlim()[1], axes.get_ylim()[0]
        thin = 1.0 if layout.cell >= SLANTED_FROM else 0.5
        axes.vlines(np.arange(0.5, right), -0.5, bottom, colors="white", linewidth=thin)
        axes.hlines(np.arange(0.5, bottom), -0.5, right, colors="white", linewidth=thin)


def _print_values(axes: Axes, image: AxesImage, values: Weights) -> None:
    shades = image.to_rgba(values)  # (Tq, Tk, RGBA)
    # Two digits, or three where that is half of the second: of 0.125 two would tell another share than there is.
    digits = 3 if np.isclose(np.abs(values[np.isfinite(values)]) * 100 % 1, 0.5, atol=1e-4).any() else 2
    luminance = shades[..., :3] @ np.array([0.2126, 0.7152, 0.0722])
    for (row, column), value in np.ndenumerate(values):
        ink = "black" if luminance[row, column] > 0.45 else "white"
        axes.text(
            column, row, f"{value:.{digits}f}", ha="center", va="center", color=ink, fontsize=NOTE, **text_style()
        )


def _draw_strip(figure: Figure, probabilities: Sequence[float], layout: Layout) -> None:
    axes = figure.add_axes(layout.strip_box())
    values: Weights = np.asarray(probabilities, dtype=np.float32)[:, None]
    image = axes.imshow(values, cmap=SHARES, vmin=0.0, vmax=1.0, aspect="auto", interpolation="nearest")
    slanted = layout.rotation == 45
    slant: dict[str, Any] = {"ha": "left", "va": "bottom", "rotation_mode": "anchor"} if slanted else {}
    axes.xaxis.tick_top()
    axes.set_xticks([0], [copied()], rotation=layout.rotation, fontsize=layout.label_points, **text_style(), **slant)
    axes.set_yticks([])
    axes.tick_params(which="both", length=0, pad=4)
    axes.spines[:].set_linewidth(0.5)
    if layout.cell >= SLANTED_FROM:
        _print_values(axes, image, values)


def _draw_bar(figure: Figure, image: AxesImage, layout: Layout, *, largest: tuple[float, float]) -> None:
    """The bar of colours, pointed where there are weights beyond an end of the scale."""
    # Of weights either side of 0 the range is symmetrical, whatever the least is.
    extend = pointed(*image.get_clim(), least=largest[0], greatest=largest[1])
    place = figure.add_axes(layout.bar_box())
    bar = figure.colorbar(image, cax=place, extend=extend, orientation="horizontal" if layout.lies else "vertical")
    plain_bar(bar, either("attention weight", "注意力权重"))


def _write_around(figure: Figure, layout: Layout, axes_named: tuple[str, str]) -> None:
    """The title, the names of the axes, and what stands below."""
    for number, line in enumerate(layout.title):
        top = 1 - (PADDING + number * TITLE_LINE) / layout.height
        figure.text(PADDING / layout.width, top, line, va="top", fontsize=TITLE, **text_style())
    for row in range(layout.rows):
        _name_axes(figure, layout, row, *axes_named)
    write_notes(figure, layout.notes)


def _name_axes(figure: Figure, layout: Layout, row: int, rows: str, columns: str) -> None:
    """What rows and columns are, at the first panel of a row of panels."""
    left, bottom, _, height = layout.box(row * layout.columns)
    style = text_style() | {"fontsize": LABEL, "color": "0.25", "va": "top"}
    edge, above = layout.margin / layout.width, bottom + height + layout.label_room / layout.height
    to_right = f"{columns} →" if columns else ""
    if rows and text_size([f"← {rows}"], LABEL)[0] > layout.map_height:  # no room beside so few rows
        figure.text(edge, above, "   ".join(each for each in (f"{rows} ↓", to_right) if each), **style)
    else:
        figure.text(left, above, to_right, **style)
        figure.text(edge, bottom + height, f"← {rows}" if rows else "", rotation=90, **style)
