"""Small questions put to an attention mechanism, and what the best-known mechanism answers."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

Vector = tuple[float, ...]


@dataclass(frozen=True, kw_only=True)
class Example:
    """One query over a few keys, each with its value. Raises ValueError, naming the option, where they don't fit."""

    query_label: str
    query: Vector
    labels: tuple[str, ...]
    keys: tuple[Vector, ...]
    values: tuple[Vector, ...]
    note: str = ""

    def __post_init__(self) -> None:
        width = len(self.query)
        for option, vectors in (("--keys", self.keys), ("--values", self.values)):
            for vector in vectors:
                if len(vector) != width:
                    raise ValueError(
                        f"every vector must have the query's {width} numbers, got {len(vector)} in "
                        f"{', '.join(f'{x:g}' for x in vector)} (set {option})"
                    )
        for option, things in (("--values", self.values), ("--labels", self.labels)):
            if len(things) != len(self.keys):
                raise ValueError(
                    f"there must be one for each of {len(self.keys)} keys, got {len(things)} (set {option})"
                )


NOTE = "The tutorial that this example comes from printed other weights; its own code does not give those."

TUTORIAL = (
    Example(
        query_label="喜欢",
        query=(1.0, 0.8),
        labels=("猫", "追逐", "老鼠"),
        keys=((0.9, 0.1), (0.8, 0.2), (0.7, 0.9)),
        values=((1.0, 0.1), (0.9, 0.2), (0.8, 0.3)),
        note=NOTE,
    ),
    Example(
        query_label="fruit",
        query=(2.0, 3.0, 1.0),
        labels=("apple", "orange"),
        keys=((1.0, 2.0, 1.0), (1.0, 1.0, 2.0)),
        values=((1.0, 2.0, 1.0), (1.0, 1.0, 2.0)),
        note=NOTE,
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
