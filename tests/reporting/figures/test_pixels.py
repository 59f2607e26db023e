"""Grids, films and rows of pictures hold just the pixels they were given; maps stand where their places are."""

import re
from pathlib import Path

import numpy as np
import pytest
import torch
from matplotlib.figure import Figure
from PIL import Image

from attnlab.reporting.figures import neighbour_rows, picture_grid, query_maps, save_film, save_pixels
from attnlab.reporting.figures.draw import draw
from attnlab.reporting.figures.pixels import GAP, GREY, LONGER_SIDE, grid_columns
from attnlab.reporting.pictures import QueryPicture, spread


def _pictures(*shape: int) -> torch.Tensor:
    return torch.randint(0, 256, shape, generator=torch.Generator().manual_seed(3), dtype=torch.uint8)


def _canvas(figure: Figure) -> np.ndarray:
    figure.canvas.draw()
    return np.asarray(figure.canvas.buffer_rgba())[..., :3]  # type: ignore[attr-defined]  # Agg's


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


@pytest.mark.parametrize(
    "num, most, numbers", [(5, 7, [0, 1, 2, 3, 4]), (11, 4, [0, 3, 7, 10]), (11, 1, [0]), (0, 3, [])]
)
def test_a_spread_keeps_the_ends(num: int, most: int, numbers: list[int]) -> None:
    assert spread(num, most) == numbers


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


@pytest.mark.parametrize("channels", [1, 3])
def test_neighbours_stand_below_their_image_pixel_for_pixel(channels: int) -> None:
    generated, nearest = _pictures(5, channels, 11, 17), _pictures(5, 3, channels, 11, 17).flip(0)
    canvas = _canvas(neighbour_rows(generated, nearest, lines=["first $x_", "第二"]))
    grid = picture_grid(torch.cat([generated, *nearest.transpose(0, 1)]), columns=5)
    expected = np.broadcast_to(grid.permute(1, 2, 0).numpy(), (*grid.shape[1:], 3))
    rows, columns = np.nonzero((canvas == GREY).all(axis=2))  # the gaps, but for the text's edges
    height, width = grid.shape[1:]
    places = {(y, x) for y in range(rows.min(), rows.max()) for x in range(columns.max() - width - 40, columns.max())}
    assert any(
        np.array_equal(canvas[y : y + height, x : x + width], expected)
        for y, x in places
        if np.array_equal(canvas[y, x : x + 7], expected[0, :7])
    )


@pytest.mark.parametrize("shape", [(5, 1, 11, 17), (4, 3, 1, 11, 17), (5, 3, 1, 11, 13)])
def test_neighbours_that_dont_fit_are_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(
        ValueError, match=re.escape(f"neighbours are (N, K, ...) of images (5, 1, 11, 17), got {shape}")
    ):
        neighbour_rows(_pictures(5, 1, 11, 17), torch.zeros(shape, dtype=torch.uint8), lines=[])


@pytest.mark.parametrize("channels", [1, 3])
def test_each_place_is_marked_in_its_cell_and_has_its_map_beside_it(channels: int) -> None:
    images, maps, places = _pictures(3, channels, 20, 28), torch.rand(3, 2, 5, 7), [(0, 6), (4, 1)]
    figure = draw(QueryPicture("n", "generator: $x_", images, maps, places))
    figure.canvas.draw()
    rows = [figure.axes[start : start + 3] for start in range(0, 9, 3)]
    for image, (shown, *panels), weights in zip(images, rows, maps, strict=True):
        drawn = np.asarray(shown.images[0].get_array())
        assert np.array_equal(drawn if channels == 3 else drawn[..., None], image.permute(1, 2, 0).numpy())
        for panel, expected in zip(panels, weights, strict=True):
            (drawn_map,) = panel.images
            assert np.allclose(np.asarray(drawn_map.get_array()), expected.numpy())
            assert drawn_map.get_extent() == [-0.5, 27.5, 19.5, -0.5]
            assert drawn_map.get_clim() == (0, pytest.approx(float(expected.max())))
            assert f"up to {float(expected.max()):.2g}" in panel.texts[0].get_text()
        # Cells are 4 pixels by 4: the middle of row 0, column 6 is at 1.5 down and 25.5 to the right.
        marks = [line.get_xydata().tolist() for line in shown.lines]
        assert marks == [[[25.5, 1.5]], [[5.5, 17.5]]]
        assert [panel.lines[0].get_xydata().tolist() for panel in panels] == marks
        assert len({line.get_marker() for line in shown.lines} | {line.get_color() for line in shown.lines}) == 4


def test_equal_weights_look_equal_and_negative_ones_have_room() -> None:
    images = _pictures(1, 1, 8, 8)
    equal = torch.full((1, 1, 4, 4), 1 / 16) + 1e-7 * torch.rand(1, 1, 4, 4)
    panel = query_maps(images, equal, [(1, 1)]).axes[1]
    assert panel.images[0].norm(1 / 16) > 0.99
    panel = query_maps(images, torch.linspace(-1, 0.5, 16).view(1, 1, 4, 4), [(1, 1)]).axes[1]
    assert panel.images[0].get_clim() == (-1, 0.5)
    query_maps(images, torch.zeros(1, 1, 4, 4), [(1, 1)]).canvas.draw()


@pytest.mark.parametrize("shape, num", [((2, 1, 4, 4), 1), ((1, 2, 4, 4), 1), ((1, 4, 4), 1), ((1, 7, 4, 4), 7)])
def test_maps_that_dont_fit_are_refused(shape: tuple[int, ...], num: int) -> None:
    with pytest.raises(ValueError, match=re.escape(f"maps are (images, places, h, w) = (1, {num}, h, w)")):
        query_maps(_pictures(1, 1, 8, 8), torch.zeros(shape), [(0, 0)] * num)
