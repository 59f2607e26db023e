"""An image with boxes around what was found in it, and around what is there."""

from collections.abc import Mapping, Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.patheffects import withStroke
from torch import Tensor

from attnlab.reporting.figures.canvas import DISTINCT, is_image, new_panelled_figure, put_title
from attnlab.reporting.figures.image_map import show_image
from attnlab.reporting.figures.labels import readable, text_style

LONGER_SIDE = 7.0  # inches
COLOURS = (*DISTINCT, "#BBBBBB")  # black outlines keep them visible on any ground


def boxed_image(
    image: Tensor,
    found: Sequence[Mapping[str, Any]],
    *,
    classes: Sequence[str],
    target: Sequence[Mapping[str, Any]] | None = None,
    title: str = "",
) -> Figure:
    """Draw an image (C, H, W) of bytes, grey or RGB, and what was found in it, a colour for each class.

    Found objects have `label`, `score` and `box`, corners in the image's pixels; what is truly there has `label` and
    `box` and is drawn dashed. Raises ValueError for another shape of image.
    """
    if not is_image(image):
        raise ValueError(f"an image is (1 or 3, H, W), got {tuple(image.shape)}")
    height, width = image.shape[1:]
    scale = LONGER_SIDE / max(height, width)
    figure = new_panelled_figure(max(2.5, width * scale) + 0.2, height * scale + 0.2 + (0.7 if title else 0.3))
    axes = figure.subplots()
    axes.set_axis_off()
    show_image(axes, image)
    for each in target or ():
        _outline(axes, each["box"], _colour(each["label"], classes), linestyle=(0, (4, 3)), linewidth=1.2)
    for each in found:
        colour = _colour(each["label"], classes)
        _outline(axes, each["box"], colour, linestyle="-", linewidth=1.8)
        _name(axes, each["box"], f"{each['label']} {each['score']:.0%}", colour)
    dashed = "" if target is None else "dashed: truth"
    axes.text(1.0, -0.01, dashed, ha="right", va="top", fontsize=8, transform=axes.transAxes, **text_style())
    axes.set_xlim(-0.5, width - 0.5)
    axes.set_ylim(height - 0.5, -0.5)
    put_title(figure, title)
    return figure


def _colour(label: str, classes: Sequence[str]) -> str:
    return COLOURS[(classes.index(label) if label in classes else -1) % len(COLOURS)]


def _outline(axes: Axes, box: Sequence[float], colour: str, *, linestyle: Any, linewidth: float) -> None:
    left, top, right, bottom = box
    # A pixel is drawn around its number: the image's edge is at -0.5.
    patch = Rectangle((left - 0.5, top - 0.5), right - left, bottom - top, fill=False, edgecolor=colour)
    patch.set_linestyle(linestyle)
    patch.set_linewidth(linewidth)
    patch.set_path_effects([withStroke(linewidth=linewidth + 1.2, foreground="black")])
    axes.add_patch(patch)


def _name(axes: Axes, box: Sequence[float], text: str, colour: str) -> None:
    inside = box[1] < 6  # no room above the box
    axes.text(
        box[0],
        box[1] - 0.5,
        readable(text),
        va="top" if inside else "bottom",
        fontsize=8,
        color=colour,
        clip_on=True,
        path_effects=[withStroke(linewidth=2, foreground="black")],
        **text_style(),
    )
