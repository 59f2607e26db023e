"""Figures: every label legible, every number in its place, nothing global touched."""

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path

import matplotlib
import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.transforms import Bbox
from numpy.typing import NDArray
from torch import Tensor

from attnlab.reporting.figures import attention_map, learning_curve, save
from attnlab.reporting.figures.canvas import new_figure
from attnlab.reporting.figures.labels import CHINESE_FONT, LATIN_FAMILY, drawable, readable, text_style

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


def tokens(count: int) -> list[str]:
    words = ["猫", "chasing", "internationalization", "a", "老鼠", "$5", "▁of"]
    return [words[i % len(words)] for i in range(count)]


def panels(figure: Figure) -> list[Axes]:
    return figure.axes[:-1]  # the last is the colour bar


def drawn(axes: Axes) -> NDArray[np.float32]:
    return np.asarray(axes.images[0].get_array())


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


def test_rows_are_targets_and_columns_are_sources() -> None:
    weights = random_weights(3, 5)
    figure = attention_map(weights, source_tokens=list("abcde"), target_tokens=["喜", "欢", "z"], title="map")
    (axes,) = panels(figure)
    assert np.array_equal(drawn(axes), weights.numpy())
    assert [label.get_text() for label in axes.get_xticklabels()] == list("abcde")
    assert [label.get_text() for label in axes.get_yticklabels()] == ["喜", "欢", "z"]
    assert axes.xaxis.get_ticks_position() == "top"
    assert axes.yaxis_inverted(), "the first target stands on top"
    assert axes.images[0].get_clim() == (0.0, pytest.approx(weights.max().item()))


def test_heads_follow_their_mean_on_one_scale() -> None:
    weights = random_weights(5, 3, 7)
    figure = attention_map(weights, source_tokens=tokens(7), target_tokens=tokens(3))
    axes = panels(figure)
    assert [each.get_xlabel() for each in axes] == ["mean of heads", *(f"head {i}" for i in range(1, 6))]
    assert np.allclose(drawn(axes[0]), weights.mean(0).numpy())
    for head, each in zip(weights, axes[1:], strict=True):
        assert np.array_equal(drawn(each), head.numpy())
    assert len({each.images[0].get_clim() for each in axes}) == 1


def test_one_head_is_one_map() -> None:
    assert len(panels(attention_map(random_weights(1, 3, 5), source_tokens=tokens(5), target_tokens=tokens(3)))) == 1


def test_values_are_printed_in_small_maps_in_ink_that_stands_out() -> None:
    weights = torch.tensor([[0.0, 0.25, 1.0], [0.5, 0.75, 0.125]])
    (axes,) = panels(attention_map(weights, source_tokens=list("abc"), target_tokens=list("de")))
    assert [text.get_text() for text in axes.texts] == ["0.00", "0.25", "1.00", "0.50", "0.75", "0.12"]
    assert axes.texts[0].get_color() == "white", "0 is dark"
    assert axes.texts[2].get_color() == "black", "the largest weight is bright"
    (axes,) = panels(attention_map(random_weights(3, 11), source_tokens=tokens(11), target_tokens=tokens(3)))
    assert not axes.texts


def test_brightness_grows_with_the_weight() -> None:
    (axes,) = panels(attention_map(torch.linspace(0, 1, 97)[None], source_tokens=tokens(97), target_tokens=["x"]))
    luminance = axes.images[0].to_rgba(drawn(axes))[0, :, :3] @ [0.2126, 0.7152, 0.0722]
    assert (np.diff(luminance) > 0).all(), "told apart without colour vision"


def test_negative_weights_get_a_scale_centred_on_zero() -> None:
    weights = torch.tensor([[-0.5, 0.25, 0.0]])
    (axes,) = panels(attention_map(weights, source_tokens=list("abc"), target_tokens=["x"]))
    assert axes.images[0].get_clim() == (-0.5, 0.5)


@pytest.mark.parametrize("value", [0.0, float("nan"), float("inf")])
def test_degenerate_weights_are_still_drawn(value: float) -> None:
    attention_map(torch.full((3, 5), value), source_tokens=tokens(5), target_tokens=tokens(3)).canvas.draw()


@pytest.mark.parametrize(
    "shape", [(1, 1), (3, 3), (2, 41), (41, 2), (17, 23), (120, 120), (8, 13, 11), (4, 61, 79)], ids=str
)
def test_labels_stay_inside_and_apart_and_the_size_stays_sane(shape: tuple[int, ...]) -> None:
    num_targets, num_sources = shape[-2:]
    figure = attention_map(
        random_weights(*shape), source_tokens=tokens(num_sources), target_tokens=tokens(num_targets), title="layer 2"
    )
    figure.canvas.draw()
    width, height = figure.canvas.get_width_height()
    assert 100 <= width <= 3400
    assert 100 <= height <= 3400
    page = Bbox.from_bounds(-1, -1, width + 2, height + 2)
    for axes in figure.axes:
        rows = [label.get_window_extent() for label in axes.get_yticklabels() if label.get_text()]
        columns = [label.get_window_extent() for label in axes.get_xticklabels() if label.get_text()]
        for box in rows + columns + [axes.get_window_extent()]:
            assert page.containsx(box.x0)
            assert page.containsx(box.x1)
            assert page.containsy(box.y0)
            assert page.containsy(box.y1)
        centres = sorted((box.y0 + box.y1) / 2 for box in rows)
        line = min((box.height for box in rows), default=0)
        assert all(below - above >= 0.8 * line for above, below in pairwise(centres))


@pytest.mark.parametrize("shape", [(3, 5), (1, 1), (17, 61), (41, 2), (3, 5, 7)], ids=str)
def test_copy_probabilities_stand_beside_their_words_on_a_scale_of_their_own(shape: tuple[int, ...]) -> None:
    num_targets, num_sources = shape[-2:]
    shares = torch.rand(num_targets).tolist()
    figure = attention_map(
        random_weights(*shape),
        source_tokens=tokens(num_sources),
        target_tokens=tokens(num_targets),
        copy_probabilities=shares,
    )
    figure.canvas.draw()
    *maps, strip, bar = figure.axes
    assert drawn(strip)[:, 0] == pytest.approx(shares)
    assert strip.images[0].get_clim() == (0, 1)
    assert [label.get_text() for label in strip.get_xticklabels()] == ["copied"]
    first, beside, last = (axes.get_window_extent() for axes in (maps[0], strip, bar))
    assert (beside.y0, beside.y1) == pytest.approx((first.y0, first.y1)), "rows are level with the map's"
    assert max(axes.get_window_extent().x1 for axes in maps) < beside.x0
    assert beside.x1 < last.x0
    width, height = figure.canvas.get_width_height()
    for label in [*strip.get_xticklabels(), *bar.get_yticklabels()]:
        box = label.get_window_extent()
        assert -1 <= box.x0 <= box.x1 <= width + 1
        assert -1 <= box.y0 <= box.y1 <= height + 1


def test_weights_that_dont_fit_the_tokens_are_refused() -> None:
    with pytest.raises(ValueError, match="each of 3 target tokens needs a probability, got 2"):
        attention_map(
            random_weights(3, 5), source_tokens=tokens(5), target_tokens=tokens(3), copy_probabilities=[0.1, 0.2]
        )
    with pytest.raises(ValueError, match=r"must be \(target tokens, source tokens\) = \(3, 5\), got \(5, 3\)"):
        attention_map(random_weights(5, 3), source_tokens=tokens(5), target_tokens=tokens(3))
    with pytest.raises(ValueError, match=r"must be \(Tq, Tk\) or \(H, Tq, Tk\) and not empty, got \(2, 2, 3, 5\)"):
        attention_map(random_weights(2, 2, 3, 5), source_tokens=tokens(5), target_tokens=tokens(3))
    with pytest.raises(ValueError, match="not empty"):
        attention_map(torch.zeros(0, 3, 5), source_tokens=tokens(5), target_tokens=tokens(3))


def test_weights_in_training_are_drawn_without_touching_their_graph() -> None:
    weights = random_weights(3, 5).bfloat16().requires_grad_()
    attention_map(weights, source_tokens=tokens(5), target_tokens=tokens(3))
    assert weights.grad is None


def test_a_saved_figure_is_a_png_the_same_bytes_each_time(tmp_path: Path) -> None:
    def draw(path: Path) -> bytes:
        figure = attention_map(random_weights(3, 5), source_tokens=tokens(5), target_tokens=tokens(3), title="猫")
        return save(figure, path).read_bytes()

    first = draw(tmp_path / "new" / "folder" / "a.png")
    assert first.startswith(b"\x89PNG")
    assert draw(tmp_path / "b.png") == first
    assert sorted(path.name for path in tmp_path.rglob("*.*")) == ["a.png", "b.png"], "no temporary file is left"


def test_a_save_that_fails_leaves_the_old_file_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(b"old")

    def fail(source: object, target: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(OSError, match="disk full"):
        save(new_figure(1, 1), path)
    assert [(each.name, each.read_bytes()) for each in tmp_path.iterdir()] == [("a.png", b"old")]


def test_only_png_is_written(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"must end in \.png, got map\.jpg"):
        save(new_figure(1, 1), tmp_path / "map.jpg")


def test_threads_draw_what_one_thread_draws(tmp_path: Path) -> None:
    def draw(number: int) -> bytes:
        figure = attention_map(random_weights(3, 2 + number), source_tokens=tokens(2 + number), target_tokens=tokens(3))
        return save(figure, tmp_path / f"{number}.png").read_bytes()

    alone = [draw(number) for number in range(5)]
    with ThreadPoolExecutor(3) as pool:
        assert list(pool.map(draw, range(5))) == alone


def test_nothing_global_is_touched(tmp_path: Path) -> None:
    code = (
        "import sys, torch, matplotlib; before = matplotlib.rcParams.copy()\n"
        "from attnlab.reporting.figures import attention_map, save\n"
        "save(attention_map(torch.rand(2, 3), source_tokens=['猫', 'b', 'c'], target_tokens=['d', 'e']), 'map.png')\n"
        "assert matplotlib.rcParams.copy() == before\n"
        "assert 'matplotlib.pyplot' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=tmp_path)
    assert (tmp_path / "map.png").is_file()


def test_a_learning_curve_draws_each_point_and_leaves_gaps() -> None:
    curves = {"train/loss": [(1, 3.0), (2, float("nan")), (3, 2.0)], "验证 $": [(2, 2.5)]}
    figure = learning_curve(curves, title="猫", y_label="损失")
    figure.canvas.draw()
    (axes,) = figure.axes
    assert [line.get_label() for line in axes.lines] == ["train/loss", "验证 $"]
    assert axes.lines[0].get_xdata().tolist() == [1, 2, 3]  # type: ignore[union-attr]
    assert np.isnan(axes.lines[0].get_ydata()[1])  # type: ignore[index]
    assert axes.get_legend() is not None


def test_a_learning_curve_without_points_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one curve must have a point"):
        learning_curve({"train/loss": []})


@settings(deadline=None, max_examples=23)
@given(st.lists(st.text(max_size=5), min_size=1, max_size=3))
def test_names_from_anywhere_can_be_drawn(names: list[str]) -> None:
    learning_curve({name: [(0, 1.0), (1, 2.0)] for name in names}, title=names[0], x_label=names[-1]).canvas.draw()
