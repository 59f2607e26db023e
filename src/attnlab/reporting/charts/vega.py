"""Specifications for Vega-Lite, made by Altair; colours and shapes are the page's, by its scheme.

Where `hidden` holds an arm's name, it isn't drawn.
"""

from collections.abc import Sequence
from typing import Any

import altair as alt

from attnlab.reporting.charts.marks import Cost, Curve, Difference, Mean, is_far

DATA = "rows"
ROW, HEIGHT = 52, 260  # pixels: of an arm's row, of a plane

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
    base = _by_arm()
    colour = alt.condition("datum.decided", alt.value("var(--accent)"), alt.value("var(--faint)"))
    interval = base.mark_rule(strokeWidth=2.5).encode(
        x=alt.X("low:Q", title=x, axis=alt.Axis(tickCount=6)), x2="high:Q", color=colour
    )
    points = base.mark_point(filled=True, size=110, opacity=1).encode(
        x="difference:Q",
        color=colour,
        shape=alt.condition("datum.decided", alt.value("circle"), alt.value("square")),
        tooltip=[alt.Tooltip(name) for name in ("arm:N", "difference:Q", "low:Q", "high:Q")],
    )
    layers = [_band(margin)] if margin is not None else []
    zero = alt.Chart(alt.InlineData([{"x": 0}])).mark_rule(color="var(--ink)").encode(x="x:Q", tooltip=alt.value(None))
    return _spec(
        alt.layer(*layers, zero, interval, points, _names(base)), shown, about=about, height=ROW * max(1, len(shown))
    )


def means(rows: Sequence[Mean], *, x: str, about: str, control: float | None) -> dict[str, Any]:
    """Arms' means with their intervals, each run as a tick; the line is the control's."""
    shown: Rows = []
    for each in rows:
        known = {"arm": each.arm, "label": each.arm, "mean": each.mean, "low": each.low, "high": each.high}
        shown.append({name: value for name, value in known.items() if value is not None})
        shown += [{"arm": each.arm, "label": each.arm, "run": score} for score in each.runs]
    base = _by_arm()
    interval = (
        base.transform_filter("isValid(datum.low)")
        .mark_rule(strokeWidth=2.5, color="var(--accent)")
        .encode(x=alt.X("low:Q", title=x), x2="high:Q")
    )
    runs = base.transform_filter("isValid(datum.run)").mark_tick(thickness=1.5, size=14, color="var(--faint)")
    points = base.transform_filter("isValid(datum.mean)").mark_point(filled=True, size=110, opacity=1)
    scale = _scale([value for row in shown for key, value in row.items() if key not in ("arm", "label")])
    layers = [
        runs.encode(x=_plane("run", x, scale), tooltip=["arm:N", "run:Q"]),
        *([interval] if any(each.low is not None for each in rows) else []),
        points.encode(
            x=_plane("mean", x, scale), color=alt.value("var(--accent)"), tooltip=["arm:N", "mean:Q", "low:Q", "high:Q"]
        ),
        _names(base.transform_filter("isValid(datum.mean)")),
    ]
    if control is not None:
        line = alt.Chart(alt.InlineData([{"x": control}])).mark_rule(color="var(--ink)", strokeDash=[4, 3])
        layers.insert(0, line.encode(x=_plane("x", x, scale), tooltip=alt.value(None)))
    return _spec(alt.layer(*layers), shown, about=about, height=ROW * max(1, len(rows)))


def costs(rows: Sequence[Cost], *, x: str, y: str, about: str) -> dict[str, Any]:
    """Scores against what they cost; far apart costs on a logarithmic axis."""
    known_costs = [each.cost for each in rows if each.cost is not None]
    scale = alt.Scale(type="log", padding=16) if is_far(rows) else _scale(known_costs, padding=16)
    arms, known = [each.arm for each in rows], [each._asdict() for each in rows if each.cost is not None]
    points = (
        alt.Chart(alt.NamedData(DATA))
        .transform_filter("indexof(hidden, datum.arm) < 0")
        .mark_point(filled=True, size=120, opacity=1)
        .encode(
            x=alt.X("cost:Q", title=x, scale=scale, axis=_amounts(rows)),
            y=alt.Y("mean:Q", title=y, scale=_scale([each.mean for each in rows], padding=16)),
            color=alt.Color("arm:N", scale=alt.Scale(domain=arms), legend=_legend()),
            shape=alt.Shape("arm:N", scale=alt.Scale(domain=arms), legend=_legend()),
            tooltip=["arm:N", "cost:Q", "mean:Q"],
        )
    )
    return _spec(alt.layer(points), known, about=about, height=HEIGHT)


def curves(rows: Sequence[Curve], *, x: str, y: str, about: str) -> dict[str, Any]:
    """A line an arm through its means, and a band from the least to the greatest of its seeds."""
    arms = [each.arm for each in rows]
    shown = [{"arm": each.arm} | point._asdict() for each in rows for point in each.points]
    base = alt.Chart(alt.NamedData(DATA)).transform_filter("indexof(hidden, datum.arm) < 0")
    colour = alt.Color("arm:N", scale=alt.Scale(domain=arms), legend=_line_legend())
    dash = alt.StrokeDash("arm:N", scale=alt.Scale(domain=arms), legend=_line_legend())
    steps = alt.X("step:Q", title=x, axis=_counts())
    scale = _scale([value for each in rows for point in each.points for value in point[1:]])
    band = base.mark_area(opacity=0.2).encode(x=steps, y=_height("low", y, scale), y2="high:Q", color=colour)
    alone = all(len(each.points) == 1 for each in rows)
    line = base.mark_line(strokeWidth=2, point=alone).encode(
        x=steps,
        y=_height("mean", y, scale),
        color=colour,
        strokeDash=dash,
        tooltip=["arm:N", "step:Q", "mean:Q", "low:Q", "high:Q"],
    )
    return _spec(alt.layer(band, line), shown, about=about, height=HEIGHT)


def _by_arm() -> alt.Chart:
    return (
        alt.Chart(alt.NamedData(DATA))
        .transform_filter("indexof(hidden, datum.arm) < 0")
        .encode(y=alt.Y("label:N", title=None, sort=None, axis=None), description="arm:N")
    )


def _names(rows: alt.Chart) -> alt.Chart:
    """Above their rows: beside them they would leave a phone no room for the plane."""
    text = rows.mark_text(
        align="left", baseline="bottom", dy=-9, fontSize=13, color="var(--ink)", limit=alt.ExprRef("width")
    )
    return text.encode(x=alt.value(0), text="label:N", tooltip=alt.value(None))


def _band(margin: float) -> alt.Chart:
    inside = alt.Chart(alt.InlineData([{"from": -margin, "to": margin}]))
    return inside.mark_rect(color="var(--line)", opacity=0.5).encode(x="from:Q", x2="to:Q", tooltip=alt.value(None))


def _plane(field: str, title: str, scale: alt.Scale) -> alt.X:
    return alt.X(f"{field}:Q", title=title, scale=scale, axis=alt.Axis(tickCount=6))


def _height(field: str, title: str, scale: alt.Scale) -> alt.Y:
    return alt.Y(f"{field}:Q", title=title, scale=scale)


def _scale(values: Sequence[float], *, padding: float = 0) -> alt.Scale:
    """From the least to the greatest; around one value alone, whose only tick would be rounded to a whole number."""
    if values and min(values) == max(values):
        around = abs(values[0]) / 10 or 1.0
        return alt.Scale(domain=[values[0] - around, values[0] + around], zero=False)
    return alt.Scale(zero=False, padding=padding)


def _amounts(rows: Sequence[Cost]) -> alt.Axis:
    """Of counts, or of measured amounts, which have no letters: 50m would be 50 thousandths."""
    whole = all(each.cost is None or float(each.cost).is_integer() for each in rows)
    return _counts() if whole else alt.Axis(tickCount=5, labelSeparation=8)


def _counts() -> alt.Axis:
    return alt.Axis(format="~s", tickCount=5, tickMinStep=1, labelSeparation=8)


def _legend() -> alt.Legend:
    return alt.Legend(title=None, orient="bottom", columns=2, labelLimit=220)


def _line_legend() -> alt.Legend:
    """As opaque as the lines: the band's opacity would be taken for it."""
    return alt.Legend(
        title=None,
        orient="bottom",
        columns=2,
        labelLimit=220,
        symbolType="stroke",
        symbolSize=400,
        symbolOpacity=1,
        symbolStrokeWidth=2,
    )


def _spec(chart: alt.LayerChart, rows: Rows, *, about: str, height: int) -> dict[str, Any]:
    whole = chart.properties(width="container", height=height, description=about)
    spec: dict[str, Any] = whole.add_params(alt.param(name="hidden", value=[])).to_dict()
    spec.pop("config", None)  # the page's own
    spec["autosize"] = {"type": "fit-x", "contains": "padding"}
    spec["datasets"] = spec.get("datasets", {}) | {DATA: rows}
    return spec
