"""Names stand beside a grid, whose pixels stay what they are."""

import numpy as np
import pytest
import torch

from attnlab.reporting.figures.class_grid import MARGIN, class_grid
from attnlab.reporting.figures.pixels import picture_grid

PICTURES = torch.randint(0, 256, (6, 3, 9, 11), generator=torch.Generator().manual_seed(3), dtype=torch.uint8)


@pytest.mark.parametrize(
    "names",
    [{"columns": ["cat", "狗", "emu"]}, {"rows": ["Ankle boot", "$bag_"]}, {"columns": ["a very long name"] * 3}],
)
def test_the_grid_is_there_pixel_for_pixel_and_every_name_within(names: dict[str, list[str]]) -> None:
    grid = picture_grid(PICTURES, columns=3)
    figure = class_grid(grid, **names)
    figure.canvas.draw()
    canvas = np.asarray(figure.canvas.buffer_rgba())[..., :3]  # type: ignore[attr-defined]  # Agg's
    whole_height, whole_width = canvas.shape[:2]
    height, width = grid.shape[1:]
    expected, top = grid.permute(1, 2, 0).numpy(), whole_height - MARGIN - height
    assert any(
        np.array_equal(canvas[top : top + height, left : left + width], expected)
        for left in range(whole_width - width + 1)
    )
    assert [text.get_text() for text in figure.texts] == [name for each in names.values() for name in each]
    for text in figure.texts:
        box = text.get_window_extent()
        assert -2 <= box.x0 <= box.x1 <= whole_width + 2
        assert -2 <= box.y0 <= box.y1 <= whole_height + 2
