"""The net beneath detectors: the sizes of its maps, and where their places lie."""

import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest
import torch
from detector_examples import SIZES

from attnlab.feature_attention import EcaFeatureAttention
from attnlab.models.detectors.residual_backbone import ResidualBackbone


@pytest.mark.parametrize("size", [(40, 56), (33, 47), (9, 71)])
def test_every_stage_halves_the_map_and_tells_its_size(size: tuple[int, int]) -> None:
    told: list[tuple[int, int]] = []

    def noting(channels: int, *, max_size: tuple[int, int]) -> Any:
        told.append(max_size)
        return EcaFeatureAttention(channels, max_size=max_size)

    backbone = _backbone(noting, size)
    maps = backbone(torch.randn(2, 3, *size))
    assert [each.shape[1] for each in maps] == [16, 24, 32]
    assert [tuple(each.shape[2:]) for each in maps] == [told[0], told[1], told[3]]
    assert told[1] == told[2]  # two blocks
    assert backbone.last_size == told[3]
    assert backbone.strides == [4, 8, 16]


SEVERAL_THREADS = """
import torch
from torch import nn
from attnlab.models.detectors.residual_backbone import ResidualBackbone
torch.set_num_threads(3)
for number in range(6):
    size, made = (31, 17 + number), lambda channels, *, max_size: nn.Identity()
    net = ResidualBackbone(3, max_size=size, stage_channels=[16, 24], stage_blocks=[1, 1], feature_attention=made)
    sum(each.square().mean() for each in net(torch.randn(1 + number % 5, 3, *size))).backward()
"""


def test_gradients_are_computed_in_several_threads() -> None:
    ran = subprocess.run([sys.executable, "-c", SEVERAL_THREADS], capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr


def _backbone(feature_attention: Callable[..., Any], size: tuple[int, int]) -> ResidualBackbone:
    return ResidualBackbone(
        SIZES["in_channels"],
        max_size=size,
        stage_channels=[16, 24, 32],
        stage_blocks=[1, 2, 1],
        feature_attention=feature_attention,
    )


def test_a_place_of_a_map_is_moved_by_the_pixels_around_it() -> None:
    """The place that is said to lie over a pixel sees that pixel most in the middle of what it sees."""
    backbone = _backbone(EcaFeatureAttention, (64, 64))
    images = torch.zeros(1, 3, 64, 64, requires_grad=True)
    backbone.stem[0](images)[0, :, 5, 7].sum().backward()
    assert images.grad is not None
    rows, columns = images.grad.abs().sum((0, 1)).nonzero(as_tuple=True)
    assert (rows.min(), rows.max(), columns.min(), columns.max()) == (9, 11, 13, 15)
