"""Figures of images: every map where it belongs, every number in its place."""

import re
from itertools import pairwise

import numpy as np
import pytest
import torch
from matplotlib.axes import Axes

from attnlab.models.detectors.box_positions import places
from attnlab.reporting.figures import channel_weights, image_map, labelled_image
from attnlab.reporting.figures.canvas import new_figure
from attnlab.reporting.figures.draw import draw
from attnlab.reporting.pictures import AttentionPicture, ChannelPicture, ImagePicture


def _image(channels: int, height: int, width: int) -> torch.Tensor:
    return torch.randint(0, 256, (channels, height, width), generator=torch.Generator().manual_seed(3)).byte()


def _texts(axes: Axes) -> str:
    return " ".join(text.get_text() for text in axes.texts)


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
    assert f"{weights.min():.3g} to {weights.max():.3g}" in _texts(first)
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
    for row in range(height):
        for column in range(width):
            away = (middles - torch.tensor([column + 0.5, row + 0.5])).square().sum(2)
            nearest = weights[away <= away.min() + 1e-3]
            assert min(abs(float(each) - drawn[row, column]) for each in nearest) < 1e-6


def test_equal_weights_can_be_drawn_and_many_maps_take_several_rows() -> None:
    figure = image_map(_image(1, 8, 8), {str(number): torch.full((2, 2), 0.25) for number in range(8)})
    figure.canvas.draw()
    assert sum(bool(axes.images) for axes in figure.axes) == 9


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


def test_every_channel_has_a_bar_of_its_weight_on_one_scale() -> None:
    weights = {
        "block 1": torch.rand(16),
        "block 2": torch.rand(32),
        "block 3": 1.5 * torch.rand(64),
        "block 4": torch.rand(3),
    }
    figure = channel_weights(weights, title="dog")
    drawn = [axes for axes in figure.axes if axes.axison]
    assert [axes.get_title(loc="left") for axes in drawn] == list(weights)
    for axes, expected in zip(drawn, weights.values(), strict=True):
        assert np.allclose([bar.get_height() for bar in axes.patches], expected.numpy())
    assert len({axes.get_ylim() for axes in drawn}) == 1
    figure.canvas.draw()
    with pytest.raises(ValueError, match="each layer has weights"):
        channel_weights({"block": torch.rand(2, 3)})


def test_the_most_probable_class_stands_on_top_with_its_share() -> None:
    top = [("Ankle boot", 0.7), ("Sneaker", 0.2), ("$x_1$", 0.1)]
    figure = labelled_image(_image(3, 60, 40), top, title="boot.jpg")
    figure.canvas.draw()
    (bars,) = [axes for axes in figure.axes if axes.patches]
    heights = {label.get_text(): tick for label, tick in zip(bars.get_yticklabels(), bars.get_yticks(), strict=True)}
    assert all(heights[a[0]] > heights[b[0]] for a, b in pairwise(top))
    assert [bar.get_width() for bar in bars.patches] == [0.1, 0.2, 0.7]
    assert "70.0%" in _texts(bars)
    with pytest.raises(ValueError, match="needs a class"):
        labelled_image(_image(3, 60, 40), [])


def test_each_kind_of_picture_is_drawn_as_what_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = []
    for name in ("attention_map", "image_map", "channel_weights"):
        monkeypatch.setattr(
            f"attnlab.reporting.figures.draw.{name}", lambda *_, name=name, **__: drawn.append(name) or new_figure(1, 1)
        )
    draw(AttentionPicture("n", "t", torch.zeros(1, 2, 3), ["a", "b"], ["c", "d", "e"]))
    draw(ImagePicture("n", "t", _image(1, 8, 8), {"a": torch.zeros(2, 2)}))
    draw(ChannelPicture("n", "t", {"a": torch.zeros(2)}))
    assert drawn == ["attention_map", "image_map", "channel_weights"]
