"""Between pictures of any size and a detector's canvas: how they fit, and what restores the codec."""

import json
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from attnlab.data import DetectionCodec
from attnlab.data.detection.codec import fitted


@pytest.mark.parametrize("size, expected", [((640, 480), (32, 43)), ((480, 640), (32, 24)), ((9, 2), (11, 48))])
def test_any_picture_just_fits(size: tuple[int, int], expected: tuple[int, int]) -> None:
    found = fitted(Image.new("RGB", size), height=32, width=48)
    assert found.extent == expected
    assert found.size == size[::-1]
    box = torch.tensor([0.0, 0, *size]) * found.scale()
    assert box.tolist() == pytest.approx([0, 0, expected[1], expected[0]])


def _codec(**changes: Any) -> DetectionCodec:
    plain = {"classes": ["a"], "channels": 3, "height": 32, "width": 48, "mean": [0.5, 0.2, 0.1], "std": [0.3] * 3}
    return DetectionCodec(**plain | changes)


def test_pictures_lie_in_the_upper_left_corner_and_the_rest_is_black() -> None:
    pictures = [torch.randint(1, 256, (3, height, width)).byte() for height, width in ((32, 7), (5, 48), (32, 48))]
    canvases, extents = _codec().canvases(pictures)
    assert canvases.shape == (3, 3, 32, 48)
    assert extents.tolist() == [[32, 7], [5, 48], [32, 48]]
    for canvas, own in zip(canvases, pictures, strict=True):
        assert torch.equal(canvas[:, : own.shape[1], : own.shape[2]], own)
        assert int((canvas != 0).sum()) == own.numel()


def test_a_picture_of_the_right_size_is_not_touched() -> None:
    pixels = np.random.default_rng(3).integers(0, 256, (32, 29, 3), dtype=np.uint8)
    assert np.array_equal(_codec().prepare(Image.fromarray(pixels)).pixels.permute(1, 2, 0).numpy(), pixels)


def test_each_channel_is_normalised_by_its_own_numbers() -> None:
    images = torch.randint(0, 256, (2, 3, 5, 7)).byte()
    found = _codec(std=[0.3, 0.2, 0.7]).normalise(images)
    for channel, (mean, std) in enumerate(zip([0.5, 0.2, 0.1], [0.3, 0.2, 0.7], strict=True)):
        expected = (images[:, channel].double() / 255 - mean) / std
        assert torch.allclose(found[:, channel].double(), expected, atol=1e-5)


def test_it_is_restored_from_plain_values() -> None:
    codec = _codec()
    again = DetectionCodec(**json.loads(json.dumps(codec.state())))
    assert again.state() == codec.state()
    assert again.sizes == codec.sizes == {"num_classes": 1, "in_channels": 3, "max_height": 32, "max_width": 48}
