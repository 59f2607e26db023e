"""Charts: the same numbers in the table as in what is drawn, in both languages, with Vega-Lite and without."""

import json
from collections.abc import Callable

import pytest

from attnlab.reporting.charts import drawn, library, made
from attnlab.reporting.charts.marks import Cost, Curve, Difference, Mean, Point
from attnlab.reporting.figures.style import LINES
from attnlab.reporting.pages.report.contents import Chart, Text

VERDICT = Text("better", "优于")
MAKE: dict[str, Callable[[], Chart]] = {
    "forest": lambda: made.forest(
        [Difference("a <b>", VERDICT, True, 0.25, 0.125, 0.375), Difference("none", VERDICT, False, None)],
        metric="accuracy",
        control="uniform",
        margin=0.01,
        better="min",
    ),
    "leaderboard": lambda: made.leaderboard(
        [Mean("a <b>", 0.5, 0.4375, 0.5625, (0.4375, 0.5625)), Mean("uniform", 0.25, None, None, (0.25,))],
        metric="accuracy",
        control="uniform",
        better="max",
    ),
    "against-parameters": lambda: made.quality(
        [Cost("a <b>", 1_234_567, 0.5), Cost("none", None, 0.25)],
        name="parameters",
        cost=Text("parameters", "参数量"),
        unit=Text("k thousands", "k 为千"),
        metric="accuracy",
        better="max",
    ),
    "val-top5-accuracy": lambda: made.learning(
        [Curve("a <b>", [Point(50, 0.5, 0.25, 0.75), Point(100, 0.625, 0.5, 0.75)]), Curve("none", [])],
        metric="top5_accuracy",
        split="val",
    ),
    "moved-loss": lambda: made.moved([Curve("val", [Point(5, 0.5, 0.5, 0.5)])], metric="loss"),
}


@pytest.mark.parametrize("name", MAKE)
def test_a_chart_has_a_table_and_a_specification_in_each_language(name: str) -> None:
    chart = MAKE[name]()
    assert (chart.name, chart.drawings) == (name, None)
    assert chart.spec is not None
    assert list(chart.spec) == ["en", "zh"]
    for number, spec in enumerate(chart.spec.values()):
        assert spec["description"] == chart.about[number]
        assert json.loads(json.dumps(spec, allow_nan=False)) == spec
    assert all(len(row) == len(chart.table.heads) for row in chart.table.rows)
    assert chart.about.english != chart.about.chinese


@pytest.mark.parametrize("name", ["forest", "val-top5-accuracy"])
def test_without_vega_lite_the_same_is_drawn_in_each_language(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with_it = MAKE[name]()
    monkeypatch.setattr(library, "installed", lambda: False)
    chart = MAKE[name]()
    assert chart.spec is None
    assert chart.drawings is not None
    assert list(chart.drawings) == ["en", "zh"]
    assert all(each.startswith("data:image/svg+xml;base64,") for each in chart.drawings.values())
    assert chart.drawings["en"] != chart.drawings["zh"]
    assert chart.table == with_it.table


def test_axes_say_their_unit_and_which_way_is_better() -> None:
    def titles(name: str, language: str) -> str:
        spec = MAKE[name]().spec
        assert spec is not None
        return json.dumps(spec[language], ensure_ascii=False)

    assert '"accuracy less uniform\'s", "(lower is better)"' in titles("forest", "en")
    assert "accuracy (greater is better)" in titles("leaderboard", "en")
    assert "parameters (k thousands)" in titles("against-parameters", "en")
    assert "参数量（k 为千）" in titles("against-parameters", "zh")
    assert "（越大越好）" in titles("against-parameters", "zh")


def test_tables_hold_the_numbers_and_say_where_there_is_none() -> None:
    forest, board = MAKE["forest"]().table, MAKE["leaderboard"]().table
    assert [cell.english for cell in forest.rows[0]] == ["a <b>", "+0.25", "+0.12", "+0.38", "better"]
    assert [cell.english for cell in forest.rows[1]] == ["none", "-", "-", "-", "better"]
    assert [cell.english for cell in board.rows[0]] == ["a <b>", "2", "0.5000", "0.4375", "0.5625", "0.4375, 0.5625"]
    assert [cell.english for cell in board.rows[1]][2:5] == ["0.2500", "-", "-"]
    curve = MAKE["val-top5-accuracy"]().table
    assert [cell.chinese for cell in curve.rows[0]] == ["50", "0.5000 (0.2500 - 0.7500)", "-"]


def test_validation_alone_looks_as_beside_training_and_has_its_name() -> None:
    points = [Point(5, 0.5, 0.5, 0.5), Point(10, 0.75, 0.75, 0.75)]
    alone = made.moved([Curve("val", points)], metric="chrf")
    both = made.moved([Curve("train", points), Curve("val", points)], metric="loss")
    assert "in validation by updates" in alone.about.english
    assert alone.about.chinese.startswith("验证的")
    assert alone.spec is not None
    assert both.spec is not None
    for language, names in (("en", ["training", "validation"]), ("zh", ["训练", "验证"])):
        for spec, shown in ((alone.spec[language], names[1:]), (both.spec[language], names)):
            encoding = next(each for each in spec["layer"] if each["mark"]["type"] == "line")["encoding"]
            for channel in ("color", "strokeDash"):
                assert encoding[channel]["scale"]["domain"] == names
                assert encoding[channel]["legend"]["values"] == shown


def test_drawn_without_vega_lite_it_does_too() -> None:
    points = [Point(5, 0.5, 0.5, 0.5), Point(10, 0.75, 0.75, 0.75)]
    figure = drawn.curves([Curve("training", ()), Curve("validation", points)], x="updates", y="chrf")
    [axes] = figure.axes
    [line] = axes.lines
    assert (line.get_color(), line.get_linestyle()) == (LINES[1], "--")
    legend = axes.get_legend()
    assert legend is not None
    assert [each.get_text() for each in legend.get_texts()] == ["validation"]
