"""Charts without Vega-Lite."""

import base64

import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg

from attnlab.reporting.charts import drawn
from attnlab.reporting.charts.marks import Cost, Mean


def test_an_arm_without_an_interval_is_a_point_and_the_line_is_the_controls_mean() -> None:
    figure = drawn.means(
        [Mean("a", 0.5, 0.25, 0.75, (0.5,)), Mean("b", 0.125, None, None, (0.125,))], x="", control=0.125
    )
    spans = [[float(each) for each in line.get_xdata()] for line in figure.axes[0].lines]
    assert spans == [[0.125, 0.125], [0.25, 0.75], [0.5], [0.5], [0.125, 0.125], [0.125], [0.125]]
    line, *_, ring = figure.axes[0].lines
    assert (line.get_linestyle(), ring.get_fillstyle()) == ("--", "none")


@pytest.mark.parametrize("costs", [(24_980.0, 25_000.0), (300.0, 2_000_000.0)])
def test_marks_of_costs_are_whole_beside_the_legend_and_counted_as_the_axis_says(costs: tuple[float, float]) -> None:
    rows = [Cost(f"arm {number}", cost, 0.5) for number, cost in enumerate(costs)]
    figure = drawn.costs(rows, x="parameters (k thousands, M millions)", y="accuracy")
    FigureCanvasAgg(figure).draw()
    [axes], [legend] = figure.axes, figure.legends
    box = axes.get_window_extent()
    assert all(axes.transData.transform((cost, 0.5))[0] < box.x1 - 8 for cost in costs)
    assert not legend.get_window_extent().overlaps(box)
    labels = [text.get_text() for text in axes.get_xticklabels(which="both") if text.get_text()]
    assert any(label.endswith("k") for label in labels)
    assert not any("e" in label or "000" in label for label in labels)


def test_costs_that_are_not_known_are_left_out() -> None:
    figure = drawn.costs([Cost("a", None, 0.5), Cost("b", 7.0, 0.25)], x="parameters", y="accuracy")
    [line] = figure.axes[0].lines
    assert (line.get_label(), list(line.get_xdata()), list(line.get_ydata())) == ("b", [7.0], [0.25])


def test_a_drawing_is_an_address_without_a_request_and_the_same_each_time() -> None:
    made = [drawn.drawing(drawn.costs([Cost("a", 1.0, 0.5)], x="x", y="y"), name="costs-en") for _ in range(2)]
    assert made[0] == made[1]
    assert base64.b64decode(made[0].partition(",")[2]).lstrip().startswith(b"<?xml")
