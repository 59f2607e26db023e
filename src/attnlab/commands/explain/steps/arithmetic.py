"""The arithmetic that many mechanisms share, written out: dot products, softmax, weighted sums."""

import math
from collections.abc import Iterator, Sequence

from attnlab.commands.explain.columns import as_bar, as_number
from attnlab.commands.explain.example import dot_product
from attnlab.commands.explain.steps.step import Asked, Step, as_vector
from attnlab.language import Words

LARGEST_PLAIN_EXPONENT = 50.0  # above it e^score has more digits than the eye can use, so the largest is taken off

DIGITS = 4  # after the point, as numbers in vectors have

DOTS = Words("The dot product of the query with each key", "查询与每个键的点积")


def dots(labels: Sequence[str], query: Sequence[float], keys: Sequence[Sequence[float]], title: Words = DOTS) -> Step:
    """Each product of two numbers, and their sum."""
    products = [" + ".join(f"{factor(a)} × {factor(b)}" for a, b in zip(query, key, strict=True)) for key in keys]
    sums = [dot_product(query, key) for key in keys]
    rows = [(label, terms, "=", as_number(dot)) for label, terms, dot in zip(labels, products, sums, strict=True)]
    return Step(title=title, rows=[*rows], values=sums)


def divided_by_root(labels: Sequence[str], numerators: Sequence[float], width: int) -> Step:
    """By the square root of a width."""
    root = math.sqrt(width)
    title = Words(
        f"Divided by the square root of the width, √{width} = {as_number(root)}",
        f"除以宽度的平方根，√{width} = {as_number(root)}",
    )
    return quotients(title, labels, numerators, root)


def quotients(
    title: Words, labels: Sequence[str], numerators: Sequence[float], divisor: float, *, bars: bool = False
) -> Step:
    """Each divided by the same number."""
    results = [numerator / divisor if divisor else 0.0 for numerator in numerators]
    rows = [
        (label, f"{as_number(a)} / {as_number(divisor)}", "=", as_number(b), *([as_bar(b)] if bars else []))
        for label, a, b in zip(labels, numerators, results, strict=True)
    ]
    return Step(title=title, rows=[*rows], values=results)


def sums(title: Words, labels: Sequence[str], first: Sequence[float], second: Sequence[float]) -> Step:
    """Two numbers for each key, added up."""
    totals = [a + b for a, b in zip(first, second, strict=True)]
    rows = [
        (label, f"{as_number(a)} + {factor(b, as_number(b))}", "=", as_number(c))
        for label, a, b, c in zip(labels, first, second, totals, strict=True)
    ]
    return Step(title=title, rows=[*rows], values=totals)


def scaled_scores(asked: Asked) -> Iterator[Step]:
    """q · k / sqrt(Dh)."""
    plain = dots(asked.labels, asked.vector, asked.example.keys)
    yield plain
    yield divided_by_root(asked.labels, plain.values, len(asked.vector))


def softmax(asked: Asked) -> Iterator[Step]:
    """The exponentials of the scores, and the weights."""
    assert asked.scores is not None
    yield from softmax_of(asked.labels, asked.scores, asked.weights)


def softmax_of(
    labels: Sequence[str], scores: Sequence[float | None], weights: Sequence[float], *, of: Words | None = None
) -> Iterator[Step]:
    """What a softmax gave for some scores, None that of a masked key."""
    largest = max((score for score in scores if score is not None), default=0.0)
    shift = largest if abs(largest) > LARGEST_PLAIN_EXPONENT else 0.0
    exponentials = [0.0 if score is None else math.exp(score - shift) for score in scores]
    total = math.fsum(exponentials)
    powers = [f"exp({as_number(score)}{f' - {factor(shift)}' if shift else ''})" for score in scores]
    raised = [(label, p, "=", as_number(e)) for label, p, e in zip(labels, powers, exponentials, strict=True)]
    shares = [
        (label, f"{as_number(e)} / {as_number(total)}", "=", as_number(w), as_bar(w))
        for label, e, w in zip(labels, exponentials, weights, strict=True)
    ]
    raising = Words("The exponential of each", "取每个得分的指数")
    if shift:
        raising = Words(
            "The exponential of each less the largest, which changes no weight",
            "每个得分减去最大的一个再取指数；这不改变任何权重",
        )
    yield Step(title=raising, rows=[*raised, ("Σ", "", "=", as_number(total))], values=exponentials)
    title = of or Words("Divided by their sum: the weights", "除以它们的和，得到权重")
    yield Step(title=title, rows=[*shares], values=list(weights))


def output(asked: Asked) -> Iterator[Step]:
    """The last step of most: the values, weighed."""
    if not asked.output_is_sum:
        title = Words(
            "The output, which here is more than the weighted sum of the values", "输出；这里它不只是各个值的加权和"
        )
        yield Step(title=title, rows=[(as_vector(asked.output),)], values=asked.output)
        return
    yield weighted_sum(
        asked,
        asked.output,
        Words("The output: the values, each times its weight, added up", "输出：各个值乘以各自的权重，再相加"),
    )


def weighted_sum(asked: Asked, total: Sequence[float], title: Words) -> Step:
    """The values times the weights, which add up to `total`."""
    terms = " + ".join(
        f"{factor(w, as_number(w))} × {as_vector(v, '{:g}'.format)}"
        for w, v in zip(asked.weights, asked.example.values, strict=True)
    )
    return Step(title=title, rows=[(f"{terms} = {as_vector(total)}",)], values=list(total))


def factor(value: float, shown: str = "") -> str:
    """A number as it stands in a product or a sum: in brackets where it is negative; with the digits that it has in
    vectors where it has more than those.
    """
    short = f"{value:g}"
    shown = shown or (short if float(short) == round(value, DIGITS) else as_number(value))
    return f"({shown})" if shown.startswith("-") else shown
