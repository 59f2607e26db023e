"""Signs of other keyboards are read as those that were meant."""

import pytest

from attnlab.reading.keyboard import plain, unended, unquoted, with_dashes


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
