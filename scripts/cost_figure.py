"""A mechanism's measured time and memory against the size of its input, beside another's, as a small SVG.

Written by hand: a few kilobytes, and the same bytes from the same numbers whatever is installed.
"""

import math
from collections.abc import Iterator, Sequence
from typing import NamedTuple

WIDTH, HEIGHT = 640, 230
PANEL_WIDTH, PANEL_HEIGHT = 235, 145
LEFT, TOP, PANEL_STEP = 55, 45, 320
# Two of Okabe and Ito's colours, which differ in lightness, too; dashes and the points' shapes say the same.
OWN_COLOUR, REFERENCE_COLOUR = "#0072B2", "#E69F00"


class Curve(NamedTuple):
    sizes: list[int]
    values: list[float]


class Costs(NamedTuple):
    """What was measured of one mechanism: milliseconds and MiB at each size of the input."""

    time: Curve
    memory: Curve


class Labels(NamedTuple):
    """What stands at a figure's axes."""

    size: str
    time: str
    memory: str


class _Axis(NamedTuple):
    """A logarithmic axis: the value `low` is at pixel `start`, `high` at `end`."""

    low: float
    high: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        share = math.log(value / self.low) / math.log(self.high / self.low)
        return round(self.start + share * (self.end - self.start), 1)


def cost_figure(name: str, costs: Costs, *, reference_name: str, reference: Costs, labels: Labels) -> str:
    """The picture of `costs` beside those of the `reference`, unless they are the same."""
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}" viewBox="0 0 {WIDTH} {HEIGHT}" '
        'font-family="sans-serif" font-size="11">',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>',
        *_legend(LEFT, name, OWN_COLOUR, dashes=False),
    ]
    if name != reference_name:
        lines += _legend(LEFT + PANEL_STEP // 2 + 20, reference_name, REFERENCE_COLOUR, dashes=True)
    for index, label in enumerate((labels.time, labels.memory)):
        other = None if name == reference_name else reference[index]
        lines += _panel(LEFT + index * PANEL_STEP, label, labels.size, costs[index], other)
    return "\n".join([*lines, "</svg>", ""])


def _legend(x: float, name: str, colour: str, *, dashes: bool) -> Iterator[str]:
    yield from _line([(x, 14), (x + 34, 14)], colour, dashes=dashes)
    yield f'<text x="{x + 42}" y="18">{name}</text>'


def _panel(left: float, label: str, across_label: str, own: Curve, other: Curve | None) -> Iterator[str]:
    curves = [own] if other is None else [own, other]
    sizes = sorted({size for curve in curves for size in curve.sizes})
    values = [value for curve in curves for value in curve.values]
    ticks = _powers_of_ten(min(values), max(values))
    across = _Axis(sizes[0], sizes[-1], left, left + PANEL_WIDTH)
    up = _Axis(ticks[0], ticks[-1], TOP + PANEL_HEIGHT, TOP)
    bottom = TOP + PANEL_HEIGHT
    yield f'<text x="{left}" y="{TOP - 9}" font-weight="bold">{label}</text>'
    for value in ticks:
        yield f'<path d="M{left} {up(value)}h{PANEL_WIDTH}" stroke="#ddd"/>'
        yield f'<text x="{left - 6}" y="{up(value) + 4}" text-anchor="end">{value:g}</text>'
    for size in sizes:
        yield f'<text x="{across(size)}" y="{bottom + 16}" text-anchor="middle">{size}</text>'
    yield f'<text x="{left + PANEL_WIDTH / 2}" y="{bottom + 32}" text-anchor="middle">{across_label}</text>'
    for curve in reversed(curves):  # our own on top
        points = [(across(size), up(value)) for size, value in zip(*curve, strict=True)]
        yield from _line(points, OWN_COLOUR if curve is own else REFERENCE_COLOUR, dashes=curve is not own)


def _line(points: Sequence[tuple[float, float]], colour: str, *, dashes: bool) -> Iterator[str]:
    way = "L".join(f"{x} {y}" for x, y in points)
    gaps = ' stroke-dasharray="5 4"' if dashes else ""
    yield f'<path d="M{way}" fill="none" stroke="{colour}" stroke-width="2"{gaps}/>'
    for x, y in points:
        if dashes:
            yield f'<rect x="{round(x - 3, 1)}" y="{round(y - 3, 1)}" width="6" height="6" fill="{colour}"/>'
        else:
            yield f'<circle cx="{x}" cy="{y}" r="3.5" fill="{colour}"/>'


def _powers_of_ten(least: float, greatest: float) -> list[float]:
    """The powers of ten from the last one below all values to the first one above: two at least."""
    first, last = math.floor(math.log10(least)), math.ceil(math.log10(greatest))
    return [10.0**exponent for exponent in range(first, max(last, first + 1) + 1)]
