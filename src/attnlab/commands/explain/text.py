"""An explanation as text for a terminal, in columns that Chinese labels don't push out of line."""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from attnlab.commands.explain.columns import as_bar, as_number, lined_up
from attnlab.commands.explain.example import Example, dot_product, dot_product_weights
from attnlab.commands.explain.worked import SEED, Explanation, Query, WorkedExample
from attnlab.reporting.terminal.text import display_width

LARGEST_PLAIN_EXPONENT = 50.0  # above it e^score has more digits than the eye can use, so the largest is taken off


@dataclass(frozen=True)
class Step:
    """One step of a computation: what is done, and a row for each key."""

    title: str
    rows: list[tuple[str, ...]]


def render(explanation: Explanation) -> str:
    """The whole explanation, ending in a newline."""
    lines = [f"attention={explanation.name} ({explanation.mechanism})", ""]
    lines += [f"  {line}".rstrip() for line in explanation.idea.splitlines()]
    unread = sorted({"query", "key"} - set(explanation.uses))
    if unread:
        lines += ["", f"  It doesn't read the content of the {' or the '.join(unread)}."]
    if explanation.learned:
        lines += ["", f"  What it learns is shown as it begins (seed {SEED}): training moves the weights."]
    for number, worked in enumerate(explanation.examples, start=1):
        lines += ["", *_example(number, worked)]
    return "\n".join(lines) + "\n"


def _example(number: int, worked: WorkedExample) -> Iterator[str]:
    example = worked.example
    asking = example.query_label if worked.role in ("cross", None) else "each key in turn"
    heading = f"Example {number}: {asking} attends to {', '.join(example.labels)}"
    yield heading
    yield "=" * display_width(heading)
    if worked.refusal:
        yield f"This mechanism can't work it: {worked.refusal}"
        return
    if worked.role_refusal:
        yield f"This mechanism can't attend to another sequence ({worked.role_refusal}): the keys ask each other."
    yield from _given(example, with_query=worked.role == "cross")
    if worked.projected is not None:
        yield "It projects them itself, and the output again after the last step; projected they are"
        yield from _given(worked.projected, with_query=worked.role == "cross")
    for query in worked.queries:
        yield ""
        if worked.role != "cross":
            yield f"Query {query.label}"
            yield ""
        yield from _steps(worked.projected or example, query)
    if worked.role == "cross":
        yield ""
        yield from _comparison(example)


def _given(example: Example, *, with_query: bool) -> Iterator[str]:
    rows = [
        (label, f"key {_vector(k)}", f"value {_vector(v)}")
        for label, k, v in zip(example.labels, example.keys, example.values, strict=True)
    ]
    if with_query:
        rows.insert(0, (example.query_label, f"query {_vector(example.query)}", ""))
    yield from lined_up(rows)


def _steps(example: Example, query: Query) -> Iterator[str]:
    """The numbered steps from scores to output, as far as the mechanism shows them."""
    steps = _weight_steps(example, query)
    for number, step in enumerate(steps, start=1):
        yield f"{number}. {step.title}"
        yield from lined_up(step.rows)
    if query.output_is_sum:
        yield f"{len(steps) + 1}. The output: the values, each times its weight, added up"
        terms = " + ".join(f"{as_number(w)} × {_vector(v)}" for w, v in zip(query.weights, example.values, strict=True))
        yield f"   {terms} = {_vector(query.output, as_number)}"
    else:
        yield f"{len(steps) + 1}. The output, which here is more than the weighted sum of the values"
        yield f"   {_vector(query.output, as_number)}"


def _weight_steps(example: Example, query: Query) -> list[Step]:
    labels = example.labels
    if query.scores is None:
        rows = [(label, as_number(w), as_bar(w)) for label, w in zip(labels, query.weights, strict=True)]
        return [Step("The weights, as the mechanism defines them", [*rows])]
    if query.dot_scale is None:
        scored = [(label, as_number(score)) for label, score in zip(labels, query.scores, strict=True)]
        steps = [Step("The scores, as the mechanism's formula gives them", [*scored])]
    else:
        steps = _dot_product_steps(example, query.vector, query.scores, scaled=query.dot_scale != 1.0)
    return steps + _softmax_steps(labels, query.scores, query.weights)


def _dot_product_steps(
    example: Example, query: Sequence[float], scores: Sequence[float | None], *, scaled: bool
) -> list[Step]:
    dots = [dot_product(query, key) for key in example.keys]
    products = [
        " + ".join(f"{_factor(a)} × {_factor(b)}" for a, b in zip(query, key, strict=True)) for key in example.keys
    ]
    rows = [
        (label, terms, "=", as_number(dot)) for label, terms, dot in zip(example.labels, products, dots, strict=True)
    ]
    steps = [Step("The dot product of the query with each key", [*rows])]
    if scaled:
        root = as_number(math.sqrt(len(query)))
        quotients = [
            (label, f"{as_number(dot)} / {root}", "=", as_number(score))
            for label, dot, score in zip(example.labels, dots, scores, strict=True)
        ]
        steps.append(Step(f"Divided by the square root of the width, √{len(query)} = {root}", [*quotients]))
    return steps


def _softmax_steps(labels: Sequence[str], scores: Sequence[float | None], weights: Sequence[float]) -> list[Step]:
    largest = max((score for score in scores if score is not None), default=0.0)
    shift = largest if abs(largest) > LARGEST_PLAIN_EXPONENT else 0.0
    exponentials = [0.0 if score is None else math.exp(score - shift) for score in scores]
    total = math.fsum(exponentials)
    powers = [f"exp({as_number(score)}{f' - {_factor(shift)}' if shift else ''})" for score in scores]
    raised = [(label, p, "=", as_number(e)) for label, p, e in zip(labels, powers, exponentials, strict=True)]
    shares = [
        (label, f"{as_number(e)} / {as_number(total)}", "=", as_number(w), as_bar(w))
        for label, e, w in zip(labels, exponentials, weights, strict=True)
    ]
    less = " less the largest, which changes no weight" if shift else ""
    return [
        Step(f"The exponential of each{less}", [*raised, ("sum", "", "=", as_number(total))]),
        Step("Divided by their sum: the weights", [*shares]),
    ]


def _comparison(example: Example) -> Iterator[str]:
    """What scaled dot-product attention answers, and what leaving out the scale would."""
    width = len(example.query)
    scaled = dot_product_weights(example.query, example.keys, scale=width**-0.5)
    plain = dot_product_weights(example.query, example.keys, scale=1.0)
    answer = f"Scaled dot-product attention weighs them {_vector(scaled, as_number)}"
    if width == 1:
        yield f"{answer}."
    else:
        yield f"{answer}; without the division by √{width} it"
        yield f"would be {_vector(plain, as_number)}."
    if example.note:
        yield example.note


def _factor(value: float) -> str:
    return f"{value:g}" if value >= 0 else f"({value:g})"


def _vector(values: Sequence[float], number: Callable[[float], str] = "{:g}".format) -> str:
    return "[" + ", ".join(map(number, values)) + "]"
