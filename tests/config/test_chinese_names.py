"""What is called by a Chinese name is there, and tasks are called as the glossary has it."""

from attnlab.commands.list.command import NAMED, OTHERS
from attnlab.config.chinese_names import GROUPS, NAMES, in_english
from attnlab.config.suggestions import groups_with
from attnlab.reporting.glossary import TASKS


def test_every_name_is_of_something_here() -> None:
    assert [here for here in NAMES.values() if not groups_with(here)] == []
    assert set(GROUPS.values()) <= {*NAMED, *OTHERS}


def test_tasks_are_called_as_in_the_glossary() -> None:
    assert {called: NAMES.get(called) for called in TASKS.values()} == {called: here for here, called in TASKS.items()}


def test_the_word_attention_may_be_left_out() -> None:
    assert in_english("加性注意力机制") == in_english("加性注意力") == in_english("加性") == "additive"
    assert in_english("注意力") is None
