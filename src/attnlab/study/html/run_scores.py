"""One run's scores of the test: a table of all, and one by class where there are such."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from attnlab.metrics.class_keys import class_keys
from attnlab.reporting.glossary import score_in_chinese, score_in_english
from attnlab.reporting.numbers import NOTHING
from attnlab.reporting.pages.report.contents import Table, Text, plain
from attnlab.reporting.terminal.text import score_text
from attnlab.study.html.scores import named_score

Record = Mapping[str, Any]
Scores = Mapping[str, Any]
# What scores of one class begin with: where one of it is there, all of these are.
OF_A_CLASS = (("f1_", "precision_", "recall_"), ("ap_of_",))


def part(record: Record, key: str) -> Record:
    """A group of values of a record that anyone may have written; an empty one where it isn't one."""
    found = record.get(key)
    return found if isinstance(found, dict) else {}


def score_tables(record: Record) -> Iterator[Table]:
    """Of all but single classes, then a row a class."""
    scores = record["test"]
    kinds = [(prefixes, classes) for prefixes in OF_A_CLASS if (classes := _classes(scores, prefixes))]
    apart = {f"{prefix}{name}" for prefixes, classes in kinds for name in classes for prefix in prefixes}
    yield _all(record, {name: value for name, value in scores.items() if name not in apart})
    for prefixes, classes in kinds:
        yield _by_class(scores, prefixes, classes, _own_names(record))


def _own_names(record: Record) -> dict[str, str]:
    """Of classes by the names that they have in scores: T-shirt/top by t_shirt_top."""
    classes = part(record, "data").get("classes")
    if not isinstance(classes, list) or not all(isinstance(each, str) for each in classes):
        return {}
    return dict(zip(class_keys(classes), classes, strict=True))


def _classes(scores: Scores, prefixes: tuple[str, ...]) -> list[str]:
    """Of which there is every one of these scores, in their order."""
    first = prefixes[0]
    named = [each.removeprefix(first) for each in scores if each.startswith(first)]
    return [each for each in named if all(f"{prefix}{each}" in scores for prefix in prefixes)]


def _all(record: Record, scores: Scores) -> Table:
    signatures, examples = part(record, "signatures"), part(record, "test_examples")
    computed = {name: _signature(name, signatures) for name in scores}
    heads, rows = [Text("score", "分数"), Text("value", "值")], []
    if any(computed.values()):
        heads.append(Text("computed as", "签名"))
    for name, value in scores.items():
        rows.append([named_score(name), *(plain(each) for each in (_shown(value), computed[name]))][: len(heads)])
    # Where nothing was validated, none is the best.
    last = part(record, "best").get("score") is None
    which, chosen = ("The last checkpoint's", "取最后的检查点") if last else ("The best checkpoint's", "取最佳检查点")
    caption = Text(f"{which}.", f"{chosen}。")
    scored, of = examples.get("scored"), examples.get("of")
    if isinstance(scored, int) and isinstance(of, int):
        counted = f"{scored:,} / {of:,}"
        caption = Text(f"{which}, on {counted} test examples.", f"{chosen}，测试样本 {counted}。")
    return Table(name="scores-table", caption=caption, heads=heads, rows=rows, words=(0, 2))


def _by_class(scores: Scores, prefixes: tuple[str, ...], classes: list[str], names: Mapping[str, str]) -> Table:
    kinds = [prefix.removesuffix("_").removesuffix("_of") for prefix in prefixes]
    return Table(
        name=f"{kinds[0]}-by-class",
        caption=Text("By class.", "按类别。"),
        heads=[Text("class", "类别"), *(Text(score_in_english(each), score_in_chinese(each)) for each in kinds)],
        rows=[
            [plain(names.get(each, each)), *(plain(_shown(scores[f"{prefix}{each}"])) for prefix in prefixes)]
            for each in classes
        ],
    )


def _shown(value: Any) -> str:
    return score_text(value) if isinstance(value, int | float) else NOTHING


def _signature(score: str, signatures: Record) -> str:
    """Its own, that of its kind (`ap` of `ap50`), or that of the baseline whose score it is."""
    whole = (str(each) for name, each in signatures.items() if re.match(rf"{re.escape(name)}(?![a-z])", score))
    return next(whole, "")
