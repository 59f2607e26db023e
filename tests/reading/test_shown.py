"""Nobody's text does anything on a terminal, and each stays as long as it was."""

import ast
import json
import logging
import unicodedata
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import attnlab
from attnlab.commands import cli
from attnlab.files import say
from attnlab.reading.shown import LINE_ENDS, SPACING, ShownRecord, json_text, shown, tell, without_controls

PACKAGE = Path(attnlab.__file__).parent
# They print what they show themselves, or what is theirs alone.
PRINTING = [
    "commands/cli.py", "commands/completion/command.py", "commands/list/grid.py", "commands/predict/output.py",
    "commands/slurm_script.py", "commands/train/command.py", "files.py", "launch/pool_progress.py", "reading/shown.py",
]  # fmt: skip
ATTACKS = ["\x1b]0;title\x07", "\x9b31m", "a\x1b[2Jb", "\x08\x08", "\u202egnp.exe", "\u2066x\u2069", "\x7f", "\x00"]


def _does_something(character: str) -> bool:
    turns = ["RLE", "LRE", "RLO", "LRO", "PDF", "RLI", "LRI", "FSI", "PDI"]
    return unicodedata.category(character) == "Cc" or unicodedata.bidirectional(character) in turns


@given(st.text(st.characters(exclude_categories=["Cs"])) | st.sampled_from(ATTACKS))
def test_what_does_something_is_a_sign_and_offsets_stay(text: str) -> None:
    for changed, kept in ((without_controls(text), SPACING), (shown(text), "\n\t")):
        assert len(changed) == len(text)
        for before, after in zip(text, changed, strict=True):
            assert after == ("\ufffd" if _does_something(before) and before not in kept else before) or (
                before in LINE_ENDS and after == "\ufffd"
            )


@given(st.text(st.characters(exclude_categories=["Cs"])) | st.sampled_from(ATTACKS))
def test_json_says_the_same_in_one_line_that_does_nothing(text: str) -> None:
    line = json_text({text: [text]})
    assert json.loads(line) == {text: [text]}
    assert not any(map(_does_something, line))
    assert len(line.splitlines()) == 1


@pytest.mark.parametrize("attack", ATTACKS)
def test_mistakes_lines_and_logs_send_nothing(
    attack: str, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    assert cli.main([f"no{attack}such"]) == 2
    assert cli._mistake(f"no such file, got {attack}\rx") == 2
    say([f"name {attack}\r\x85x"])
    tell(f"name {attack}\r\x85x")
    before = logging.getLogRecordFactory()
    logging.setLogRecordFactory(ShownRecord)
    logging.getLogger("attnlab.x").warning("left out %s", attack)
    logging.setLogRecordFactory(before)
    written = capsys.readouterr()
    for text in (written.out, written.err, caplog.text):
        assert not any(_does_something(each) for each in text if each not in "\n\t")


@pytest.mark.parametrize(
    "name, message, args, expected",
    [
        ("attnlab.x", "cut %d of %d texts of %s", (1234, 18350, "1000"), "cut 1,234 of 18,350 texts of 1000"),
        ("attnlab.x", "%s: %.1f of %d", ("a", 1.25, 4000), "a: 1.2 of 4,000"),
        ("attnlab.x", "5 % of 2000", (), "5 % of 2000"),
        ("another", "%d left", (4000,), "4000 left"),
    ],
)
def test_logged_counts_have_commas(name: str, message: str, args: tuple[Any, ...], expected: str) -> None:
    assert ShownRecord(name, logging.INFO, "x.py", 1, message, args, None).getMessage() == expected


def _prints_as_it_is(path: Path) -> bool:
    """Whether anything but a text of its own, or JSON, is printed in a module."""
    source = path.read_bytes()
    for node in ast.walk(ast.parse(source)) if b"print(" in source else ():
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print":
            [said] = node.args
            is_json = isinstance(said, ast.Call) and ast.unparse(said.func) == "json_text"
            if not (is_json or isinstance(said, ast.Constant)):
                return True
    return False


def test_all_that_is_printed_is_shown() -> None:
    found = [path.relative_to(PACKAGE).as_posix() for path in PACKAGE.rglob("*.py") if _prints_as_it_is(path)]
    assert sorted(found) == sorted(PRINTING)
