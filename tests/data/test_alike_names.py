"""Names that are hardly meant to be two are found, and others aren't."""

import pytest

from attnlab.data.alike_names import alike, shown, written_like


@pytest.mark.parametrize(
    "names, groups",
    [
        (["PER", "LOC", "per", "Loc"], [["LOC", "Loc"], ["PER", "per"]]),
        (["dog", "dog ", " dog", "cat"], [[" dog", "dog", "dog "]]),
        (["work of art", "WORK_OF_ART", "work-of  art"], [["WORK_OF_ART", "work of art", "work-of  art"]]),
        (["PER", "PER\u200b", "ＰＥＲ"], [["PER", "PER\u200b", "ＰＥＲ"]]),
        (["a", "A", "b", "B"], []),  # letters of handwriting
        (["-1", "1", "1-2", "12"], []),
        (["cat", "cats", "Katze", "猫"], []),
    ],
)
def test_names_are_alike_but_for_case_blanks_and_hyphens(names: list[str], groups: list[list[str]]) -> None:
    assert alike(names) == groups


def test_what_cant_be_seen_is_shown_and_many_groups_are_counted() -> None:
    assert shown([["dog", "dog "], ["PER", "PER\u200b"]]) == r"dog/'dog ', PER/'PER\u200b'"
    assert shown([[f"a{n}", f"A{n}"] for n in range(7)]).endswith("a4/A4 and 2 more")


def test_what_another_name_is_meant_for_is_told() -> None:
    assert written_like("Dog", ["cat", "dog"]) == "dog"
    assert written_like("dog", ["cat", "dog"]) is None
