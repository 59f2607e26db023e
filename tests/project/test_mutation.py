"""What `make mutation` changes, which of it, and what it says of it."""

import subprocess
import sys
import time
import tomllib
from importlib.util import module_from_spec
from pathlib import Path

import mutation
import pytest
from mutant_forks import Changed, Fork
from mutants import mutants_of
from mutation import Outcomes, chosen, report

SOURCE = """
def f(x: int = 3, *, names: list[str] | None = None) -> int:
    if not x or x < 2:
        raise ValueError(f"x must be {2 + 1}, got {x - 1}" + str(x + 1))
    for i in range(x):
        print(x * 2)
        log.info("%s", 5)
    return g(x[1:x], flag=True, other=x)
"""


def _changes(source: str) -> set[tuple[str, str]]:
    return {(each.before, each.after) for each in mutants_of("f.py", source) if each.is_readable(source)}


def test_every_kind_of_change_is_made_and_what_people_read_is_not_changed() -> None:
    head, test, loop, end = (SOURCE.splitlines()[number].strip() for number in (1, 2, 4, 7))
    assert _changes(SOURCE) == {
        (head, head.replace("3", "4")),
        (test, "if x or x < 2:"),
        (test, "if not x and x < 2:"),
        (test, "if not x or x <= 2:"),
        (test, "if not x or x < 3:"),
        (loop, "for i in range(x - 1):"),
        (end, "return None"),
        (end, "return g(x[2:x], flag=True, other=x)"),
        (end, "return g(x[1 + 1:x], flag=True, other=x)"),
        (end, "return g(x[1:x + 1], flag=True, other=x)"),
        (end, "return g(x[1:x], flag=False, other=x)"),
        (end, "return g(x[1:x], other=x)"),
        (end, "return g(x[1:x], flag=True)"),
    }


@pytest.mark.parametrize(
    "before, after",
    [
        ("a is b", "a is not b"),
        ("a is not b", "a is b"),
        ("a not in b", "a in b"),
        ("-a", "a"),
        ("-2", "-3"),
        ("a // b", "a * b"),
        ("a ** b", "a * b"),
        ("a += b", "a -= b"),
        ("f(a=b)", "f()"),
        ("f(a=b, c=d)", "f(c=d)"),
        ("f((a), c=(d))", "f((a))"),
    ],
)
def test_an_operator_or_argument_is_changed_where_it_stands(before: str, after: str) -> None:
    assert (before, after) in _changes(before + "\n")


@pytest.mark.parametrize(
    "text", ["a = 'text'", "def f(a: 'int | str') -> int: ...", "zip(a, b, strict=True)", "x: int | str"]
)
def test_other_things_stay(text: str) -> None:
    assert not _changes(text + "\n")


def test_the_same_changes_are_chosen_again_and_after_changes_elsewhere() -> None:
    some = chosen(12, seed=3, only=["metrics/rouge.py", "metrics/novelty.py"])
    assert chosen(5, seed=3, only=["metrics/rouge.py", "metrics/novelty.py"]) == some[:5]
    assert chosen(12, seed=4, only=["metrics/rouge.py", "metrics/novelty.py"]) != some
    later = mutants_of("f.py", "# A line more: Ä\n" + SOURCE)
    assert [each.name for each in later] == [each.name for each in mutants_of("f.py", SOURCE)]
    assert [each.line - 1 for each in later] == [each.line for each in mutants_of("f.py", SOURCE)]


def test_a_module_is_imported_with_the_change() -> None:
    mutant = next(each for each in mutants_of("errors.py", _errors()) if each.after.startswith("return None"))
    finder = Changed(mutant)
    assert finder.find_spec("attnlab.files") is None
    spec = finder.find_spec("attnlab.errors")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    assert mutant.diff(_errors()).count("\n") >= 1
    assert spec.loader.get_data("") == mutant.apply(_errors()).encode()  # type: ignore[attr-defined]


def _errors() -> str:
    return (mutation.PACKAGE / "errors.py").read_text(encoding="utf-8")


def test_a_change_that_hangs_is_ended(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE, start_new_session=True) as process:
        running = Fork(process.pid, tmp_path, time.monotonic() + 60)
        assert running.status() is None
        running.ends = time.monotonic()
        assert running.status() == -9


def test_survivors_are_listed_with_why_they_may_live(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mutation, "PACKAGE", tmp_path)
    (tmp_path / "f.py").write_text("a = b + c\nd = not e\nf = 1\n", encoding="utf-8")
    plus, dropped, more = mutants_of("f.py", (tmp_path / "f.py").read_text(encoding="utf-8"))
    accepted = [
        {"path": "f.py", "before": "d = not e", "after": "d = e", "why": "Nobody asks."},
        {"path": "f.py", "before": "f = 1", "after": "f = 2", "why": "Nobody counts."},
    ]
    outcomes = Outcomes(killed=[more] * 8, over_time=[], survived=[plus, dropped], not_tried=[])
    assert outcomes.share == 0.2
    text = report(outcomes, accepted, seed=0)
    assert text.startswith("8 killed, 0 over their time, 2 survived (20.0%; at most 10%), 0 not tried; seed 0\n")
    assert "src/attnlab/f.py:1  not said why it may live\n-a = b + c\n+a = b - c\n" in text
    assert "src/attnlab/f.py:2  Nobody asks.\n-d = not e\n+d = e\n" in text
    assert text.endswith("no longer lives, so needn't be accepted: f.py | f = 1 | f = 2\n")


def test_each_that_is_accepted_says_where_and_why() -> None:
    accepted = tomllib.loads(mutation.ACCEPTED.read_text(encoding="utf-8")).get("survivor", [])
    assert all(each.keys() == {"path", "before", "after", "why"} for each in accepted)
    assert all((mutation.PACKAGE / each["path"]).is_file() for each in accepted)
