"""What a page is made of."""

import pytest

from attnlab.reporting.pages.report.contents import Answer, Box, Mark, Sample, Table, Text, pairs, plain


def test_texts_are_in_both_languages_and_none_goes_without() -> None:
    assert pairs(["arm", "runs"], ["组", "次"]) == [Text("arm", "组"), Text("runs", "次")]
    with pytest.raises(ValueError, match="shorter"):
        pairs(["arm", "runs"], ["组"])


def test_a_cell_is_a_command_in_its_column_and_where_there_is_one() -> None:
    row = [plain("dot"), plain("0"), plain("attnlab train")]
    table = Table(name="runs", caption=plain("runs"), heads=row, rows=[row], commands=2)
    assert [table.is_command(row, column) for column in range(3)] == [False, False, True]
    assert not table.is_command([*row[:2], plain("-")], 2)


@pytest.mark.parametrize("marks", [None, [], [Mark(Box(0, 0, 1, 1, "cat", None), "there", 0, 1)]])
def test_a_picture_stands_alone_unless_boxes_lie_on_it(marks: list[Mark] | None) -> None:
    answer = Answer(name=plain("a"), arm="a", marks=marks)
    assert Sample(number=1, given="", picture=None, size=None, answers=[answer]).boxed == (marks is not None)


@pytest.mark.parametrize("picture", [None, "data:image/png;base64,AA"])
def test_what_was_made_is_of_no_example(picture: str | None) -> None:
    answer = Answer(name=plain("a"), arm="a", picture=picture)
    assert Sample(number=1, given="", picture=None, size=None, answers=[answer]).made == (picture is not None)
