"""Generated images above the real ones that are most like them."""

from collections.abc import Sequence

import numpy as np
import torch
from matplotlib.figure import Figure
from torch import Tensor

from attnlab.language import either
from attnlab.reporting.figures.canvas import DOTS_PER_INCH, new_figure
from attnlab.reporting.figures.labels import readable
from attnlab.reporting.figures.pixels import GAP, picture_grid
from attnlab.reporting.figures.style import NOTE, text_style

# All lengths are in pixels: the pictures are shown pixel for pixel.
MARGIN, LABEL_ROOM, LINE = 16, 130, 26
LEAST_GRID = 760  # wide: room for the lines of text


def neighbour_rows(generated: Tensor, nearest: Tensor, *, lines: Sequence[str]) -> Figure:
    """Draw generated images (N, C, H, W) in a row, and below each its K nearest (N, K, C, H, W), the nearest on top.

    `lines` of text stand above. Raises ValueError where the shapes don't fit.
    """
    if nearest.dim() != 5 or nearest[:, 0].shape != generated.shape:
        raise ValueError(f"neighbours are (N, K, ...) of images {tuple(generated.shape)}, got {tuple(nearest.shape)}")
    rows = torch.cat([generated.unsqueeze(1), nearest], dim=1).transpose(0, 1)  # (1 + K, N, C, H, W)
    grid = picture_grid(rows.flatten(0, 1), columns=len(generated))
    height, width = grid.shape[1:]
    whole_width = MARGIN + LABEL_ROOM + max(width, LEAST_GRID) + MARGIN
    whole_height = MARGIN + LINE * len(lines) + MARGIN + height + MARGIN
    figure = new_figure(whole_width / DOTS_PER_INCH, whole_height / DOTS_PER_INCH)
    pixels = np.broadcast_to(grid.permute(1, 2, 0).numpy(), (height, width, 3))
    figure.figimage(pixels, MARGIN + LABEL_ROOM, MARGIN, origin="upper")
    style = text_style() | {"fontsize": NOTE}
    for number, line in enumerate(lines):
        top = MARGIN + LINE * number
        figure.text(MARGIN / whole_width, 1 - top / whole_height, readable(line), va="top", **style)
    step = (height + GAP) / len(rows)
    labels = [either("generated", "生成"), either("nearest", "最近")]
    labels += [either(f"{place}.", f"第 {place} 近") for place in range(2, len(rows))]
    for number, label in enumerate(labels):
        middle = MARGIN + height - step * (number + 0.5)
        figure.text(MARGIN / whole_width, middle / whole_height, label, va="center", **style)
    return figure
