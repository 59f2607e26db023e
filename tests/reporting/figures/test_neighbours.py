"""Neighbours stand below their image, pixel for pixel."""

import re

import numpy as np
import pytest
import torch
from matplotlib.figure import Figure

from attnlab.reporting.figures import neighbour_rows, picture_grid
from attnlab.reporting.figures.pixels import GREY


def _pictures(*shape: int) -> torch.Tensor:
    return torch.randint(0, 256, shape, generator=torch.Generator().manual_seed(3), dtype=torch.uint8)


def _canvas(figure: Figure) -> np.ndarray:
    figure.canvas.draw()
    return np.asarray(figure.canvas.buffer_rgba())[..., :3]  # type: ignore[attr-defined]  # Agg's


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
