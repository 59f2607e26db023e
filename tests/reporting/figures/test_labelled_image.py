"""An image beside its most probable classes."""

from itertools import pairwise

import pytest
import torch
from matplotlib.axes import Axes

from attnlab.reporting.figures import labelled_image


def _image(channels: int, height: int, width: int) -> torch.Tensor:
    return torch.randint(0, 256, (channels, height, width), generator=torch.Generator().manual_seed(3)).byte()


def _texts(axes: Axes) -> str:
    return " ".join(text.get_text() for text in axes.texts)


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
