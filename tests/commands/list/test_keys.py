"""A name's keys as a terminal shows them: every one, within its columns."""

import pytest

from attnlab.commands.list import keys
from attnlab.commands.list.catalogue import GROUPS, names_of
from attnlab.config.choices import Choice, choice
from attnlab.config.conf_path import conf_dir
from attnlab.reporting.terminal.text import display_width

OURS = [conf_dir()]


def _lines(found: Choice, *, width: int, language: str = "en") -> list[str]:
    return keys.render(found, ["a_task"], language=language, width=width, groups=GROUPS)


@pytest.mark.parametrize("width", [80, 100])
@pytest.mark.parametrize("group", GROUPS)
@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_name_is_shown_within_its_columns(group: str, language: str, width: int) -> None:
    for name in names_of(group, OURS):
        found = choice(group, name, OURS)
        lines = _lines(found, width=width, language=language)
        long = [line for line in lines if display_width(line) > width and len(line.split()) > 2]
        assert not long, name
        for key in found.keys:
            assert key.name in found.slots or any(line.strip().startswith(key.name) for line in lines), key


def test_a_choice_of_another_group_is_named() -> None:
    content = keys.content(choice("data", "conll", OURS), ["ner"], language="en", groups=GROUPS)
    assert {key["key"]: key["comment"] for key in content["keys"]}["data.tokenizer"] == "tokenizer=NAME"
    assert content["tasks"] == ["ner"]
