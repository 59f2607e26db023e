"""Maps of a few places stand beside their image, each place marked."""

import re

import numpy as np
import pytest
import torch

from attnlab.reporting.figures import query_maps
from attnlab.reporting.figures.draw import draw
from attnlab.reporting.pictures import QueryPicture


def _pictures(*shape: int) -> torch.Tensor:
    return torch.randint(0, 256, shape, generator=torch.Generator().manual_seed(3), dtype=torch.uint8)


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
            assert f"up to {float(expected.max()):.2g}" in panel.get_title()
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
