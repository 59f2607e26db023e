"""Grids and films hold just the pixels they were given."""

import os
import re
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image, UnidentifiedImageError

from attnlab.reporting.figures import picture_grid, save_film, save_pixels
from attnlab.reporting.figures.pixels import GAP, GREY, LONGER_SIDE, grid_columns


def _pictures(*shape: int) -> torch.Tensor:
    return torch.randint(0, 256, shape, generator=torch.Generator().manual_seed(3), dtype=torch.uint8)


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("num, columns, rows", [(7, 3, 3), (6, 3, 2), (2, 5, 1), (1, 1, 1)])
def test_a_grid_holds_every_picture_row_by_row_enlarged_by_a_whole_factor(
    channels: int, num: int, columns: int, rows: int
) -> None:
    pictures = _pictures(num, channels, 11, 17)
    grid = picture_grid(pictures, columns=columns)
    columns = min(columns, num)
    factor = (grid.size(2) + GAP) // columns // 17
    assert factor > 1
    high, wide = 11 * factor + GAP, 17 * factor + GAP
    assert grid.shape == (channels, rows * high - GAP, columns * wide - GAP)
    for number in range(rows * columns):
        top, left = number // columns * high, number % columns * wide
        shown = grid[:, top : top + high - GAP, left : left + wide - GAP]
        if number < num:
            for row in range(factor):  # all of an enlarged pixel is that pixel
                assert torch.equal(shown[:, row::factor, factor - 1 - row :: factor], pictures[number])
        else:
            assert (shown == GREY).all()


@pytest.mark.parametrize(
    "num, num_classes, columns",
    [
        (64, None, 8),
        (65, None, 9),
        (64, 10, 10),
        (400, 10, 20),
        (64, 2, 8),
        (64, 3, 9),
        (64, 1, 8),
        (1, 1, 1),
        (64, 16, 16),
        (64, 17, 8),
        (100, 100, 10),
        (5, 10, 3),
    ],
)
def test_grids_are_about_square_and_of_whole_turns_of_classes(num: int, num_classes: int | None, columns: int) -> None:
    assert grid_columns(num, num_classes=num_classes) == columns


def test_large_pictures_stay_as_they_are() -> None:
    grid = picture_grid(_pictures(4, 1, LONGER_SIDE, 5), columns=2)
    assert grid.shape == (1, 2 * LONGER_SIDE + GAP, 2 * 5 + GAP)


@pytest.mark.parametrize("shape, columns", [((3, 5, 7), 1), ((2, 2, 5, 7), 1), ((0, 1, 5, 7), 1), ((2, 1, 5, 7), 0)])
def test_what_makes_no_grid_is_refused(shape: tuple[int, ...], columns: int) -> None:
    with pytest.raises(ValueError, match=re.escape(f"got {shape} in {columns} columns")):
        picture_grid(torch.zeros(shape, dtype=torch.uint8), columns=columns)


@pytest.mark.parametrize("channels", [1, 3])
def test_a_file_of_pixels_holds_just_these_the_same_bytes_each_time(tmp_path: Path, channels: int) -> None:
    pixels = _pictures(channels, 11, 17)
    path = save_pixels(pixels, tmp_path / "new" / "a.png")
    with Image.open(path) as image:
        assert image.mode == ("L" if channels == 1 else "RGB")
        assert np.array_equal(np.asarray(image).reshape(11, 17, channels), pixels.permute(1, 2, 0).numpy())
    assert save_pixels(pixels, tmp_path / "b.png").read_bytes() == path.read_bytes()


def _frames(film: Path) -> list[np.ndarray]:
    found = []
    with Image.open(film) as image:
        for number in range(image.n_frames):
            image.seek(number)
            found.append(np.asarray(image.convert("RGB")))
    return found


@pytest.mark.parametrize("channels", [1, 3])
def test_a_film_shows_every_frame_in_order_without_loss(tmp_path: Path, channels: int) -> None:
    frames = [
        save_pixels(each, tmp_path / f"{number}.png") for number, each in enumerate(_pictures(5, channels, 11, 17))
    ]
    film = save_film(frames, tmp_path / "film.webp")
    for shown, frame in zip(_frames(film), frames, strict=True):
        with Image.open(frame) as image:
            assert np.array_equal(shown, np.asarray(image.convert("RGB")))
    assert save_film(frames, tmp_path / "again.webp").read_bytes() == film.read_bytes()


def test_a_long_film_keeps_its_ends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("attnlab.reporting.figures.pixels.MOST_FRAMES", 4)
    frames = [
        save_pixels(torch.full((1, 5, 7), 20 * number, dtype=torch.uint8), tmp_path / f"{number}.png")
        for number in range(11)
    ]
    assert [frame[0, 0, 0] // 20 for frame in _frames(save_film(frames, tmp_path / "film.webp"))] == [0, 3, 7, 10]
    with pytest.raises(ValueError, match="a film needs a frame, got none for film"):
        save_film([], Path("film.webp"))


def test_a_frame_is_a_png_whatever_lies_there(tmp_path: Path) -> None:
    """Of other formats some have another program run, and a pipe is waited for."""
    frame = save_pixels(torch.zeros(1, 5, 7, dtype=torch.uint8), tmp_path / "a.png")
    with Image.open(frame) as image:
        image.convert("RGB").save(tmp_path / "b.png", format="EPS")
    with pytest.raises(UnidentifiedImageError):
        save_film([tmp_path / "b.png", frame], tmp_path / "film.webp")
    os.mkfifo(tmp_path / "c.png")
    with pytest.raises(OSError, match="a pipe, not a file"):
        save_film([tmp_path / "c.png", frame], tmp_path / "film.webp")
