"""Differences with their intervals."""

from pathlib import Path

import pytest

from attnlab.reporting.figures.canvas import save
from attnlab.reporting.figures.forest_plot import Interval, forest_plot

ROWS = [Interval("additive", "better", True, 8.1, 6.2, 10.0), Interval("none", "too few to judge", False)]


def test_each_row_has_its_name_its_note_and_its_interval() -> None:
    axes = forest_plot(ROWS, margin=1.0).axes[0]
    assert [text.get_text() for text in axes.texts] == ["additive – better", "none – too few to judge"]
    drawn = [line.get_xdata() for line in axes.lines]
    assert [list(each) for each in drawn[1:]] == [[6.2, 10.0], [8.1]]  # the first is the line at 0


def test_without_a_row_there_is_none() -> None:
    with pytest.raises(ValueError, match="needs a row"):
        forest_plot([])


def test_a_drawing_is_the_same_to_the_byte_and_has_no_date(tmp_path: Path) -> None:
    one, other = (save(forest_plot(ROWS), tmp_path / name / "forest.svg").read_text() for name in "ab")
    assert one == other
    assert "<dc:date>" not in one


def test_a_name_that_is_long_takes_lines_of_its_own_and_stays_within() -> None:
    name = "/home/someone/a/path/as/comparisons/of/folders/have/it/outputs/translation/uniform0"
    figure = forest_plot([Interval(name, "undecided", False, 0.1, -0.2, 0.3)])
    figure.draw_without_rendering()  # where nothing fits, a warning ends the test
    [text] = figure.axes[0].texts
    assert "\n" in text.get_text()
    assert text.get_window_extent().x1 <= figure.bbox.x1
    assert text.get_window_extent().y1 <= figure.bbox.y1
    assert figure.get_figheight() > forest_plot(ROWS[:1]).get_figheight()
