"""An image and what it was taken for."""

from collections.abc import Sequence

from matplotlib.figure import Figure
from torch import Tensor

from attnlab.language import either
from attnlab.reporting.figures.canvas import new_panelled_figure, put_notes, put_title
from attnlab.reporting.figures.image_map import show_image
from attnlab.reporting.figures.labels import token_labels
from attnlab.reporting.figures.style import BLUE, LABEL, text_style

HEIGHT = 2.2  # inches


def labelled_image(
    image: Tensor,
    top: Sequence[tuple[str, float]],
    *,
    title: str = "",
    notes: Sequence[str] = (),
    width: float | None = None,
) -> Figure:
    """Draw an image (C, H, W) of bytes, grey or RGB, and bars of its most probable classes, the first on top.

    It is `width` inches wide if that is given.

    Raises ValueError without a class.
    """
    if not top:
        raise ValueError("an image needs a class to be labelled with, got none")
    aspect = min(1.5, max(0.4, image.size(2) / image.size(1)))
    figure = new_panelled_figure(HEIGHT * aspect + 3.1 if width is None else width, HEIGHT + 0.5)
    left, right = figure.subplots(1, 2, width_ratios=(HEIGHT * aspect, 3.0))
    left.set_axis_off()
    show_image(left, image)
    names, shares = zip(*reversed(top), strict=True)
    bars = right.barh(range(len(top)), shares, color=BLUE)
    right.bar_label(bars, labels=[f"{share:.1%}" for share in shares], padding=3, fontsize=LABEL, **text_style())
    right.set_yticks(range(len(top)), token_labels(names), fontsize=LABEL, **text_style())
    right.set_xlim(0.0, 1.25)
    right.set_xticks([])
    right.set_xlabel(either("probability", "概率"), loc="left", fontsize=LABEL, **text_style())
    right.spines[["top", "right", "bottom"]].set_visible(False)
    right.tick_params(length=0)
    put_title(figure, title)
    put_notes(figure, notes)
    return figure
