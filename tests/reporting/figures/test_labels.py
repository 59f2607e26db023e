"""Text in figures: tokens as anyone typed them, in Chinese or not, never drawn as boxes or formulas."""

import matplotlib
import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray
from torch import Tensor

from attnlab.reporting.figures import attention_map
from attnlab.reporting.figures.canvas import new_figure
from attnlab.reporting.figures.labels import readable
from attnlab.reporting.figures.style import CHINESE_FONT, LATIN_FAMILY, drawable, text_style

NASTY = [
    "$",
    "$x_1$",
    r"\frac{",
    "_^",
    "",
    "   ",
    "\t",
    "\n",
    "\x07",
    "\u0301",
    "e\u0301",
    "é",
    "\u200b",
    "❤\ufe0f",
    "😀",
]
NASTY += ["ᚠ", "한", "\ud800", "\U0010ffff", "猫", "龜", "、", "ｶﾅ", "ひ", "</s>", "▁the", "Ġthe", "x" * 97, "追" * 53]


def random_weights(*shape: int) -> Tensor:
    return torch.rand(*shape, generator=torch.Generator().manual_seed(7)).softmax(-1)


def panels(figure: Figure) -> list[Axes]:
    return figure.axes[:-1]  # the last is the colour bar


def pixels(text: str, **style: object) -> NDArray[np.uint8]:
    figure = new_figure(1, 1)
    figure.text(0.1, 0.3, text, fontsize=30, **style)  # type: ignore[arg-type]
    figure.canvas.draw()
    return np.asarray(figure.canvas.buffer_rgba())  # type: ignore[attr-defined]


def test_chinese_is_drawn_as_itself_and_not_as_a_missing_glyph() -> None:
    cat, dog = pixels("猫", **text_style()), pixels("狗", **text_style())
    with pytest.warns(UserWarning, match="missing from font"):
        box = pixels("猫", fontfamily=LATIN_FAMILY)
    assert (cat < 128).any()
    for one, other in ((cat, dog), (cat, box), (dog, box)):
        assert (one != other).any()


@pytest.mark.parametrize("encoding", ["gb2312", "big5"])
def test_the_fonts_have_every_character_of_common_chinese_encodings(encoding: str) -> None:
    hanzi = range(0x4E00, 0xA000)
    encodable = [c for c in map(chr, hanzi) if c.encode(encoding, errors="ignore")]
    assert len(encodable) > 6000
    assert not [c for c in encodable if ord(c) not in drawable()]


def test_the_bundled_font_is_small_named_ours_and_carries_its_licence() -> None:
    font = matplotlib.ft2font.FT2Font(str(CHINESE_FONT))
    assert font.family_name == "AttnLab CJK"
    assert CHINESE_FONT.stat().st_size < 2.2e6
    assert "Apache License" in (CHINESE_FONT.parent / "LICENSE-APACHE-2.0.txt").read_text(encoding="utf-8")
    assert CHINESE_FONT.name in (CHINESE_FONT.parent / "NOTICE.txt").read_text(encoding="utf-8")


@given(st.text(max_size=11))
def test_readable_text_is_one_line_of_drawable_characters_and_never_empty(text: str) -> None:
    shown = readable(text)
    assert shown
    assert shown.isprintable()
    assert all(ord(character) in drawable() for character in shown)
    assert readable(shown) == shown or shown.isspace()


def test_readable_leaves_ordinary_text_alone_and_composes_accents() -> None:
    for text in ("cat", "黑色的猫", "¿qué?", "$x_1$", "▁the", "a b", "。"):
        assert readable(text) == text
    assert readable("e\u0301") == "é"
    assert [readable(text) for text in ("", "  ", "\u0301", "a\nb", "\x07", "\u200b")] == [
        "∅",
        "␣␣",
        "◌\u0301",
        "a b",
        "�",
        "∅",
    ]


def test_any_token_can_be_drawn_without_a_warning() -> None:
    figure = attention_map(
        random_weights(len(NASTY), len(NASTY)), source_tokens=NASTY, target_tokens=NASTY, title="$\\a{"
    )
    figure.canvas.draw()  # warnings are errors here
    labels = [label.get_text() for label in panels(figure)[0].get_yticklabels()]
    assert labels[1] == "$x_1$"
    assert labels[-1].endswith("…")
