"""Each layer's weights as bars on one scale."""

import numpy as np
import pytest
import torch

from attnlab.reporting.figures import channel_weights


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
