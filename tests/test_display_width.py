"""Text in columns: Chinese takes two, combining marks none."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attnlab.display_width import display_width, pad, shorten


@pytest.mark.parametrize(
    "text, width", [("", 0), ("cat", 3), ("猫", 2), ("猫 cat", 6), ("，", 2), ("e\u0301", 1), ("あ", 2)]
)
def test_width_counts_terminal_columns(text: str, width: int) -> None:
    assert display_width(text) == width


@given(st.text(alphabet="aé猫，e\u0301 x", max_size=13), st.integers(1, 17))
def test_shortened_text_fits_and_is_kept_whole_where_it_did(text: str, width: int) -> None:
    shortened = shorten(text, width)
    assert display_width(shortened) <= width
    assert shortened == text if display_width(text) <= width else shortened.endswith("…")


@given(st.text(alphabet="a猫，e\u0301", max_size=7))
def test_padded_texts_end_at_the_same_column(text: str) -> None:
    assert display_width(pad(text, 17)) == 17
    assert pad(text, 17).rstrip(" ") == text
