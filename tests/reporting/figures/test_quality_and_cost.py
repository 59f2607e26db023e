"""How good arms are against what they cost, drawn."""

import pytest

from attnlab.reporting.figures.quality_and_cost import quality_and_cost


def test_counted_costs_begin_at_zero_so_that_a_small_gap_looks_small() -> None:
    figure = quality_and_cost({"a": (1000.0, 0.5), "b": (1006.0, 0.25)}, x_label="parameters", y_label="ap")
    assert figure.axes[0].get_xlim()[0] == 0
    far = quality_and_cost({"a": (1.0, 0.5), "b": (1000.0, 0.25)}, x_label="", y_label="", logarithmic=True)
    assert far.axes[0].get_xscale() == "log"


def test_a_measured_cost_has_a_bar_at_its_score_from_the_least_to_the_greatest() -> None:
    figure = quality_and_cost({"a": (2.0, 0.5), "b": (5.0, 0.25)}, x_label="", y_label="", ranges={"b": (4.0, 6.0)})
    bars = [line for line in figure.axes[0].lines if len(line.get_xdata()) == 2]
    assert [(list(line.get_xdata()), list(line.get_ydata())) for line in bars] == [([4.0, 6.0], [0.25, 0.25])]


def test_without_a_point_there_is_nothing_to_draw() -> None:
    with pytest.raises(ValueError, match="needs a point"):
        quality_and_cost({"a": None}, x_label="", y_label="")
