"""What counts as a word in scripts with spaces between words and without."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attnlab.data.text.script_words import folded, pieces, word_pattern


@pytest.mark.parametrize(
    "word, parts",
    [
        ("hello,", ["hello,"]),
        ("--", ["--"]),
        ("天空，很蓝。", ["天", "空，", "很", "蓝。"]),
        ("「天」iPhone13手机", ["「天」", "iPhone13", "手", "机"]),
        ("नमस्ते", ["नमस्ते"]),
    ],
)
def test_pieces(word: str, parts: list[str]) -> None:
    assert pieces(word) == parts


@given(st.text(min_size=1).filter(lambda text: text.split() == [text]))
def test_pieces_are_the_whole(word: str) -> None:
    assert "".join(pieces(word)) == word


def test_words_have_their_marks_and_no_punctuation_but_what_is_asked_for() -> None:
    text = folded("Ce\u0301dille, a_b हिन्दी")
    assert word_pattern().findall(text) == ["cédille", "a", "b", "हिन्दी"]
    assert word_pattern(also="_").findall(text) == ["cédille", "a_b", "हिन्दी"]


def test_folding_leaves_one_way_to_write_a_word() -> None:
    assert folded("E\u0301T\u00c9") == folded("\u00e9te\u0301")
    assert folded("Wort\xadende") == "wortende"
