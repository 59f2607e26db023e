"""A step of a mechanism's computation, and what it is made from: one query, and what was noted on the way."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from torch import Tensor, nn

from attnlab.commands.explain.columns import as_bar, as_number
from attnlab.commands.explain.example import Example
from attnlab.commands.explain.watching import Notes
from attnlab.language import Words

MOST_NUMBERS = 8  # of a vector, and rows of a matrix, that are shown


@dataclass(frozen=True, kw_only=True)
class Step:
    """What is done, in words, columns that show it, and the numbers that it comes to."""

    title: Words
    rows: list[tuple[str, ...]]
    values: list[float]


@dataclass(frozen=True, kw_only=True)
class Asked:
    """One query of an example, with all that reached the mechanism, and what it came to.

    `notes` were taken of `weights` and `combine`, `forward()` gives those of `forward`. `scores` is what went through
    the softmax that gave the weights, None where there was none; the score of a masked key is None.
    """

    example: Example
    place: int  # of the query among all
    num_queries: int
    vector: list[float]
    scores: list[float | None] | None
    weights: list[float]
    output: list[float]
    output_is_sum: bool
    core: nn.Module
    notes: Notes
    forward: Callable[[], Notes]

    @property
    def labels(self) -> Sequence[str]:
        return self.example.labels

    def pairs(self, value: Tensor, *, head: int = 0) -> list[float]:
        """The query's row of a (..., Tq, Tk), a number for each key."""
        num_keys = len(self.labels)
        matrix = matrix_of(value, head=head)
        rows = matrix.size(0) if matrix.size(0) > 1 else self.place + 1
        return floats(matrix.expand(rows, num_keys)[self.place])

    def query(self, value: Tensor, *, head: int = 0) -> list[float]:
        """The query's row of a (..., Tq, F)."""
        matrix = matrix_of(value, head=head)
        return floats(matrix[self.place if matrix.size(0) > 1 else 0])


def matrix_of(value: Tensor, *, head: int = 0) -> Tensor:
    """The last two of any dimensions, of the first of a batch; (M, N)."""
    whole = value.reshape(-1, *value.shape[-2:]) if value.dim() > 1 else value.reshape(1, 1, -1)
    return whole[head if whole.size(0) > 1 else 0]


def floats(value: Tensor) -> list[float]:
    """All numbers, in a row."""
    return [float(number) for number in value.flatten().tolist()]


def each_key(title: Words, labels: Sequence[str], values: Sequence[float], *, bars: bool = False) -> Step:
    """A number for each key."""
    shown = [
        (label, as_number(x), as_bar(x)) if bars else (label, as_number(x))
        for label, x in zip(labels, values, strict=True)
    ]
    return Step(title=title, rows=[*shown], values=list(values))


def marks(title: Words, labels: Sequence[str], values: Sequence[float]) -> Step:
    """1 or 0 for each key."""
    return Step(
        title=title, rows=[(label, f"{x:g}") for label, x in zip(labels, values, strict=True)], values=[*values]
    )


def vectors(title: Words, labels: Sequence[str], value: Tensor) -> Step:
    """A vector (T, F) for each of T labels, of which the first are shown."""
    rows = [(label, _cut(floats(row))) for label, row in zip(labels, value, strict=False)][:MOST_NUMBERS]
    if value.size(0) > MOST_NUMBERS:
        rows.append((f"... ({value.size(0)})", ""))
    return Step(title=title, rows=[*rows], values=floats(value))


def numbered(title: Words, value: Tensor) -> Step:
    """The rows of a matrix (M, N)."""
    return vectors(title, [str(number) for number in range(1, value.size(0) + 1)], value)


def vector(title: Words, values: Sequence[float]) -> Step:
    """One vector."""
    return Step(title=title, rows=[(_cut(values),)], values=list(values))


def number(title: Words, name: str, value: float) -> Step:
    """One number with its name."""
    return Step(title=title, rows=[(name, "=", as_number(value))], values=[value])


def as_vector(values: Sequence[float], shown: Callable[[float], str] = as_number) -> str:
    """All numbers, in brackets."""
    return "[" + ", ".join(map(shown, values)) + "]"


def _cut(values: Sequence[float]) -> str:
    """The first numbers, and how many there are if these aren't all."""
    if len(values) <= MOST_NUMBERS:
        return as_vector(values)
    return f"[{', '.join(map(as_number, values[:MOST_NUMBERS]))}, ... ({len(values)})]"
