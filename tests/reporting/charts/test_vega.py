"""Specifications for Vega-Lite."""

from typing import Any

import pytest

from attnlab.reporting.charts import drawn, made, vega
from attnlab.reporting.charts.marks import Cost, Curve, Difference, Mean, Point, Reference
from attnlab.reporting.pages.report.contents import Text


def _values(spec: Any, key: str) -> list[Any]:
    """Of a key, anywhere in a specification."""
    if isinstance(spec, dict):
        return [value for name, value in spec.items() if name == key] + [
            each for value in spec.values() for each in _values(value, key)
        ]
    return [each for value in spec for each in _values(value, key)] if isinstance(spec, list) else []


def test_an_arm_keeps_its_colour_where_it_has_no_cost_and_no_curve() -> None:
    paid = vega.costs([Cost("a", None, 0.5), Cost("b", 7.0, 0.25)], x="parameters", y="accuracy", about="")
    learned = vega.curves([Curve("a", []), Curve("b", [Point(1, 0.5, 0.5, 0.5)])], x="updates", y="loss", about="")
    for spec in (paid, learned):
        domains = [each for each in _values(spec, "domain") if isinstance(each[0], str)]
        assert domains == [["a", "b"]] * len(domains) != []
        assert {row["arm"] for row in spec["datasets"]["rows"]} == {"b"}


def test_costs_far_apart_are_on_a_logarithmic_axis() -> None:
    def scale(*costs: float) -> list[Any]:
        rows = [Cost(str(cost), cost, 0.5) for cost in costs]
        return _values(vega.costs(rows, x="", y="", about=""), "type")

    assert "log" in scale(10, 1000)
    assert "log" not in scale(10, 100)
    assert "log" not in scale(0, 100)


def test_a_value_alone_has_an_axis_around_it_and_no_interval_that_is_empty() -> None:
    alone = vega.means([Mean("a", 0.84, None, None, (0.84,))], x="accuracy", about="", control=None)
    domains = _values(alone, "domain")
    assert domains
    assert all(low < 0.84 < high for low, high in domains)
    assert "isValid(datum.low)" not in _values(alone, "filter")
    paid = vega.costs([Cost("a", 7.0, 0.84)], x="", y="", about="")
    assert [each for each in _values(paid, "domain") if each != ["a"]] == [
        pytest.approx([0, 7.56]),
        pytest.approx([0.756, 0.924]),
    ]


def test_the_band_is_the_margin_and_an_undecided_arm_is_told_apart_by_its_mark() -> None:
    rows = [Difference("a", Text("better", "优于"), True, 0.5, 0.25, 0.75)]
    spec = vega.forest(rows, x="", about="", margin=0.125, language=1)
    assert [{"from": -0.125, "to": 0.125}] in spec["datasets"].values()
    assert spec["datasets"]["rows"][0]["label"] == "a – 优于"
    assert "datum.decided" in _values(spec, "test")
    assert not [
        each
        for each in vega.forest(rows, x="", about="", margin=None, language=0)["datasets"].values()
        if "from" in each[0]
    ]


def test_each_arms_line_is_dashed_in_a_way_of_its_own_and_few_points_are_marked() -> None:
    def spec(many: int) -> dict[str, Any]:
        points = [Point(step, 0.5, 0.25, 0.75) for step in range(many)]
        return vega.curves([Curve(arm, points) for arm in "abcdef"], x="", y="", about="")

    def marks(many: int) -> list[str]:
        return [each["mark"]["type"] for each in spec(many)["layer"]]

    [dashes] = [each for each in _values(spec(2), "range") if isinstance(each[0], list)]
    assert len({tuple(each) for each in dashes}) == len(dashes) >= 6
    assert marks(2) == ["area", "line", "point"]
    assert marks(31) == ["area", "line"]


def test_a_specification_fetches_nothing_and_hides_arms() -> None:
    spec = vega.curves([Curve("a", [Point(1, 0.5, 0.5, 0.5)])], x="", y="", about="")
    assert _values(spec, "url") == []
    assert {"name": "hidden", "value": []} in spec["params"]
    assert all("hidden" in each for each in _values(spec, "filter"))
    assert "config" not in spec


def test_tooltips_have_the_numbers_and_the_language_of_the_page() -> None:
    rows = [Difference("a", Text("better", "优于"), True, -0.0003, -0.0123456789, 0.0123456789)]
    spec = vega.forest(rows, x="", about="", margin=None, language=1)
    assert spec["datasets"]["rows"][0]["low_text"] == "-0.012"
    assert spec["datasets"]["rows"][0]["difference_text"] == "0.000"
    told = [each for tips in _values(spec, "tooltip") if isinstance(tips, list) for each in tips]
    assert {each["title"] for each in told} == {"组", "差", "从", "到"}
    assert all(each["field"] == "arm" or each["field"].endswith("_text") for each in told)


def test_a_reference_is_a_line_with_its_name_within_the_axis() -> None:
    rows = [Mean("a", 0.5, None, None, (0.5,))]
    spec = vega.means(
        rows, x="", about="", control=None, references=[Reference(Text("LEAD", "首句"), 0.125)], language=1
    )
    assert [{"x": 0.125}] in spec["datasets"].values()
    assert [{"x": 0.125, "name": "首句"}] in spec["datasets"].values()


def test_measured_costs_have_bars_and_counted_ones_have_none() -> None:
    measured = vega.costs([Cost("a", 2.0, 0.5, 1.0, 3.0)], x="", y="", about="")
    assert [0, pytest.approx(3.24)] in _values(measured, "domain")
    assert "high" in _values(measured, "field")
    assert "high" not in _values(vega.costs([Cost("a", 2.0, 0.5)], x="", y="", about=""), "field")


def test_an_arm_that_would_cover_another_is_an_open_mark_around_it() -> None:
    rows = [Cost("a", 100.0, 0.5), Cost("b", 100.0, 0.5), Cost("c", 10.0, 0.25)]
    spec = vega.costs(rows, x="", y="", about="")
    shown = {each["arm"]: each for each in spec["datasets"][vega.DATA]}
    assert [shown[arm]["ring"] for arm in "abc"] == [0, 1, 0]
    assert shown["b"]["size"] > 2 * shown["a"]["size"] == 2 * shown["c"]["size"]
    figure = drawn.costs(rows, x="", y="")
    assert [line.get_fillstyle() for line in figure.axes[0].lines] == ["full", "none", "full"]
    assert (
        "An open mark"
        in made.quality(rows, name="n", cost=Text("c", "c"), unit=Text("", ""), metric="ap", better="max").about.english
    )
