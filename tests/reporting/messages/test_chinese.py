"""All that a run says as it goes has its Chinese, and with the same values."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import attnlab
from attnlab.metrics.generation.failures import collapse, saturation
from attnlab.metrics.learning import alike_answers, flat_loss, no_better_than_one_class, nothing_right
from attnlab.models.detectors.detector import AS_COCO
from attnlab.reporting.messages.chinese import said_in_chinese
from attnlab.reporting.messages.of_data import OF_DATA
from attnlab.reporting.messages.of_runs import OF_RUNS
from attnlab.runs.coverage import Covered, partial_warnings

TABLE = OF_DATA | OF_RUNS
TREES = [ast.parse(path.read_text(encoding="utf-8")) for path in sorted(Path(attnlab.__file__).parent.rglob("*.py"))]
NODES = [node for tree in TREES for node in ast.walk(tree)]
# How warnings are taken down, with their kind first.
WARNS = ("warn", "_warn", "add", "_note", "_warning")
RAW = "\t#%d : %s"  # names alone


def logged() -> Iterator[str]:
    """What is logged but as an error, which stays English, with a 7 for each value."""
    for node in NODES:
        match node:
            case ast.Call(
                func=ast.Attribute(value=ast.Name("log"), attr="info" | "warning"), args=[ast.Constant(), *_]
            ):
                pass
            case ast.Call(func=ast.Call(args=[ast.Attribute(value=ast.Name("log"))]), args=[ast.Constant(), *_]):
                pass
            case _:
                continue
        template = str(node.args[0].value)  # type: ignore[attr-defined]  # matched
        if template not in ("%s", RAW):
            yield re.sub(r"%[-\d.]*[a-z]", "7", template)


def warned() -> Iterator[str]:
    """Likewise what goes on record as a warning."""
    for node in NODES:
        match node:
            case ast.Call(
                func=ast.Attribute(attr=name) | ast.Name(name), args=[ast.Constant(), ast.JoinedStr() as said]
            ) if name in WARNS:
                pass
            case ast.Tuple(elts=[ast.Constant(str(kind)), ast.JoinedStr() as said]) if "_" in kind:
                pass
            case _:
                continue
        yield "".join(str(part.value) if isinstance(part, ast.Constant) else "7" for part in said.values)


def test_there_is_chinese_for_each_line_of_the_log_and_each_warning() -> None:
    lines, warnings = set(logged()), set(warned())
    assert len(lines) > 60
    assert len(warnings) > 15
    assert {each for each in lines | warnings if said_in_chinese(each) is None} == set()


def test_each_value_is_said_once() -> None:
    for english, chinese in TABLE.items():
        assert sorted(re.findall(r"{(\d+)}", chinese)) == [str(place) for place in range(english.count("{}"))], english


def test_each_message_has_its_own_chinese() -> None:
    """None is taken for another's, with values that are words of ours too."""
    for english, chinese in TABLE.items():
        values = [f"v{number}w" for number in range(english.count("{}"))]
        assert said_in_chinese(english.replace("{}", "%s") % tuple(values)) == chinese.format(*values)


def predictions(*outputs: str) -> list[dict[str, str]]:
    return [{"output": each, "target": str(number % 3)} for number, each in enumerate(outputs)]


@pytest.mark.parametrize(
    "message",
    [
        flat_loss([2.0] * 8),
        alike_answers(predictions(*["a"] * 23)),
        alike_answers(predictions(*[""] * 23)),
        no_better_than_one_class(predictions(*["a"] * 23), 0.1),
        nothing_right({"chrf": 0.0}),
        saturation(1.0, 1.0),
        collapse(0.1, 0.9, 0.9, None),
        collapse(1.0, 0.9, 0.01, None),
        collapse(1.0, 0.9, 0.9, (7, 11)),
        partial_warnings(Covered(7, 11))[0]["message"],
    ],
)
def test_signs_are_said_in_chinese_with_what_to_try(message: str | None) -> None:
    assert message is not None
    said = said_in_chinese(message)
    assert said is not None
    assert set(re.findall(r"\d+", message)) <= set(re.findall(r"\d+", said))
    for hint in (" (try a lower optimizer.lr, now 0.1, or more updates)", ", of the best checkpoint"):
        assert str(said_in_chinese(message + hint)).startswith(said)


def test_splits_and_scores_are_told_by_their_words_and_files_by_their_names() -> None:
    message = "cut 3 of 11 documents of val to 7 tokens"
    assert said_in_chinese(message) == "验证集的 11 篇文档中有 3 篇截断到 7 个词元"
    assert said_in_chinese("no picture valley.png: test") == "没有画出 valley.png：测试集"
    assert said_in_chinese("some other program's") is None


def test_a_detectors_limit_has_its_remedy_in_chinese() -> None:
    message = "train has up to 6 objects an image, and this model finds at most 1: it can't find all ({})"
    for remedy in ("set model=detr, or another that finds several", AS_COCO, "set model.num_queries"):
        said = said_in_chinese(message.format(remedy))
        assert said is not None
        assert remedy not in said
