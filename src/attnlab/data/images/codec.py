"""Between pictures and what an image classifier reads and says."""

from collections.abc import Sequence
from typing import Any

import torch
from PIL import Image
from torch import Tensor

from attnlab.data.images.reading import as_tensor, fit
from attnlab.errors import UserError, at_least


class ImageCodec:
    """The classes that a model knows, and how it takes images; restorable from plain values.

    Args:
        classes: a name for each label.
        channels: 1 for grey, 3 for RGB.
        height, width: of the model's images, in pixels.
        mean, std: of each channel, in units of the greatest value (0-1).

    Raises:
        ValueError: no image has such a form, or not every channel its mean and its std.
    """

    def __init__(
        self,
        *,
        classes: Sequence[str],
        channels: int,
        height: int,
        width: int,
        mean: Sequence[float],
        std: Sequence[float],
    ) -> None:
        check_form(channels, height, width, mean, std)
        self.classes = list(classes)
        self.channels, self.height, self.width = channels, height, width
        self.mean, self.std = list(mean), list(std)

    @property
    def sizes(self) -> dict[str, int]:
        """What a model's constructor takes of the data."""
        return {
            "num_classes": len(self.classes),
            "in_channels": self.channels,
            "height": self.height,
            "width": self.width,
        }

    def prepare(self, image: Image.Image) -> Tensor:
        """(C, H, W) uint8 at the model's size, of a picture that `read_image` gave for `channels`."""
        return as_tensor(fit(image, height=self.height, width=self.width))

    def normalise(self, images: Tensor) -> Tensor:
        """float32 of zero mean and unit variance, channel by channel, from uint8 (..., C, H, W)."""
        mean, std = (torch.tensor(values, device=images.device)[:, None, None] for values in (self.mean, self.std))
        return (images.float() / 255 - mean) / std

    def normalise_by(self, mean: Sequence[float], std: Sequence[float]) -> None:
        """From here on, and in the state: as weights need it that were trained on other images."""
        self.mean, self.std = list(mean), list(std)

    def unit(self, images: Tensor) -> Tensor:
        """What `normalise` was given, in units of the greatest value (0-1)."""
        mean, std = (torch.tensor(values, device=images.device)[:, None, None] for values in (self.mean, self.std))
        return (images.float() * std + mean).clamp(0, 1)

    def state(self) -> dict[str, Any]:
        """Plain values: `ImageCodec(**state)` is this codec again."""
        return {
            "classes": list(self.classes),
            "channels": self.channels,
            "height": self.height,
            "width": self.width,
            "mean": list(self.mean),
            "std": list(self.std),
        }


def check_form(channels: int, height: int, width: int, mean: Sequence[float], std: Sequence[float]) -> None:
    """ValueError unless images can be so, and each channel has its mean and its std."""
    check_channels(channels)
    at_least(1, "data", height=height, width=width)
    if len(mean) != channels or len(std) != channels or not all(each > 0 for each in std):
        raise ValueError(f"mean and std must be of {channels} channels, std above 0, got {[*mean]} and {[*std]}")


def check_channels(channels: int) -> None:
    """ValueError for a number that is neither of colour nor of grey."""
    if channels not in (1, 3):
        raise ValueError(f"channels must be 3 for colour or 1 for grey, got {channels} (set data.channels)")


def check_codec(codec: ImageCodec, *, classes: list[str], sizes: dict[str, int]) -> None:
    """UserError unless a model trained with `codec` can classify images of these classes and sizes."""
    if codec.classes != classes:
        raise UserError(
            f"the model knows the classes {', '.join(codec.classes)}, got {', '.join(classes)} (set data.root to "
            "images of these, or leave out others)"
        )
    if codec.sizes != sizes:
        raise UserError(f"the model takes images of {codec.sizes}, got {sizes} (set data.*)")
