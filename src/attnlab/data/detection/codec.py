"""Between pictures of any size and the canvas that a detector reads."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import torch
from PIL import Image
from torch import Tensor

from attnlab.data.images.codec import check_form
from attnlab.data.images.reading import as_tensor


class Fitted(NamedTuple):
    """A picture scaled to fit the canvas."""

    pixels: Tensor  # (C, h, w) uint8, h and w at most the canvas's
    size: tuple[int, int]  # the original's height and width

    @property
    def extent(self) -> tuple[int, int]:
        """Height and width on the canvas."""
        return self.pixels.shape[1], self.pixels.shape[2]

    def scale(self) -> Tensor:
        """(4,) what corners in the original's pixels are multiplied by to be in the canvas's."""
        (height, width), (new_height, new_width) = self.size, self.extent
        return torch.tensor([new_width / width, new_height / height] * 2)


class DetectionCodec:
    """The classes, and the canvas, channels and normalisation of a detector; restorable from plain values.

    A picture is scaled in proportion, up or down, until it just fits the canvas of `height` by `width`, in whose upper
    left corner it lies; the rest is black.

    Args:
        classes: a name for each label.
        channels: 1 for grey, 3 for RGB.
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
            "max_height": self.height,
            "max_width": self.width,
        }

    def prepare(self, image: Image.Image) -> Fitted:
        """A picture that `read_image` gave for `channels`, scaled to fit."""
        return fitted(image, height=self.height, width=self.width)

    def canvases(self, pictures: Sequence[Tensor]) -> tuple[Tensor, Tensor]:
        """Pictures (C, h, w) of bytes on canvases (B, C, H, W), and their extents (B, 2) int64."""
        canvas = torch.zeros(len(pictures), self.channels, self.height, self.width, dtype=torch.uint8)
        for row, pixels in zip(canvas, pictures, strict=True):
            row[:, : pixels.shape[1], : pixels.shape[2]] = pixels
        return canvas, torch.tensor([each.shape[1:] for each in pictures])

    def normalise(self, images: Tensor) -> Tensor:
        """float32 of zero mean and unit variance, channel by channel, from uint8 (..., C, H, W)."""
        mean, std = (torch.tensor(values, device=images.device)[:, None, None] for values in (self.mean, self.std))
        return (images.float() / 255 - mean) / std

    def normalise_by(self, mean: Sequence[float], std: Sequence[float]) -> None:
        """From here on, and in the state: as weights need it that were trained on other images."""
        self.mean, self.std = list(mean), list(std)

    def state(self) -> dict[str, Any]:
        """Plain values: `DetectionCodec(**state)` is this codec again."""
        return {
            "classes": list(self.classes),
            "channels": self.channels,
            "height": self.height,
            "width": self.width,
            "mean": list(self.mean),
            "std": list(self.std),
        }


def fitted(image: Image.Image, *, height: int, width: int) -> Fitted:
    """The picture scaled in proportion until it just fits; as it is if it has that size."""
    scale = min(width / image.width, height / image.height)
    size = (max(1, min(width, round(image.width * scale))), max(1, min(height, round(image.height * scale))))
    scaled = image if size == image.size else image.resize(size, Image.Resampling.BILINEAR)
    return Fitted(as_tensor(scaled), (image.height, image.width))
