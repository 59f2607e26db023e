"""An image with boxes around what was found in it, and around what is there."""

from collections.abc import Mapping, Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle
from matplotlib.patheffects import withStroke
from torch import Tensor

from attnlab.language import either
from attnlab.reporting.figures.canvas import is_image, new_panelled_figure, put_notes, put_title, text_size
from attnlab.reporting.figures.image_map import show_image
from attnlab.reporting.figures.labels import readable, token_labels
from attnlab.reporting.figures.style import DISTINCT, NOTE, SMALLEST, text_style

LONGER_SIDE = 5.2  # inches
LEGEND_ROOM = 1.2  # at least
LINE_ROOM = 0.7  # of the legend's lines and gaps, beside its names
COLOURS = (*DISTINCT, "#BBBBBB")  # black outlines keep them visible on any ground
DASHED: Any = (0, (4, 3))
LINE_OF_TRUTH, LINE_OF_FOUND = 1.2, 1.8


def boxed_image(
    image: Tensor,
    found: Sequence[Mapping[str, Any]],
    *,
    classes: Sequence[str],
    target: Sequence[Mapping[str, Any]] | None = None,
    title: str = "",
    notes: Sequence[str] = (),
    page: float | None = None,
) -> Figure:
    """Draw an image (C, H, W) of bytes, grey or RGB, and what was found in it, a colour for each class.

    Found objects have `label`, `score` and `box`, corners in the image's pixels, and are named above on their colour;
    what is truly there has `label` and `box`, is drawn dashed and named below on white. A legend has the colours of the
    classes. The figure is as wide as the `page`, in inches, if that is given. Raises ValueError for another shape of
    image.
    """
    if not is_image(image):
        raise ValueError(f"an image is (1 or 3, H, W), got {tuple(image.shape)}")
    height, width = image.shape[1:]
    labels = {each["label"] for each in [*found, *(target or ())]}
    names = token_labels([*labels, *_kinds_of_lines()])
    beside = 0.2 + max(LEGEND_ROOM, text_size(names, NOTE)[0] + LINE_ROOM)
    scale = LONGER_SIDE / max(height, width)
    if page is not None:
        scale = min(scale, max(1.0, page - beside) / width)
    figure = new_panelled_figure(
        max(2.0, width * scale) + beside if page is None else page,
        max(1.0, height * scale) + (0.45 if title else 0.1),
    )
    axes = figure.subplots()
    axes.set_axis_off()
    axes.set_anchor("W")  # the legend has what room is left over
    show_image(axes, image)
    for each in target or ():
        colour = _colour(each["label"], classes)
        _outline(axes, each["box"], colour, linestyle=DASHED, linewidth=LINE_OF_TRUTH)
        _name(axes, each["box"], each["label"], colour, height=height, below=True)
    for each in found:
        colour = _colour(each["label"], classes)
        _outline(axes, each["box"], colour, linestyle="-", linewidth=LINE_OF_FOUND)
        _name(axes, each["box"], f"{each['label']} {each['score']:.0%}", colour, height=height, below=False)
    axes.set_xlim(-0.5, width - 0.5)
    axes.set_ylim(height - 0.5, -0.5)
    _explain(axes, labels, classes, knows_truth=target is not None)
    put_title(figure, title)
    put_notes(figure, notes)
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


def _name(axes: Axes, box: Sequence[float], text: str, colour: str, *, height: int, below: bool) -> None:
    """Above the box, or below it; inside where there is no room, and from its right side near the image's right."""
    room = height * 0.05
    inside = box[3] > height - room if below else box[1] < room
    near_right = box[0] > axes.images[0].get_extent()[1] * 0.75
    axes.text(
        box[2] - 0.5 if near_right else box[0],
        box[3] - 0.5 if below else box[1] - 0.5,
        readable(text),
        ha="right" if near_right else "left",
        va="top" if inside != below else "bottom",
        fontsize=SMALLEST,
        color="black" if below or _is_bright(colour) else "white",
        clip_on=True,
        bbox={"facecolor": "white" if below else colour, "edgecolor": colour, "linewidth": 0.8, "pad": 0.8},
        **text_style(),
    )


def _is_bright(colour: str) -> bool:
    red, green, blue = to_rgb(colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue > 0.45


def _kinds_of_lines() -> list[str]:
    return [either("found", "检出"), either("truth", "真值")]


def _explain(axes: Axes, labels: set[str], classes: Sequence[str], *, knows_truth: bool) -> None:
    """The legend: the classes that are in the picture, and what whole and dashed lines are."""
    shown = [*(each for each in classes if each in labels), *sorted(labels - set(classes))]
    lines = [Line2D([], [], color=_colour(each, classes), linewidth=4) for each in shown]
    names = token_labels(shown)
    if knows_truth:
        lines.append(Line2D([], [], color="black", linewidth=LINE_OF_FOUND))
        lines.append(Line2D([], [], color="black", linewidth=LINE_OF_TRUTH, linestyle=DASHED))
        names += _kinds_of_lines()
    if lines:
        legend = axes.legend(lines, names, loc="upper left", bbox_to_anchor=(1.01, 1.0), frameon=False, borderpad=0)
        for text in legend.get_texts():
            text.set(fontsize=NOTE, **text_style())
