"""An explanation as text for a terminal, in columns that Chinese labels don't push out of line."""

from collections.abc import Iterator

from attnlab.commands.explain.columns import lined_up
from attnlab.commands.explain.example import Example, dot_product_weights, weighted_sum
from attnlab.commands.explain.steps.step import Step, as_vector
from attnlab.commands.explain.words import idea
from attnlab.commands.explain.worked import SEED, Explanation, WorkedExample
from attnlab.language import Language, Words, either
from attnlab.reporting.terminal.text import display_width

READ = {"key": Words("key", "键"), "query": Words("query", "查询")}


def render(explanation: Explanation, *, language: Language, said: str = "") -> str:
    """The whole explanation, ending in a newline; `said` is what the configuration says of it in Chinese."""
    lines = [f"attention={explanation.name} ({explanation.mechanism})", ""]
    lines += [f"  {line}".rstrip() for line in idea(explanation.idea, said, language)]
    unread = [READ[each].said(language) for each in ("key", "query") if each not in explanation.uses]
    if unread:
        both = Words(
            f"It doesn't read the content of the {' or the '.join(unread)}.", f"它不看{'和'.join(unread)}的内容。"
        )
        lines += ["", f"  {both.said(language)}"]
    if explanation.learned:
        lines += ["", f"  {learned().said(language)}"]
    for number, worked in enumerate(explanation.examples, start=1):
        lines += ["", *_example(number, worked, language)]
    return "\n".join(lines) + "\n"


def learned() -> Words:
    """That a mechanism has parameters."""
    return Words(
        f"What it learns is shown as it begins (seed {SEED}): training moves the numbers.",
        f"由学习得到的数都是初始值（种子 {SEED}），训练会改变它们。",
    )


def numbered_steps(steps: list[Step], language: Language, *, first: int = 1) -> Iterator[str]:
    """Each with its number, its words and its columns."""
    for number, step in enumerate(steps, start=first):
        yield f"{number}. {step.title.said(language)}"
        yield from lined_up(step.rows)


def heading(number: int, worked: WorkedExample) -> Words:
    """Who asks, and whom."""
    example, crosses = worked.example, worked.role in ("cross", None)
    names = ", ".join(example.labels)
    asking = (
        Words(example.query_label, f"“{example.query_label}”") if crosses else Words("each key in turn", "每个键依次")
    )
    names_in_chinese = "、".join(f"“{label}”" for label in example.labels)
    return Words(f"Example {number}: {asking.en} attends to {names}", f"例 {number}：{asking.zh}注意{names_in_chinese}")


def caption(name: str, *, learned: bool) -> str:
    """What stands below a picture: of which mechanism it is, `attention=additive`."""
    return name + either(f", as it begins (seed {SEED})", f"，刚初始化（种子 {SEED}）") if learned else name


def _example(number: int, worked: WorkedExample, language: Language) -> Iterator[str]:
    example, said = worked.example, heading(number, worked).said(language)
    yield said
    yield "=" * display_width(said)
    if worked.refusal:
        yield Words(
            f"This mechanism can't work it: {worked.refusal}", f"该机制不能用于这个例子：{worked.refusal}"
        ).said(language)
        return
    if worked.role_refusal:
        yield Words(
            f"This mechanism can't attend to another sequence ({worked.role_refusal}): the keys ask each other.",
            "该机制不能注意另一个序列，所以让各个键互相查询。",
        ).said(language)
    yield from _given(example, language, with_query=worked.role == "cross")
    yield from numbered_steps(worked.before, language)
    if worked.projected is not None:
        yield Words("It has projections of its own; projected they are", "它有自己的投影；投影之后为").said(language)
        yield from _given(worked.projected, language, with_query=worked.role == "cross")
    for query in worked.queries:
        yield ""
        if worked.role != "cross":
            yield Words(f"Query {query.label}", f"查询 {query.label}").said(language)
            yield ""
        yield from numbered_steps(query.steps, language, first=len(worked.before) + 1)
    if worked.role == "cross":
        yield ""
        yield from _comparison(example, language)


def _given(example: Example, language: Language, *, with_query: bool) -> Iterator[str]:
    query, key, value = (
        words.said(language) for words in (Words("query", "查询"), Words("key", "键"), Words("value", "值"))
    )
    rows = [
        (label, f"{key} {_plain(k)}", f"{value} {_plain(v)}")
        for label, k, v in zip(example.labels, example.keys, example.values, strict=True)
    ]
    if with_query:
        kind = "" if example.query_label == query else f"{query} "
        rows.insert(0, (example.query_label, f"{kind}{_plain(example.query)}", ""))
    yield from lined_up(rows)


def _comparison(example: Example, language: Language) -> Iterator[str]:
    """What scaled dot-product attention answers, what leaving out the scale would, and what a text has printed."""
    width = len(example.query)
    scaled = dot_product_weights(example.query, example.keys, scale=width**-0.5)
    plain = as_vector(dot_product_weights(example.query, example.keys, scale=1.0))
    answer = Words(
        f"Scaled dot-product attention weighs them {as_vector(scaled)}",
        f"缩放点积注意力给出的权重是 {as_vector(scaled)}",
    )
    if width == 1:
        yield Words(f"{answer.en}.", f"{answer.zh}。").said(language)
    else:
        yield Words(
            f"{answer.en}; without the division by √{width} it\nwould be {plain}.",
            f"{answer.zh}；不除以 √{width} 则是 {plain}。",
        ).said(language)
    if example.printed is None:
        return
    yield Words(
        f"The tutorial that this example comes from printed the weights {as_vector(example.printed.weights)}.",
        f"这个例子出自一篇教程，教程给出的权重是 {as_vector(example.printed.weights)}。",
    ).said(language)
    yield example.printed.fault.said(language)
    if example.printed.output is not None:
        yield from _printed_output(example, scaled, example.printed.output, language)


def _printed_output(
    example: Example, scaled: list[float], printed: tuple[float, ...], language: Language
) -> Iterator[str]:
    assert example.printed is not None
    right, theirs = (as_vector(weighted_sum(each, example.values)) for each in (scaled, example.printed.weights))
    yield Words(
        f"It printed the output {as_vector(printed)}; right is {right}, and even its own weights would give {theirs}.",
        f"教程给出的输出是 {as_vector(printed)}；正确的是 {right}，而且按它自己的权重也应是 {theirs}。",
    ).said(language)


def _plain(values: tuple[float, ...]) -> str:
    return as_vector(values, "{:g}".format)
