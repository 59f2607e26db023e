"""Signs of other keyboards are read as those that were meant."""

from pathlib import Path

import pytest

from attnlab.errors import UserError
from attnlab.reading.keyboard import check_slashes, plain, unended, unquoted, with_dashes


def test_texts_have_the_keyboards_own_signs() -> None:
    assert plain("“１，0。8”；３") == '"1,0.8";3'
    assert unended("task=ner；，") == "task=ner"
    assert unquoted("「1,2」") == "1,2"


@pytest.mark.parametrize(
    "typed, meant",
    [
        ("——query", ("--query", "-query")),
        ("—task=ner", ("--task=ner", "-task=ner")),
        ("–-task", ("--task", "-task")),
        ("－m", ("-m", "--m")),
        ("--task", ()),
        ("—", ()),
        ("—1", ()),
        ("a—b", ()),
    ],
)
def test_a_word_with_another_scripts_dash_may_be_an_option(typed: str, meant: tuple[str, ...]) -> None:
    assert with_dashes(typed) == meant


def test_a_path_with_another_scripts_slashes_is_told_how_it_is_written() -> None:
    with pytest.raises(UserError, match=r"got --map ／tmp／x.png \(write --map /tmp/x.png\)$"):
        check_slashes("／tmp／x.png", "--map ")
    Path("a／b").touch()
    check_slashes("a／b")
    check_slashes("/tmp/x.png")
