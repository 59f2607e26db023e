"""Maps over images: every one where it belongs, every number in its place."""

import re

import numpy as np
import pytest
import torch

from attnlab.models.detectors.box_positions import places
from attnlab.reporting.figures import image_map
from attnlab.reporting.figures.style import pointed


def _image(channels: int, height: int, width: int) -> torch.Tensor:
    return torch.randint(0, 256, (channels, height, width), generator=torch.Generator().manual_seed(3)).byte()


@pytest.mark.parametrize("channels", [1, 3])
def test_a_map_covers_the_whole_image_cell_by_cell(channels: int) -> None:
    image, weights = _image(channels, 20, 28), torch.rand(5, 7)
    figure = image_map(image, {"first": weights, "second": weights.T}, title="猫 95%")
    original, first, second = (axes for axes in figure.axes if axes.images)
    assert len(original.images) == 1
    shown = np.asarray(original.images[0].get_array())
    assert np.array_equal(shown if channels == 3 else shown[..., None], image.permute(1, 2, 0).numpy())
    for axes, drawn in ((first, weights), (second, weights.T)):
        below, above = axes.images
        assert np.asarray(below.get_array()).shape[:2] == (20, 28)
        assert np.allclose(np.asarray(above.get_array()), drawn.numpy())
        assert above.get_extent() == [-0.5, 27.5, 19.5, -0.5] == below.get_extent()
        assert above.get_interpolation() == "nearest"
    assert f"{weights.min():.3g} to {weights.max():.3g}" in first.get_title()
    figure.canvas.draw()


@pytest.mark.parametrize("height, width, stride", [(40, 56, 8), (37, 53, 8), (9, 31, 4), (28, 28, 1)])
def test_strided_places_are_drawn_over_the_pixels_that_they_stand_for(height: int, width: int, stride: int) -> None:
    weights = torch.rand(-(-height // stride), -(-width // stride))
    figure = image_map(_image(1, height, width), {"map": weights}, strided=True)
    [above] = [axes.images[1] for axes in figure.axes if len(axes.images) == 2]
    drawn = np.asarray(above.get_array())
    assert above.get_extent() == [-0.5, width - 0.5, height - 0.5, -0.5]
    assert drawn.shape == (height, width)  # a cell is a pixel
    extents = torch.tensor([[height, width]])
    shares, _ = places(*weights.shape, stride=stride, extents=extents)  # the models' word for where they are
    middles = (shares[0] * extents.flip(1)).view(*weights.shape, 2)
    for (row, column), weight in zip(middles.view(-1, 2).flip(1).long().tolist(), weights.flatten(), strict=True):
        assert drawn[row, column] == pytest.approx(float(weight), abs=1e-6)
    assert float(weights.min()) - 1e-6 <= drawn.min() <= drawn.max() <= float(weights.max()) + 1e-6
    steps = np.abs(np.diff(drawn, axis=1)).max()
    assert steps <= float((weights[:, 1:] - weights[:, :-1]).abs().max()) / stride + 1e-6, "no edges between places"


def test_equal_weights_can_be_drawn_and_many_maps_take_several_rows() -> None:
    figure = image_map(_image(1, 8, 8), {str(number): torch.full((2, 2), 0.25) for number in range(8)})
    figure.canvas.draw()
    assert sum(bool(axes.images) for axes in figure.axes) == 9


def test_a_scale_is_for_all_maps_and_no_name_is_cut_off() -> None:
    maps = {f"stages.{number}.0.feature_attention": torch.rand(4, 4) for number in range(4)}
    figure = image_map(_image(1, 28, 28), maps, title="t", notes=["a run"], scale=(0.0, 0.5))
    figure.canvas.draw()
    above = [axes.images[1] for axes in figure.axes if len(axes.images) == 2]
    assert [each.get_clim() for each in above] == [(0.0, 0.5)] * 4
    width, height = figure.canvas.get_width_height()
    titles = [axes.title for axes in figure.axes if axes.images]
    assert [title.get_text().split("\n")[0] for title in titles[1:]] == [f"stage {n}, block 1" for n in range(1, 5)]
    for text in [*titles, *figure.texts]:
        box = text.get_window_extent()
        assert -1 <= box.x0 <= box.x1 <= width + 1
        assert -1 <= box.y0 <= box.y1 <= height + 1


@pytest.mark.parametrize(
    "scale, ends", [((0.0, 2.0), "neither"), ((0.0, 0.5), "max"), ((0.5, 2.0), "min"), ((0.25, 0.5), "both")]
)
def test_the_bar_is_pointed_where_there_are_weights_beyond(scale: tuple[float, float], ends: str) -> None:
    assert pointed(*scale, least=0.0, greatest=1.0) == ends
    bar = image_map(_image(1, 8, 8), {"a": torch.eye(2), "b": torch.zeros(2, 2)}, scale=scale).axes[-1]
    assert bar._colorbar.extend == ends  # type: ignore[attr-defined]


@pytest.mark.parametrize("height, width", [(28, 28), (20, 60), (60, 20)])
@pytest.mark.parametrize("num", [1, 2, 7])
def test_a_picture_is_large_on_a_screen_and_its_bar_is_named_whole(height: int, width: int, num: int) -> None:
    maps = {f"head {number}": torch.rand(4, 4) for number in range(1, 1 + num)}
    figure = image_map(_image(3, height, width), maps, title="t", notes=["a run"], cmap="magma")
    figure.canvas.draw()
    wide, tall = figure.canvas.get_width_height()
    assert wide >= 1200
    assert {axes.images[1].get_cmap().name for axes in figure.axes if len(axes.images) == 2} == {"magma"}
    bar = figure.axes[-1]
    assert "".join(bar.get_ylabel().split()) == "weight,oneachmap'sownscale"
    for text in (bar.yaxis.label, *bar.get_yticklabels(), *figure.texts):
        box = text.get_window_extent()
        assert -1 <= box.x0 <= box.x1 <= wide + 1
        assert -1 <= box.y0 <= box.y1 <= tall + 1


@pytest.mark.parametrize(
    "image, maps",
    [
        (torch.zeros(8, 8), {"a": torch.zeros(2, 2)}),
        (torch.zeros(4, 8, 8), {"a": torch.zeros(2, 2)}),
        (torch.zeros(1, 8, 8), {"a": torch.zeros(1, 2, 2)}),
        (torch.zeros(1, 8, 8), {}),
    ],
)
def test_what_is_no_image_or_map_is_refused(image: torch.Tensor, maps: dict[str, torch.Tensor]) -> None:
    with pytest.raises(ValueError, match=re.escape(f"got {tuple(image.shape)}")):
        image_map(image, maps)
