"""What divides columns, and which lines hold a word."""

from pathlib import Path

import pytest

from attnlab.data.tagging.column_lines import Layout, Row, is_header, layout_of, with_names_of_misc, without_ranges


@pytest.mark.parametrize(
    "lines, separator",
    [
        (["a\tO", "b O"], None),
        (["a\tO", "b\tO", "c O"], "\t"),
        (["a O", ", O", "1,2 O"], None),
        (["a,O", '",",O', '"New York",O'], ","),
        (["a;O", "b;O"], ";"),
        (["a,b", "a,b,c", "a,b,c,d"], None),
    ],
)
def test_columns_are_divided_by_what_divides_all_lines_alike(lines: list[str], separator: str | None) -> None:
    assert layout_of(lines, lines).separator == separator


def test_fields_may_be_quoted_and_lines_of_nothing_are_blank() -> None:
    assert Layout(",").fields('"1,5",O') == ["1,5", "O"]
    assert [Layout(",").is_blank(line) for line in ("", ",,", " , ", '",",O')] == [True, True, True, False]
    assert [Layout(None).is_blank(line) for line in ("\t ", ",")] == [True, False]


@pytest.mark.parametrize(
    "fields, expected",
    [
        (["Sentence #", "Word", "POS", "Tag"], True),
        (["token", "NER"], True),
        (["label", "O"], False),
        (["text"], False),
    ],
)
def test_a_header_names_words_and_labels(fields: list[str], expected: bool) -> None:
    assert is_header(fields) is expected


def _rows(*lines: str) -> list[list[Row]]:
    return [[Row(number, line, line.split()) for number, line in enumerate(lines, start=1)]]


def test_ranges_and_empty_nodes_are_dropped_only_beside_numbers() -> None:
    numbered = without_ranges(_rows("1-2 du _", "1 de O", "2 le O", "2.1 x _"))
    assert [row.fields[1] for row in numbered[0]] == ["de", "le"]
    scores = _rows("1-2 NUM O", "won VBD O")
    assert without_ranges(scores) == scores
    pairs = _rows("1-2 O", "1 O")
    assert without_ranges(pairs) == pairs


def test_names_stand_among_other_things_in_the_last_of_ten_columns() -> None:
    misc = ["_", "NER=B-PER", "SpaceAfter=No|ner=I-PER", "Gloss=x", "name=B-LOC|A=b", "name=Ann"]
    rows = _rows(*(f"1 a a X _ _ 0 root _ {each}" for each in misc))
    assert [row.fields[-1] for row in with_names_of_misc(rows, Path())[0]] == ["O", "B-PER", "I-PER", "O", "B-LOC", "O"]
    others = _rows("1 a a X _ _ 0 root _ B-PER")
    assert with_names_of_misc(others, Path()) == others
