"""Specifications for Vega-Lite, made by Altair; colours and shapes are the page's, by its scheme.

Where `hidden` holds an arm's name, it isn't drawn.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import altair as alt

from attnlab.reporting.charts import axes
from attnlab.reporting.charts.marks import Cost, Curve, Difference, Mean, Reference, is_far, rings
from attnlab.reporting.figures.learning_curve import MARKED_UP_TO
from attnlab.reporting.numbers import fixed, places
from attnlab.reporting.pages.report.contents import Text

DATA = "rows"
ARM, MEAN, RUN, COST = Text("arm", "组"), Text("mean", "均值"), Text("run", "运行"), Text("cost", "代价")
FROM, TO, DIFFERENCE = Text("from", "从"), Text("to", "到"), Text("difference", "差")
ROW, HEIGHT = 52, 260  # pixels: of an arm's row, of a plane
BELOW = 10  # pixels, of a row's line
DASHES = [
    [1, 0],
    [6, 4],
    [2, 3],
    [12, 4, 2, 4],
    [14, 4],
    [4, 2],
    [1, 2],
    [8, 3, 2, 3, 2, 3],
]  # pixels, of lines in turn
SIZE = 110  # pixels² of a mark
WIDER = 1.5  # times as wide as before is each mark around another
BEYOND = 1.08  # of the greatest cost, where its axis ends

Rows = list[dict[str, Any]]


def forest(rows: Sequence[Difference], *, x: str, about: str, margin: float | None, language: int) -> dict[str, Any]:
    """Differences with their intervals, one under another; the band is where they don't matter."""
    shown = [
        {
            "arm": each.arm,
            "label": f"{each.arm} – {each.verdict[language]}",
            "decided": each.decided,
            "difference": each.difference,
            "low": each.low,
            "high": each.high,
        }
        for each in rows
        if each.difference is not None
    ]
    for row, each in zip(shown, (each for each in rows if each.difference is not None), strict=True):
        decimals = places([(each.high - each.low) / 2], digits=2)
        values = {"difference": each.difference, "low": each.low, "high": each.high}
        row |= _written(values, decimals, signed=True)
    base = _by_arm()
    colour = alt.condition("datum.decided", alt.value("var(--accent)"), alt.value("var(--faint)"))
    interval = base.mark_rule(strokeWidth=2.5).encode(
        x=alt.X("low:Q", title=axes.titled(x), axis=axes.ticks()), x2="high:Q", color=colour
    )
    points = base.mark_point(filled=True, size=110, opacity=1).encode(
        x="difference:Q",
        color=colour,
        shape=alt.condition("datum.decided", alt.value("circle"), alt.value("square")),
        tooltip=_tips(language, {"arm": ARM, "difference_text": DIFFERENCE, "low_text": FROM, "high_text": TO}),
    )
    layers = [_band(margin)] if margin is not None else []
    zero = alt.Chart(alt.InlineData([{"x": 0}])).mark_rule(color="var(--ink)").encode(x="x:Q", tooltip=alt.value(None))
    return _spec(
        alt.layer(*layers, zero, interval, points, *_names(base)), shown, about=about, height=ROW * max(1, len(shown))
    )


def means(
    rows: Sequence[Mean],
    *,
    x: str,
    about: str,
    control: float | None,
    references: Sequence[Reference] = (),
    language: int = 0,
) -> dict[str, Any]:
    """Arms' means with their intervals, each run as a ring below, where no end of an interval is; a dashed line is the
    control's, dotted ones references."""
    shown, base = _of_means(rows), _by_arm()
    interval = (
        base.transform_filter("isValid(datum.low)")
        .mark_rule(strokeWidth=2.5, color="var(--accent)")
        .encode(x=alt.X("low:Q", title=axes.titled(x), axis=axes.ticks()), x2="high:Q")
    )
    runs = base.transform_filter("isValid(datum.run)").mark_point(size=30, yOffset=BELOW, color="var(--faint)")
    points = base.transform_filter("isValid(datum.mean)").mark_point(filled=True, size=110, opacity=1)
    numbers = [value for row in shown for value in row.values() if isinstance(value, float)]
    scale = axes.scale([*numbers, *(each.score for each in references)])
    layers = [
        runs.encode(x=axes.plane("run", x, scale), tooltip=_tips(language, {"arm": ARM, "run_text": RUN})),
        *([interval] if any(each.low is not None for each in rows) else []),
        points.encode(
            x=axes.plane("mean", x, scale),
            color=alt.value("var(--accent)"),
            tooltip=_tips(language, {"arm": ARM, "mean_text": MEAN, "low_text": FROM, "high_text": TO}),
        ),
        *_names(base.transform_filter("isValid(datum.mean)")),
    ]
    lines = [] if control is None else [_line(control, x, scale, dash=[4, 3])]
    for line in references:
        lines += [_line(line.score, x, scale, dash=[1, 3]), _named_line(line, x, scale, language=language)]
    layers = [*lines, *layers]
    return _spec(alt.layer(*layers), shown, about=about, height=ROW * max(1, len(rows)))


def _of_means(rows: Sequence[Mean]) -> Rows:
    """A row an arm, and one a run."""
    shown: Rows = []
    decimals = places(score for each in rows for score in each.runs)
    for each in rows:
        named = {"arm": each.arm, "label": each.arm}
        known = {"mean": each.mean, "low": each.low, "high": each.high}
        there = {name: value for name, value in known.items() if value is not None}
        shown.append(named | there | _written(known, decimals))
        shown += [named | {"run": score} | _written({"run": score}, decimals) for score in each.runs]
    return shown


def costs(rows: Sequence[Cost], *, x: str, y: str, about: str, language: int = 0) -> dict[str, Any]:
    """Scores against what they cost, from 0 on, or on a logarithmic axis where they are far apart; a bar is from the
    least to the greatest that was measured."""
    greatest = max((each.high or each.cost for each in rows if each.cost is not None), default=1.0)
    scale = alt.Scale(type="log", padding=16) if is_far(rows) else alt.Scale(domain=[0, greatest * BEYOND], nice=False)
    arms, known = [each.arm for each in rows], _paid(rows)
    base = alt.Chart(alt.NamedData(DATA)).transform_filter("indexof(hidden, datum.arm) < 0")
    height = alt.Y("mean:Q", title=axes.titled(y), scale=axes.scale([each.mean for each in rows], padding=16))
    colour = alt.Color("arm:N", scale=alt.Scale(domain=arms), legend=axes.legend())
    points = base.mark_point(filled=True, opacity=1, strokeWidth=2).encode(
        x=alt.X("cost:Q", title=axes.titled(x), scale=scale, axis=axes.amounts(rows)),
        y=height,
        color=colour,
        stroke=alt.Stroke("arm:N", scale=alt.Scale(domain=arms), legend=axes.legend()),  # another would conflict
        fillOpacity=alt.condition("datum.ring > 0", alt.value(0), alt.value(1)),
        size=alt.Size("size:Q", scale=None, legend=None),
        shape=alt.Shape("arm:N", scale=alt.Scale(domain=arms), legend=axes.legend()),
        tooltip=_tips(language, {"arm": ARM, "cost_text": COST, "mean_text": MEAN}),
    )
    bars = base.mark_rule(strokeWidth=2).encode(
        x=alt.X("low:Q", title=axes.titled(x), scale=scale, axis=axes.amounts(rows)),
        x2="high:Q",
        y=height,
        color=colour,
    )
    measured = any(each.low is not None for each in rows)
    return _spec(alt.layer(*([bars] if measured else []), points), known, about=about, height=HEIGHT)


def _paid(rows: Sequence[Cost]) -> Rows:
    """Of arms whose cost is known; `ring` of one that covers others, whose mark is open and wider than theirs."""
    around = rings(rows)
    paid = [each for each in rows if each.cost is not None]
    of_means = places(each.mean for each in paid)
    of_costs = places(each.cost for each in paid) if any(each.low is not None for each in paid) else 0
    return [
        {name: value for name, value in each._asdict().items() if value is not None}
        | _written({"cost": each.cost}, of_costs)
        | _written({"mean": each.mean}, of_means)
        | {"ring": ring, "size": SIZE * (1 + WIDER * ring) ** 2}
        for each, ring in zip(rows, around, strict=True)
        if each.cost is not None
    ]


def curves(rows: Sequence[Curve], *, x: str, y: str, about: str, language: int = 0) -> dict[str, Any]:
    """A line an arm through its means, and a band from the least to the greatest of its seeds.

    An arm without points keeps its colour and dashes from the others, and has no place in the legend.
    """
    arms = [each.arm for each in rows]
    legend = axes.line_legend([each.arm for each in rows if each.points])
    decimals = places(value for each in rows for point in each.points for value in point[1:])
    shown = [
        {"arm": each.arm}
        | point._asdict()
        | _written({"mean": point.mean, "low": point.low, "high": point.high}, decimals)
        for each in rows
        for point in each.points
    ]
    base = alt.Chart(alt.NamedData(DATA)).transform_filter("indexof(hidden, datum.arm) < 0")
    colour = alt.Color("arm:N", scale=alt.Scale(domain=arms), legend=legend)
    dash = alt.StrokeDash("arm:N", scale=alt.Scale(domain=arms, range=DASHES), legend=legend)
    steps = alt.X(
        "step:Q", title=axes.titled(x), axis=axes.steps([point.step for each in rows for point in each.points])
    )
    scale = axes.scale([value for each in rows for point in each.points for value in point[1:]])
    band = base.mark_area(opacity=0.2).encode(x=steps, y=axes.height("low", y, scale), y2="high:Q", color=colour)
    told = _tips(language, {"arm": ARM, "step": Text(x, x), "mean_text": MEAN, "low_text": FROM, "high_text": TO})
    height = axes.height("mean", y, scale)
    line = base.mark_line(strokeWidth=2).encode(x=steps, y=height, color=colour, strokeDash=dash, tooltip=told)
    points = base.mark_point(filled=True, size=40, opacity=1).encode(x=steps, y=height, color=colour, tooltip=told)
    is_marked = all(len(each.points) <= MARKED_UP_TO for each in rows)
    layers = [band, line, *([points] if is_marked else [])]
    return _spec(alt.layer(*layers), shown, about=about, height=HEIGHT)


def _by_arm() -> alt.Chart:
    return (
        alt.Chart(alt.NamedData(DATA))
        .transform_filter("indexof(hidden, datum.arm) < 0")
        .encode(y=alt.Y("label:N", title=None, sort=None, axis=None), description="arm:N")
    )


def _names(rows: alt.Chart) -> list[alt.Chart]:
    """Above their rows: beside them they would leave a phone no room for the plane; lines are kept out of their way."""
    at = {"align": "left", "baseline": "bottom", "dy": -9, "fontSize": 13, "limit": alt.ExprRef("width")}
    around = rows.mark_text(**at, stroke="var(--page)", strokeWidth=5, strokeJoin="round", aria=False)
    named = rows.mark_text(**at, color="var(--ink)")
    return [each.encode(x=alt.value(0), text="label:N", tooltip=alt.value(None)) for each in (around, named)]


def _line(at: float, title: str, scale: alt.Scale, *, dash: Sequence[int]) -> alt.Chart:
    line = alt.Chart(alt.InlineData([{"x": at}])).mark_rule(color="var(--ink)", strokeDash=list(dash))
    return line.encode(x=axes.plane("x", title, scale), tooltip=alt.value(None))


def _named_line(reference: Reference, title: str, scale: alt.Scale, *, language: int) -> alt.Chart:
    """Its name, to the left of it at the bottom, below all arms' names."""
    text = alt.Chart(alt.InlineData([{"x": reference.score, "name": reference.name[language]}])).mark_text(
        align="right", baseline="bottom", dx=-4, fontSize=12, color="var(--ink)"
    )
    return text.encode(x=axes.plane("x", title, scale), y=alt.value("height"), text="name:N", tooltip=alt.value(None))


def _written(numbers: Mapping[str, float | None], decimals: int, *, signed: bool = False) -> dict[str, str]:
    """Each as the page writes it, for tooltips: `low_text` of `low`."""
    return {
        f"{name}_text": fixed(value, decimals, signed=signed) for name, value in numbers.items() if value is not None
    }


def _tips(language: int, fields: Mapping[str, Text]) -> list[alt.Tooltip]:
    """What is told of a mark, field by field, by its name in a language."""
    return [alt.Tooltip(f"{field}:N", title=name[language]) for field, name in fields.items()]


def _band(margin: float) -> alt.Chart:
    inside = alt.Chart(alt.InlineData([{"from": -margin, "to": margin}]))
    return inside.mark_rect(color="var(--line)", opacity=0.5, aria=False).encode(
        x="from:Q", x2="to:Q", tooltip=alt.value(None)
    )


def _spec(chart: alt.LayerChart, rows: Rows, *, about: str, height: int) -> dict[str, Any]:
    whole = chart.properties(width="container", height=height, description=about)
    spec: dict[str, Any] = whole.add_params(alt.param(name="hidden", value=[])).to_dict()
    spec.pop("config", None)  # the page's own
    spec["autosize"] = {"type": "fit-x", "contains": "padding"}
    spec["datasets"] = spec.get("datasets", {}) | {DATA: rows}
    return spec
