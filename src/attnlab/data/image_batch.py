"""Labelled images on their way to a model."""

from collections.abc import Sequence
from typing import NamedTuple

from torch import Tensor

from attnlab.data.augmentation import Draws, augment
from attnlab.data.image_codec import ImageCodec


class RawImages(NamedTuple):
    """Images as they are stored, and what is yet to be done to them once they are on the device."""

    ids: Tensor  # (B,) int64, where the images stand in their split
    images: Tensor  # (B, C, H, W) uint8
    labels: Tensor  # (B,) int64
    draws: Draws | None = None  # None: shown as they are
    names: Sequence[str] | None = None  # (B,) what the images are called, of val and test


class ImageBatch(NamedTuple):
    """Images as a model takes them."""

    ids: Tensor  # (B,) int64, where the images stand in their split
    images: Tensor  # (B, C, H, W) float, normalised
    labels: Tensor  # (B,) int64
    names: Sequence[str] | None = None  # (B,) what the images are called, of val and test


def ready(raw: RawImages, codec: ImageCodec) -> ImageBatch:
    """The batch augmented and normalised, on the device that it is on."""
    images = raw.images if raw.draws is None else augment(raw.images, raw.draws)
    return ImageBatch(raw.ids, codec.normalise(images), raw.labels, raw.names)
