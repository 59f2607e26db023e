"""Between pictures and a classifier: normalised and back, restored from plain values, refused where it doesn't fit."""

import json
from typing import Any

import pytest
import torch
from PIL import Image

from attnlab.data import ImageCodec
from attnlab.data.images.codec import check_codec
from attnlab.errors import UserError
from attnlab.models.adversarial.predictor import to_pictures


def test_the_codec_gives_every_level_of_a_picture_back() -> None:
    levels = torch.arange(256, dtype=torch.uint8).view(1, 1, 16, 16).repeat(1, 3, 1, 1)
    codec = ImageCodec(
        classes=["a"], channels=3, height=16, width=16, mean=[0.2861, 0.5, 0.0013], std=[0.3530, 0.0171, 1.0]
    )
    unit = codec.unit(codec.normalise(levels))
    assert 0 <= unit.min() < 1e-6
    assert 1 - 1e-6 < unit.max() <= 1
    assert torch.equal((unit * 255).round().to(torch.uint8), levels)
    assert torch.equal(to_pictures(2 * unit - 1), levels)


def _codec(**changes: Any) -> ImageCodec:
    plain = {"classes": ["a", "b"], "channels": 3, "height": 5, "width": 7, "mean": [0.5, 0.2, 0.1], "std": [0.3] * 3}
    return ImageCodec(**plain | changes)


def test_each_channel_is_normalised_by_its_own_numbers() -> None:
    images = torch.randint(0, 256, (2, 3, 5, 7)).byte()
    found = _codec(std=[0.3, 0.2, 0.7]).normalise(images)
    assert found.dtype == torch.float32
    for channel, (mean, std) in enumerate(zip([0.5, 0.2, 0.1], [0.3, 0.2, 0.7], strict=True)):
        expected = (images[:, channel].double() / 255 - mean) / std
        assert torch.allclose(found[:, channel].double(), expected, atol=1e-5)


def test_a_picture_of_any_size_is_prepared_as_the_models() -> None:
    for size in ((7, 5), (31, 2), (1, 1)):
        found = _codec().prepare(Image.new("RGB", size, (10, 20, 30)))
        assert found.dtype == torch.uint8
        assert found.shape == (3, 5, 7)
        assert found[:, 2, 3].tolist() == [10, 20, 30]


def test_it_is_restored_from_plain_values() -> None:
    codec = _codec()
    again = ImageCodec(**json.loads(json.dumps(codec.state())))
    assert again.state() == codec.state()
    assert again.sizes == codec.sizes == {"num_classes": 2, "in_channels": 3, "height": 5, "width": 7}


@pytest.mark.parametrize(
    "changes, message",
    [
        (
            {"classes": ["a", "c"]},
            r"^the model knows the classes a, c, got a, b \(set data.root to images of these, or leave",
        ),
        (
            {"classes": ["b", "a"]},
            r"^the model knows the classes b, a, got a, b \(set data.root to images of these, or leave",
        ),
        ({"width": 9}, r"^the model takes images of .*'width': 9.*, got .*'width': 7.* \(set data\.\*\)$"),
    ],
)
def test_a_model_of_other_classes_or_sizes_is_refused(changes: dict[str, Any], message: str) -> None:
    data = _codec()
    check_codec(data, classes=data.classes, sizes=data.sizes)
    with pytest.raises(UserError, match=message):
        check_codec(_codec(**changes), classes=data.classes, sizes=data.sizes)
