"""What is called otherwise elsewhere is named by what there is here."""

from attnlab import attention
from attnlab.config.called_elsewhere import KEYS_ELSEWHERE, NAMES_ELSEWHERE, called_here
from attnlab.config.compose import options
from attnlab.config.suggestions import groups_with


def test_each_name_is_one_of_a_group_here_and_no_name_here_is_called_otherwise() -> None:
    assert [here for here in NAMES_ELSEWHERE.values() if not groups_with(here)] == []
    assert [name for name in NAMES_ELSEWHERE if groups_with(name)] == []


def test_names_are_known_however_they_are_written() -> None:
    assert called_here("Multi-Head") == called_here("multi_head") == "scaled_dot"
    assert called_here("scaled_dot") is None


def test_a_class_is_called_by_its_files_name() -> None:
    classes = [name for name in dir(attention) if name.endswith("Attention")]
    assert {called_here(name) for name in classes} <= {*options("attention")}


def test_no_key_is_called_as_itself() -> None:
    assert [key for key, here in KEYS_ELSEWHERE.items() if key in here] == []
