"""The same charts as drawings, for where Vega-Lite isn't installed: SVG, in one language each."""

from base64 import b64encode
from collections.abc import Sequence

from matplotlib.figure import Figure

from attnlab.reporting.charts.marks import Cost, Curve, Difference, Mean, Reference, is_far, rings
from attnlab.reporting.figures.canvas import vector
from attnlab.reporting.figures.forest_plot import Interval, forest_plot
from attnlab.reporting.figures.learning_curve import learning_curve
from attnlab.reporting.figures.quality_and_cost import quality_and_cost
from attnlab.reporting.numbers import fixed, places


def forest(rows: Sequence[Difference], *, x: str, margin: float | None, language: int) -> Figure:
    """As `vega.forest`; an arm without a difference has its verdict alone."""
    return forest_plot(
        [
            Interval(each.arm, each.verdict[language], each.decided, each.difference, each.low, each.high)
            for each in rows
        ],
        x_label=x,
        margin=margin,
    )


def means(
    rows: Sequence[Mean],
    *,
    x: str,
    control: float | None,
    references: Sequence[Reference] = (),
    language: int = 0,
) -> Figure:
    """As `vega.means`."""
    shown, decimals = [], places(score for each in rows for score in each.runs)
    for each in rows:
        low, high = (each.mean if bound is None else bound for bound in (each.low, each.high))
        shown.append(Interval(each.arm, fixed(each.mean, decimals), True, each.mean, low, high, each.runs))
    lines = {each.name[language]: each.score for each in references}
    return forest_plot(shown, x_label=x, origin=control, dashed=True, lines=lines)


def costs(rows: Sequence[Cost], *, x: str, y: str) -> Figure:
    """As `vega.costs`."""
    points = {each.arm: None if each.cost is None else (each.cost, each.mean) for each in rows}
    ranges = {each.arm: (each.low, each.high) for each in rows if each.low is not None and each.high is not None}
    around = {each.arm: ring for each, ring in zip(rows, rings(rows), strict=True)}
    return quality_and_cost(points, x_label=x, y_label=y, logarithmic=is_far(rows), ranges=ranges, rings=around)


def curves(rows: Sequence[Curve], *, x: str, y: str) -> Figure:
    """As `vega.curves`."""
    return learning_curve(
        {each.arm: [(point.step, point.mean) for point in each.points] for each in rows},
        bands={each.arm: [(point.step, point.low, point.high) for point in each.points] for each in rows},
        x_label=x,
        y_label=y,
    )


def drawing(figure: Figure, *, name: str) -> str:
    """As a data: address of an SVG."""
    return f"data:image/svg+xml;base64,{b64encode(vector(figure, name=name)).decode()}"
