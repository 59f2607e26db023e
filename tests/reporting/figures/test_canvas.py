"""Figures on disk are whole, and the same bytes each time; nothing global is touched."""

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import torch
from torch import Tensor

from attnlab.reporting.figures import attention_map, save
from attnlab.reporting.figures.canvas import (
    new_figure,
    new_panelled_figure,
    put_notes,
    put_title,
    text_size,
    wrapped,
)


def random_weights(*shape: int) -> Tensor:
    return torch.rand(*shape, generator=torch.Generator().manual_seed(7)).softmax(-1)


def tokens(count: int) -> list[str]:
    words = ["猫", "chasing", "internationalization", "a", "老鼠", "$5", "▁of"]
    return [words[i % len(words)] for i in range(count)]


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


def test_other_formats_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"must end in \.png, \.pdf or \.svg, got map\.jpg"):
        save(new_figure(1, 1), tmp_path / "map.jpg")


@pytest.mark.parametrize("kind, start", [("pdf", b"%PDF"), ("svg", b"<?xml")])
def test_a_drawing_for_print_is_the_same_to_the_byte_and_has_its_letters(
    tmp_path: Path, kind: str, start: bytes
) -> None:
    def draw(folder: str) -> bytes:
        figure = attention_map(random_weights(2, 3), source_tokens=["猫", "b", "c"], target_tokens=["d", "e"])
        return save(figure, tmp_path / folder / f"map.{kind}").read_bytes()

    drawn = draw("a")
    assert drawn.startswith(start)
    assert draw("b") == drawn
    if kind == "pdf":
        assert b"/Type3" not in drawn, "publishers refuse such fonts"
        assert b"/CreationDate" not in drawn


def test_a_long_line_is_wrapped_and_nothing_of_it_is_lost() -> None:
    text = "translation_quickstart-attention_seq2seq-additive · 神说要有光就有了光神看光是好的 " + "x" * 90
    lines = wrapped(text, width=1.5, points=9)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
    assert all(text_size([line], 9)[0] <= 1.6 for line in lines)


def test_title_and_notes_stay_within_a_narrow_figure_and_off_its_panels() -> None:
    figure = new_panelled_figure(2.0, 1.5)
    axes = figure.add_subplot()
    put_title(figure, "a title that is longer than the figure is wide")
    put_notes(figure, ["", "a note that is longer than the figure is wide, too", "run 0123456789"])
    figure.canvas.draw()
    width, height = figure.canvas.get_width_height()
    panel = axes.get_tightbbox()
    assert panel is not None
    *notes, title = sorted(figure.texts, key=lambda text: text.get_window_extent().y0)
    assert len(notes) == 3
    for text in figure.texts:
        box = text.get_window_extent()
        assert -1 <= box.x0 <= box.x1 <= width + 1
        assert -1 <= box.y0 <= box.y1 <= height + 1
    assert max(text.get_window_extent().y1 for text in notes) <= panel.y0
    assert title.get_window_extent().y0 >= panel.y1


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
