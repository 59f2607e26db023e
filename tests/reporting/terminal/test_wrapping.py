"""Paragraphs stand within their columns, whatever a character takes."""

import pytest

from attnlab.reporting.terminal.text import display_width
from attnlab.reporting.terminal.wrapping import CLOSING, OPENING, wrapped


def test_chinese_is_parted_by_the_columns_it_takes() -> None:
    lines = wrapped("一个中文句子，里面有 English words 和标点。" * 4, 40, indent=4)
    assert all(display_width(line) <= 40 and line.startswith("    ") for line in lines)
    assert "".join(line.strip() for line in lines).replace(" ", "").count("一个中文句子") == 4
    assert not any(line.strip().startswith(("，", "。")) for line in lines)


@pytest.mark.parametrize("width", range(24, 60))
def test_signs_stand_with_what_they_open_or_close(width: int) -> None:
    for text in ("内含（" + "alibi, block_sparse, " * 3 + "uniform）：axial。", "甲（乙“丙”丁）、戊《己》。" * 5):
        lines = wrapped(text, width, indent=2)
        assert not any(line.strip().startswith(tuple(CLOSING)) for line in lines)
        assert not any(line.endswith(tuple(OPENING)) for line in lines)
        assert all(display_width(line) <= width for line in lines)


def test_a_line_without_chinese_is_parted_between_words() -> None:
    assert wrapped("as well-known words are", 12, indent=2) == ["  as", "  well-known", "  words are"]
