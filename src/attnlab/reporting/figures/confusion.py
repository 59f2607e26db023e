"""What was taken for what: a matrix of counts, shaded by each row's shares."""

import math
from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from attnlab.language import either
from attnlab.reporting.figures.canvas import new_panelled_figure, put_notes, put_title
from attnlab.reporting.figures.labels import token_labels
from attnlab.reporting.figures.style import LABEL, NAME, SMALLEST, colours, plain_bar, text_style

LONGEST_SIDE = 9.0  # inches of the matrix, which shrinks the cells of many classes
CELL = 0.5  # 10 classes are as wide as a page
CELL_WITH_COUNTS = 0.39  # three digits and a decimal fit
BESIDE = 2.3  # the labels and the bar
COUNTS_UP_TO = 12  # classes: above it the numbers would crowd the cells


def confusion_matrix(
    counts: Sequence[Sequence[int]],
    *,
    labels: Sequence[str],
    title: str = "",
    notes: Sequence[str] = (),
    cmap: str | None = None,
    width: float | None = None,
) -> Figure:
    """Draw counts (C, C) of actual classes, in rows, and of those predicted, in columns.

    Colour is the share of the row, on `cmap` or viridis, which keeps its order for colour-blind readers; a row without
    a single case is grey. Up to 12 classes have share and count printed; of many, every n-th label is. In a `width` of
    so many inches cells are as large as fit. Raises ValueError where counts and labels disagree.
    """
    values = np.asarray(counts, dtype=np.int64)
    num = len(labels)
    if num == 0 or values.shape != (num, num):
        raise ValueError(f"counts must be (classes, classes) = {(num, num)}, got {values.shape}")
    totals = values.sum(axis=1, keepdims=True)
    shares = np.where(totals > 0, values / np.maximum(totals, 1), np.nan)
    cell = min(CELL, (LONGEST_SIDE if width is None else max(width - BESIDE, 1.0)) / num)
    side = cell * num
    figure = new_panelled_figure(side + BESIDE, side + 1.5, page=width)
    axes = figure.add_subplot()
    image = axes.imshow(shares, cmap=colours(low=0.0, wanted=cmap), vmin=0.0, vmax=1.0, interpolation="nearest")
    _label(axes, labels, cell=cell)
    if num <= COUNTS_UP_TO and cell >= CELL_WITH_COUNTS:
        _print_counts(axes, values, shares)
    bar = figure.colorbar(image, ax=axes, shrink=min(1.0, 4.0 / side))
    plain_bar(bar, either("share of the row", "占该行的份额"))
    put_title(figure, title)
    put_notes(figure, notes)
    return figure


def _label(axes: Axes, labels: Sequence[str], *, cell: float) -> None:
    points = min(LABEL, max(5.0, cell * 72 * 0.7))
    # Below this cell size neighbouring labels would overlap, so only every n-th is drawn.
    every = max(1, math.ceil(points * 1.2 / (cell * 72)))
    names = token_labels(labels)[::every]
    style = text_style() | {"fontsize": points}
    axes.set_xticks(range(0, len(labels), every), names, rotation=45, ha="right", rotation_mode="anchor", **style)
    axes.set_yticks(range(0, len(labels), every), names, **style)
    axes.set_xlabel(either("predicted", "预测"), fontsize=NAME, **text_style())
    axes.set_ylabel(either("actual", "真实"), fontsize=NAME, **text_style())
    axes.tick_params(which="both", length=0)
    axes.spines[:].set_visible(False)


def _print_counts(axes: Axes, values: NDArray[np.int64], shares: NDArray[np.float64]) -> None:
    for (row, column), count in np.ndenumerate(values):
        share = shares[row, column]
        ink = "white" if share < 0.55 else "black"  # NaN compares false, and grey takes black
        shown = f"{share:.1%}\n{count:,}" if count else "0"
        axes.text(column, row, shown, ha="center", va="center", color=ink, fontsize=SMALLEST, **text_style())
