"""Labelled images on their way to a model."""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import torch
from torch import Tensor

from attnlab.data.classification.sets import LabelledImages
from attnlab.data.images.augmentation import Augmentation, Draws, augment
from attnlab.data.images.codec import ImageCodec
from attnlab.data.loading.stream import Wanted


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


class StoredImages:
    """Makes batches of images that lie in memory; `seed` is that of the augmentation."""

    def __init__(self, splits: Mapping[str, LabelledImages], *, augmentation: Augmentation, seed: int) -> None:
        self.splits, self.augmentation, self.seed = splits, augmentation, seed

    def __call__(self, wanted: Wanted) -> RawImages:
        images, labels, names = self.splits[wanted.split]
        rows = torch.from_numpy(wanted.rows)
        batch = RawImages(rows, images[rows], labels[rows])
        if wanted.place is None:
            return batch._replace(names=[names[row] for row in rows.tolist()])
        return batch._replace(draws=self.augmentation.draw(len(rows), key=(self.seed, *wanted.place)))


def ready(raw: RawImages, cast: Callable[[Tensor], Tensor], *, codec: ImageCodec) -> ImageBatch:
    """The batch augmented and normalised, on the device that it is on, and its images `cast`."""
    images = raw.images if raw.draws is None else augment(raw.images, raw.draws)
    return ImageBatch(raw.ids, cast(codec.normalise(images)), raw.labels, raw.names)
