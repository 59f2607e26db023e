"""Axes, scales and legends of Vega-Lite's charts: titles that aren't cut, ticks that can be read on a phone."""

from collections.abc import Sequence

import altair as alt

from attnlab.reporting.charts.marks import Cost
from attnlab.reporting.terminal.text import display_width

FEW_STEPS = 6
WIDEST_TITLE = 36  # columns


def plane(field: str, title: str, scale: alt.Scale) -> alt.X:
    return alt.X(f"{field}:Q", title=titled(title), scale=scale, axis=ticks())


def titled(text: str) -> str | list[str]:
    """An axis's title; the brackets behind a long one have a line of their own, or a narrow chart would cut it."""
    place = max(text.find(" ("), text.find("（"))
    if display_width(text) <= WIDEST_TITLE or place < 1:
        return text
    return [text[:place], text[place:].lstrip()]


def ticks() -> alt.Axis:
    """Without lines through the names above the rows."""
    return alt.Axis(tickCount=6, grid=False)


def height(field: str, title: str, scale: alt.Scale) -> alt.Y:
    return alt.Y(f"{field}:Q", title=titled(title), scale=scale)


def scale(values: Sequence[float], *, padding: float = 0) -> alt.Scale:
    """From the least to the greatest; around one value alone, whose only tick would be rounded to a whole number."""
    if values and min(values) == max(values):
        around = abs(values[0]) / 10 or 1.0
        return alt.Scale(domain=[values[0] - around, values[0] + around], zero=False)
    return alt.Scale(zero=False, padding=padding)


def amounts(rows: Sequence[Cost]) -> alt.Axis:
    """Of counts, or of measured amounts, which have no letters: 50m would be 50 thousandths."""
    whole = all(each.cost is None or float(each.cost).is_integer() for each in rows)
    return counts() if whole else alt.Axis(tickCount=5, labelSeparation=8)


def counts() -> alt.Axis:
    return alt.Axis(format="~s", tickCount=5, tickMinStep=1, labelSeparation=8)


def steps(found: Sequence[int]) -> alt.Axis:
    """Whole ones, of few each."""
    if found and max(found) - min(found) <= FEW_STEPS:
        return alt.Axis(values=list(range(min(found), max(found) + 1)), format="d", labelSeparation=8)
    return counts()


def legend() -> alt.Legend:
    return alt.Legend(title=None, orient="bottom", columns=2, labelLimit=220)


def line_legend(drawn: Sequence[str]) -> alt.Legend:
    """Of the lines that are drawn, as opaque as they: the band's opacity would be taken for it."""
    return alt.Legend(
        values=list(drawn),
        title=None,
        orient="bottom",
        columns=2,
        labelLimit=220,
        symbolType="stroke",
        symbolSize=400,
        symbolOpacity=1,
        symbolStrokeWidth=2,
    )
