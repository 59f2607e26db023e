"""A grid of pictures, pixel for pixel, with the names of its columns or rows."""

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure
from torch import Tensor

from attnlab.reporting.figures.canvas import DOTS_PER_INCH, new_figure, text_size
from attnlab.reporting.figures.labels import token_labels
from attnlab.reporting.figures.pixels import GAP
from attnlab.reporting.figures.style import LABEL, text_style

MARGIN = 6  # pixels, as all lengths here


def class_grid(grid: Tensor, *, columns: Sequence[str] = (), rows: Sequence[str] = ()) -> Figure:
    """Draw a `picture_grid` (C, height, width) below a name for each of its columns, right of one for each of its rows.

    Names stand level where all have room over their columns, else slanted.
    """
    height, width = grid.shape[1:]
    over, beside = token_labels(columns), token_labels(rows)
    step = (width + GAP) / max(1, len(over))
    level = not over or _pixels(over)[0] < step - MARGIN
    rotation = 0 if level else 45
    left = MARGIN + (_pixels(beside)[0] + MARGIN if beside else 0)
    top = MARGIN + (_pixels(over, rotation=rotation)[1] + MARGIN if over else 0)
    right = MARGIN if level else MARGIN + max(0, _pixels(over[-1:], rotation=45)[0] - round(step / 2))
    whole_width, whole_height = left + width + right, top + height + MARGIN
    figure = new_figure(whole_width / DOTS_PER_INCH, whole_height / DOTS_PER_INCH)
    figure.figimage(np.broadcast_to(grid.permute(1, 2, 0).numpy(), (height, width, 3)), left, MARGIN, origin="upper")
    style = text_style() | {"fontsize": LABEL}
    for number, name in enumerate(over):
        x, y = (left + step * (number + 0.5)) / whole_width, (MARGIN + height + MARGIN) / whole_height
        side = "center" if level else "left"
        figure.text(x, y, name, ha=side, va="bottom", rotation=rotation, rotation_mode="anchor", **style)
    for number, name in enumerate(beside):
        middle = MARGIN + height - (height + GAP) / len(beside) * (number + 0.5)
        figure.text((left - MARGIN) / whole_width, middle / whole_height, name, ha="right", va="center", **style)
    return figure


def _pixels(names: Sequence[str], *, rotation: int = 0) -> tuple[int, int]:
    width, height = text_size(names, LABEL, rotation=rotation)
    return round(width * DOTS_PER_INCH), round(height * DOTS_PER_INCH)
