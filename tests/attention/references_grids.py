"""Mechanisms that mind places on a grid in plain Python loops, likewise.

They take the core as the conformance checks have wrapped it: T keys stand on a grid of T // 2 rows and 2 columns, the
first has no place where T is odd.
"""

import cmath
import math
from itertools import product

from references import Result, scaled_dot

ON_GRIDS = ("axial_rotary", "mixed_rotary", "neighbourhood", "swin")
REFUSALS = {
    (name, role): f"{name} attention needs queries and keys that are the places of one grid, got role {role}"
    for name in ON_GRIDS
    for role in ("causal", "cross")
}
VARIANTS = [
    ("axial_rotary", {"base": 3.0}),
    ("neighbourhood", {"window": 5}),
]


def axial_rotary(core, q, k, v, allowed, bias) -> Result:
    base, width = core.core.base, len(q[0][0][0])

    def angle(h, n, row, column):
        return (row if n % 2 else column) / base ** (4 * (n // 2) / width)

    return turning(angle, q, k, v, allowed, bias)


def mixed_rotary(core, q, k, v, allowed, bias) -> Result:
    by_row, by_column = core.core.frequencies.tolist()

    def angle(h, n, row, column):
        return by_row[h][0][n] * row + by_column[h][0][n] * column

    return turning(angle, q, k, v, allowed, bias)


def neighbourhood(core, q, k, v, allowed, bias) -> Result:
    window = core.core.window

    def near(h, i, j, size):
        reach = min(window, size)
        blocks = [range(first, first + reach) for first in range(size - reach + 1)]
        # Of all blocks of neighbours that hold the place, the one whose middle lies nearest to it.
        block = min((b for b in blocks if i in b), key=lambda b: abs(b[0] + (reach - 1) / 2 - i))
        return j in block

    return windowed(near, core.core.table.tolist(), window, q, k, v, allowed, bias)


def swin(core, q, k, v, allowed, bias) -> Result:
    window = core.core.window

    def near(h, i, j, size):
        first = -(window // 2) if h % 2 and window < size else 0
        starts = range(first, size, window)
        return any(start <= i < start + window and start <= j < start + window for start in starts)

    return windowed(near, core.core.table.tolist(), window, q, k, v, allowed, bias)


def turning(angle, q, k, v, allowed, bias) -> Result:
    """Pair n of a head h turns by angle(h, n, row, column)."""

    def turned(x):
        places = grid(len(x[0][0]))
        return [
            [[vector(h, y, place) for y, place in zip(ys, places, strict=True)] for h, ys in enumerate(b)] for b in x
        ]

    def vector(h, x, place):
        if place is None:
            return x
        pairs = [complex(x[2 * n], x[2 * n + 1]) * cmath.rect(1.0, angle(h, n, *place)) for n in range(len(x) // 2)]
        return [part for pair in pairs for part in (pair.real, pair.imag)]

    return scaled_dot(None, turned(q), turned(k), v, allowed, bias)


def windowed(near, table, window, q, k, v, allowed, bias) -> Result:
    """Over pairs whose rows and columns are near(h, i, j, size), with what the table says of their distance."""
    places = grid(len(k[0][0]))
    sizes = [1 + max(place[axis] for place in places if place is not None) for axis in range(2)]

    def of_pair(h, i, j):
        if places[i] is None or places[j] is None:
            return 0.0
        (row, column), (other_row, other_column) = places[i], places[j]
        if not (near(h, row, other_row, sizes[0]) and near(h, column, other_column, sizes[1])):
            return -math.inf
        return table[h][other_row - row + window - 1][other_column - column + window - 1]

    length = range(len(places))
    heads = range(len(q[0]))
    added = {(h, i, j): of_pair(h, i, j) for h, i, j in product(heads, length, length)}
    total = [[[[b[h][i][j] + added[h, i, j] for j in length] for i in length] for h in heads] for b in bias]
    return scaled_dot(None, q, k, v, allowed, total)


def grid(length):
    """Row and column of each of so many keys, None where it has no place."""
    extra = length % 2
    return [None] * extra + [divmod(place, 2) for place in range(length - extra)]
