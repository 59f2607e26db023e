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
    means = [float(each.mean()) for each in weights.values()]
    titles = [f"{name}, mean {mean:.2g}" for name, mean in zip(weights, means, strict=True)]
    assert [axes.get_title(loc="left") for axes in drawn] == titles
    for axes, expected in zip(drawn, weights.values(), strict=True):
        assert np.allclose([bar.get_y() + bar.get_height() for bar in axes.patches], expected.numpy(), atol=1e-6)
    assert len({axes.get_ylim() for axes in drawn}) == 1
    figure.canvas.draw()
    with pytest.raises(ValueError, match="each layer has weights"):
        channel_weights({"block": torch.rand(2, 3)})


def test_weights_that_hardly_differ_fill_their_scale() -> None:
    weights = 0.5 + 0.02 * torch.linspace(-1, 1, 16)
    figure = channel_weights({"stages.0.1.feature_attention": weights})
    (axes,) = figure.axes
    low, high = axes.get_ylim()
    assert 0.04 < high - low < 0.06
    assert axes.get_title(loc="left").startswith("stage 1, block 2")
    assert channel_weights({"a": weights}, scale=(0.0, 1.0)).axes[0].get_ylim() == (0.0, 1.0)
