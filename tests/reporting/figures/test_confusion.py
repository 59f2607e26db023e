"""What was predicted for what: the picture says the counts, for two classes or two hundred."""

from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from matplotlib.figure import Figure

from attnlab.reporting.figures import confusion_matrix

COUNTS = [[90, 7, 3], [0, 0, 0], [1, 1, 2]]
LABELS = ["O", "$人名_", "LOC"]


def _texts(figure: Figure) -> list[str]:
    return [text.get_text() for text in figure.axes[0].texts]


def test_colours_are_shares_of_rows_and_cells_hold_share_and_count() -> None:
    figure = confusion_matrix(COUNTS, labels=LABELS, title="words")
    drawn = np.ma.filled(figure.axes[0].images[0].get_array(), np.nan)
    np.testing.assert_allclose(drawn, [[0.9, 0.07, 0.03], [np.nan] * 3, [0.25, 0.25, 0.5]])
    assert figure.axes[0].images[0].get_clim() == (0.0, 1.0)
    expected = ["90.0%\n90", "7.0%\n7", "3.0%\n3", "0", "0", "0", "25.0%\n1", "25.0%\n1", "50.0%\n2"]
    assert _texts(figure) == expected
    for axis in (figure.axes[0].xaxis, figure.axes[0].yaxis):
        assert [tick.get_text() for tick in axis.get_ticklabels()] == LABELS
    figure.canvas.draw()  # a dollar sign isn't a formula, a Chinese character has a font


@pytest.mark.parametrize("num", [2, 12, 13, 101, 1009])
def test_many_classes_stay_within_a_page_and_their_labels_apart(num: int) -> None:
    figure = confusion_matrix(np.eye(num, dtype=int).tolist(), labels=[f"class {n}" for n in range(num)])
    assert max(figure.get_size_inches()) < 14
    assert bool(_texts(figure)) == (num <= 12)
    figure.canvas.draw()
    boxes = [label.get_window_extent() for label in figure.axes[0].yaxis.get_ticklabels()]
    assert all(upper.y0 > lower.y1 - 1.5 for upper, lower in pairwise(boxes))


@pytest.mark.parametrize("counts, labels", [([[1]], ["a", "b"]), ([], []), ([[1, 2]], ["a"])])
def test_counts_that_the_labels_dont_fit_are_refused(counts: Any, labels: list[str]) -> None:
    with pytest.raises(ValueError, match=r"counts must be \(classes, classes\)"):
        confusion_matrix(counts, labels=labels)
