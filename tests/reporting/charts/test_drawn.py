"""Charts without Vega-Lite."""

import base64

from attnlab.reporting.charts import drawn
from attnlab.reporting.charts.marks import Cost, Mean


def test_an_arm_without_an_interval_is_a_point_and_the_line_is_the_controls_mean() -> None:
    figure = drawn.means(
        [Mean("a", 0.5, 0.25, 0.75, (0.5,)), Mean("b", 0.125, None, None, (0.125,))], x="", control=0.125
    )
    spans = [[float(each) for each in line.get_xdata()] for line in figure.axes[0].lines]
    assert spans == [[0.125, 0.125], [0.25, 0.75], [0.5], [0.125, 0.125], [0.125]]


def test_costs_that_are_not_known_are_left_out() -> None:
    figure = drawn.costs([Cost("a", None, 0.5), Cost("b", 7.0, 0.25)], x="parameters", y="accuracy")
    [line] = figure.axes[0].lines
    assert (line.get_label(), list(line.get_xdata()), list(line.get_ydata())) == ("b", [7.0], [0.25])


def test_a_drawing_is_an_address_without_a_request_and_the_same_each_time() -> None:
    made = [drawn.drawing(drawn.costs([Cost("a", 1.0, 0.5)], x="x", y="y"), name="costs-en") for _ in range(2)]
    assert made[0] == made[1]
    assert base64.b64decode(made[0].partition(",")[2]).lstrip().startswith(b"<?xml")
