"""Labels in brackets and in small letters become those of a scheme, or are refused at their place."""

import pytest

from attnlab.data.tagging.label_schemes import InvalidLabel
from attnlab.data.tagging.written_labels import (
    from_brackets,
    in_capitals,
    is_bracketed,
    is_label,
    is_small_label,
    small_letters,
    type_of,
)


def test_brackets_hold_entities() -> None:
    labels = ["*", "(WORK_OF_ART*", "*", "*)", "(GPE)", "*", "(ORG*)"]
    assert all(map(is_bracketed, labels))
    assert from_brackets(labels) == ["O", "B-WORK_OF_ART", "I-WORK_OF_ART", "I-WORK_OF_ART", "B-GPE", "O", "B-ORG"]
    assert [type_of(each) for each in labels] == [None, "WORK_OF_ART", None, None, "GPE", None, "ORG"]


@pytest.mark.parametrize("value", ["", "(", ")", "()", "(A", "A)", "(A(B*", "**", "-", "(1|2)*"])
def test_what_only_looks_like_a_bracket(value: str) -> None:
    assert not is_bracketed(value)


@pytest.mark.parametrize(
    "labels, place", [(["*)"], 0), (["(A*", "(B*", "*)"], 1), (["(A*", "*"], 1), (["*", "B-A"], 1)]
)
def test_brackets_that_dont_pair_are_refused_where_they_stand(labels: list[str], place: int) -> None:
    with pytest.raises(InvalidLabel) as caught:
        from_brackets(labels)
    assert caught.value.position == place


@pytest.mark.parametrize(
    "labels, letters",
    [
        (["b-PER", "i-PER", "o"], "bio"),
        (["B-PER", "I-PER", "o"], "o"),
        (["b-per", "O"], "b"),
        (["B-PER", "0"], "0"),
        (["B-PER", "0", "O"], ""),
        (["B-PER", "0", "o"], "o"),
        (["B-PER", "O", "o", "b-PER"], ""),  # mistyped
        (["B-PER", "O", "e", "x", "label"], ""),
    ],
)
def test_small_letters_are_capitals_where_no_capital_is(labels: list[str], letters: str) -> None:
    assert small_letters(labels, lettered=True) == set(letters)
    assert small_letters(labels, lettered=False) <= {"o", "0"}


def test_types_keep_their_letters() -> None:
    assert in_capitals("b-per", frozenset("b")) == "B-per"
    assert in_capitals("b-per", frozenset("i")) == "b-per"
    assert in_capitals("0", frozenset("0")) == "O"
    assert in_capitals("broom", frozenset("b")) == "broom"
    assert [is_small_label(each) for each in ("i-per", "I-per")] == [True, False]
    assert [is_label(each) for each in ("i-per", "I-per")] == [False, True]
