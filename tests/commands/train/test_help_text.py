"""The help of `attnlab train` names what can be given, alike in both languages."""

import re

import pytest

from attnlab.commands.train.arguments import ALONE
from attnlab.commands.train.help_text import HELP
from attnlab.reporting.terminal.text import display_width

COLUMN, WIDTH = 22, 120


def test_it_names_what_can_be_given() -> None:
    named = ("--multirun", "--config-dir", "--cfg", "--trust ", "resume=", "fresh=", "init_from=", "output_dir=")
    for word in (*named, *(each for each in ALONE if each != "--info")):
        assert word in HELP.en


def _rows(text: str) -> list[str]:
    return [line[:COLUMN].rstrip() for line in text.splitlines() if re.match(r"  \S", line)]


def test_both_languages_have_the_same() -> None:
    assert _rows(HELP.en) == _rows(HELP.zh)
    shared = re.compile(r"--[a-z-]+|[a-z_]{2,}(?:[./][a-z_]+)+|\w+=[\w,]+|\d[\d.]*", re.ASCII)
    english, chinese = (set(shared.findall(text)) for text in HELP)
    assert english == chinese


@pytest.mark.parametrize("text", HELP)
def test_each_line_stands_within_its_columns(text: str) -> None:
    usage, empty, *lines = text.splitlines()
    assert "attnlab train [KEY=VALUE ...]" in usage
    assert empty == ""
    for line in lines:
        assert display_width(line) <= WIDTH
        assert re.match(rf".{{{COLUMN - 2}}}  \S|  \S", line)
        assert line[COLUMN - 1] == " " != line[COLUMN]
