"""What is called otherwise elsewhere is named by what there is here."""

import pytest

from attnlab.config.called_elsewhere import (
    KEYS_ELSEWHERE,
    NAMES_ELSEWHERE,
    ROLES_ELSEWHERE,
    called_here,
    name_guess,
    no_mechanism,
)
from attnlab.config.suggestions import groups_with


def test_each_name_is_one_of_a_group_here_and_no_name_here_is_called_otherwise() -> None:
    assert [here for here in NAMES_ELSEWHERE.values() if not groups_with(here)] == []
    assert [name for name in NAMES_ELSEWHERE if groups_with(name)] == []


def test_names_are_known_however_they_are_written() -> None:
    assert called_here("Multi-Head") == called_here("multi_head") == "scaled_dot"
    assert called_here("scaled_dot") is None
    assert called_here("加性注意力") == called_here("加性") == "additive"


@pytest.mark.parametrize("name, role", [("双向", "self"), ("自注意力", "self"), ("Cross-Attention", "cross")])
def test_a_role_is_told_from_a_mechanism(name: str, role: str) -> None:
    assert f"attnlab explain scaled_dot --role {role} shows it" in no_mechanism(name)
    assert called_here(name) is None


def test_a_mechanism_is_no_role() -> None:
    assert no_mechanism("additive") == no_mechanism("加性注意力") == ""
    assert [name for name in ROLES_ELSEWHERE if groups_with(name)] == []


@pytest.mark.parametrize(
    "name, known, said",
    [
        ("翻译", ["ner", "translation"], " (did you mean translation?)"),
        ("翻译", ["attention_in_ner", "attention_in_translation"], " (did you mean attention_in_translation?)"),
        ("目标检测", ["object_detection_bccd", "induction"], " (did you mean object_detection_bccd?)"),
        ("翻译", ["induction"], ""),
        ("translate", ["translation"], " (did you mean translation?)"),
    ],
)
def test_a_guess_is_by_what_else_a_name_is_called(name: str, known: list[str], said: str) -> None:
    assert name_guess(name, known) == said


def test_no_key_is_called_as_itself() -> None:
    assert [key for key, here in KEYS_ELSEWHERE.items() if key in here] == []
