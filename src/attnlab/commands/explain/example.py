"""Small questions put to an attention mechanism, and what the best-known mechanism answers."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from attnlab.language import Words

Vector = tuple[float, ...]


@dataclass(frozen=True, kw_only=True)
class Printed:
    """What a text gave as the answer of scaled dot-product attention, and what is wrong about it."""

    weights: Vector
    output: Vector | None
    fault: Words


@dataclass(frozen=True, kw_only=True)
class Example:
    """One query over a few keys as wide as it is, each with its value, and a label for each.

    Keys stand on a line, and for mechanisms that mind places on a `grid`, row by row; of one row, where none is given.
    """

    query_label: str
    query: Vector
    labels: tuple[str, ...]
    keys: tuple[Vector, ...]
    values: tuple[Vector, ...]
    printed: Printed | None = None
    grid: tuple[int, int] | None = None


TUTORIAL = (
    Example(
        query_label="喜欢",
        query=(1.0, 0.8),
        labels=("猫", "追逐", "老鼠"),
        keys=((0.9, 0.1), (0.8, 0.2), (0.7, 0.9)),
        values=((1.0, 0.1), (0.9, 0.2), (0.8, 0.3)),
        printed=Printed(
            weights=(0.4761, 0.2678, 0.2561),
            output=(0.9529, 0.1797),
            fault=Words(
                "No scale gives those: the third key, 老鼠, has the largest dot product, so it weighs most.",
                "怎样缩放都得不到那些数：点积最大的是第三个键“老鼠”，所以权重最大的是它，不是第一个。",
            ),
        ),
    ),
    Example(
        query_label="fruit",
        query=(2.0, 3.0, 1.0),
        labels=("apple", "orange"),
        keys=((1.0, 2.0, 1.0), (1.0, 1.0, 2.0)),
        values=((1.0, 2.0, 1.0), (1.0, 1.0, 2.0)),
        printed=Printed(
            weights=(0.6225, 0.3775),
            output=None,
            fault=Words(
                "Those are the softmax of scores that lie 0.5 apart; these scores lie 2 / √3 = 1.1547 apart.",
                "那是相差 0.5 的两个得分的 softmax；而这里两个得分相差 2 / √3 = 1.1547。",
            ),
        ),
    ),
)

# Patches of a map, each named by its row and column; the first numbers of its value count them, from 0.
ON_A_GRID = (
    Example(
        query_label="patch",
        query=(1.0, 0.0, 0.5, 1.0),
        labels=("a1", "a2", "a3", "a4", "b1", "b2", "b3", "b4"),
        keys=tuple((1.0, 0.5, float(column % 2), float(row)) for row in range(2) for column in range(4)),
        values=tuple((float(row), float(column), 1.0, 0.0) for row in range(2) for column in range(4)),
        grid=(2, 4),
    ),
)


def dot_product(query: Sequence[float], key: Sequence[float]) -> float:
    """q · k, in plain arithmetic."""
    return math.fsum(a * b for a, b in zip(query, key, strict=True))


def dot_product_weights(query: Sequence[float], keys: Sequence[Sequence[float]], *, scale: float) -> list[float]:
    """softmax_j(scale q · k_j), in plain arithmetic."""
    scores = [scale * dot_product(query, key) for key in keys]
    exponentials = [math.exp(score - max(scores)) for score in scores]
    return [e / math.fsum(exponentials) for e in exponentials]


def weighted_sum(weights: Sequence[float], values: Sequence[Sequence[float]]) -> list[float]:
    """sum_j w_j v_j, in plain arithmetic."""
    return [math.fsum(w * x for w, x in zip(weights, column, strict=True)) for column in zip(*values, strict=True)]
