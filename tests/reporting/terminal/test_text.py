"""Text in columns: Chinese takes two, combining marks none, and an emoji two of however many characters."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attnlab.reading.shown import without_controls
from attnlab.reporting.terminal.text import display_width, one_line, pad, shorten

HEART, FAMILY, KEYCAP, FLAG, SKIN = "❤\ufe0f", "👨\u200d👩\u200d👧\u200d👦", "1\ufe0f\u20e3", "🇩🇪", "👍🏽"
HINDI = "ह\u093fन\u094dद\u0940"  # two syllables, the second of two consonants
ACCENTS = "e\u0301\u0323"
CHARACTERS = [HEART, FAMILY, KEYCAP, FLAG, SKIN, ACCENTS, "न\u094dद\u0940", "猫", "，", "ｶ", "a", " "]


@pytest.mark.parametrize(
    "text, width",
    [
        ("", 0),
        ("cat", 3),
        ("猫", 2),
        ("猫 cat", 6),
        ("，", 2),
        ("あ", 2),
        ("한글", 4),
        ("ｶﾞ", 2),  # half-width, and its voicing mark likewise
        ("Ａ", 2),
        ("e\u0301", 1),
        (ACCENTS, 1),
        ("ש\u05c1\u05b8", 1),
        (HINDI, 4),
        ("ก\u0e33", 2),
        (HEART, 2),
        ("❤", 1),
        ("☎\ufe0e", 1),
        (FAMILY, 2),
        ("🧑🏽\u200d🚀", 2),
        (KEYCAP, 2),
        (FLAG, 2),
        ("🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f", 2),
        (SKIN, 2),
        ("a\u200bb", 2),
        ("a\x07b\x00", 2),
        ("\x1b[31mred\x1b[0m", 3),
    ],
)
def test_width_counts_terminal_columns(text: str, width: int) -> None:
    assert display_width(text) == width


@given(st.lists(st.sampled_from(CHARACTERS), max_size=13).map("".join) | st.text(max_size=13), st.integers(1, 17))
def test_shortened_text_fits_and_is_kept_whole_where_it_did(text: str, width: int) -> None:
    shortened = shorten(text, width)
    assert display_width(shortened) <= width
    assert shortened == text if display_width(text) <= width else shortened.endswith("…")


@given(st.lists(st.sampled_from(CHARACTERS), max_size=13), st.integers(1, 17))
def test_what_reads_as_one_character_is_never_cut(characters: list[str], width: int) -> None:
    text = "".join(characters)
    if (shortened := shorten(text, width)) != text:
        beginnings = ["".join(characters[:end]).rstrip() for end in range(len(characters))]
        assert shortened.removesuffix("…") in beginnings


@given(st.lists(st.sampled_from([each for each in CHARACTERS if each != " "]), max_size=7).map("".join))
def test_padded_texts_end_at_the_same_column(text: str) -> None:
    assert display_width(pad(text, 17)) == 17
    assert pad(text, 17).rstrip(" ") == text


@given(st.characters(categories=["Mn", "Me"], max_codepoint=0xFFFF))
def test_a_combining_mark_adds_no_column(mark: str) -> None:
    assert display_width("a" + mark) == 1


@given(st.text(alphabet="a\t\n\v\f\r\x1b\x85\x9b\u2028\u2029\0"))
def test_one_line_without_controls_is_one_for_every_reader_and_moves_no_terminal(text: str) -> None:
    shown = one_line(without_controls(text), end="⏎")
    assert len(shown.splitlines()) <= 1
    assert len(without_controls(text)) == len(text)
    assert set(shown) <= set("a\t⏎\ufffd")
    assert one_line("a\r\nb\n\nc") == "a b  c"
