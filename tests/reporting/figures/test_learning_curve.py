"""How a number moved: every point drawn, gaps left."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attnlab.reporting.figures import learning_curve


def test_a_learning_curve_draws_each_point_and_leaves_gaps() -> None:
    curves = {"train/loss": [(1, 3.0), (2, float("nan")), (3, 2.0)], "验证 $": [(2, 2.5)]}
    figure = learning_curve(curves, title="猫", y_label="损失")
    figure.canvas.draw()
    (axes,) = figure.axes
    assert [line.get_label() for line in axes.lines] == ["train/loss", "验证 $"]
    assert axes.lines[0].get_xdata().tolist() == [1, 2, 3]  # type: ignore[union-attr]
    assert np.isnan(axes.lines[0].get_ydata()[1])  # type: ignore[index]
    assert axes.get_legend() is not None


def test_few_points_are_marked_and_many_are_a_line() -> None:
    (axes,) = learning_curve({name: [(x, 1.0) for x in range(many)] for name, many in (("a", 2), ("b", 31))}).axes
    assert [bool(line.get_marker()) for line in axes.lines] == [True, False]


def test_a_learning_curve_without_points_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one curve must have a point"):
        learning_curve({"train/loss": []})


@settings(deadline=None, max_examples=23)
@given(st.lists(st.text(max_size=5), min_size=1, max_size=3))
def test_names_from_anywhere_can_be_drawn(names: list[str]) -> None:
    learning_curve({name: [(0, 1.0), (1, 2.0)] for name in names}, title=names[0], x_label=names[-1]).canvas.draw()
