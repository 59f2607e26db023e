"""Boxed pictures on their way to a detector."""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import torch
from torch import Tensor

from attnlab.data.detection.augmentation import DetectionAugmentation
from attnlab.data.detection.codec import DetectionCodec, Fitted
from attnlab.data.detection.sets import BoxedObjects, DetectionSplit
from attnlab.data.loading.stream import Wanted


class PictureTruth(NamedTuple):
    """What is known of an original picture."""

    name: str  # where it is
    size: tuple[int, int]  # height and width
    objects: BoxedObjects  # in its pixels, with those to be ignored


class DetectionBatch(NamedTuple):
    """Pictures in the upper left corners of canvases, and their objects, padded."""

    ids: Tensor  # (B,) int64, where the pictures stand in their split
    images: Tensor  # (B, C, H, W) uint8; float and normalised when a model takes them
    extents: Tensor  # (B, 2) int64 height and width of each picture on its canvas
    boxes: Tensor  # (B, M, 4) float32 corners in pixels of the canvas
    labels: Tensor  # (B, M) int64, -1 where there is no object; an image's own come first
    truth: Sequence[PictureTruth] | None = None  # (B,) of val and test


class Sample(NamedTuple):
    """A picture and what is to be found in it, in its pixels."""

    picture: Tensor  # (C, h, w) uint8
    boxes: Tensor  # (N, 4)
    labels: Tensor  # (N,)


class DetectionReader:
    """Makes batches, here or in another process.

    Pictures of the splits in `keep` are kept in memory once they were read, as bytes at their size on the canvas.
    """

    def __init__(
        self,
        splits: Mapping[str, DetectionSplit],
        codec: DetectionCodec,
        *,
        augmentation: DetectionAugmentation,
        keep: Sequence[str],
        seed: int,
    ) -> None:
        self.splits, self.codec, self.augmentation, self.seed = splits, codec, augmentation, seed
        self.kept: dict[str, dict[int, Sample]] = {split: {} for split in keep}

    def __call__(self, wanted: Wanted) -> DetectionBatch:
        """The pictures wanted; those of a pass augmented by its number and their own.

        Raises:
            UserError: one of them can't be read.
        """
        samples = [self.sample(wanted.split, row) for row in wanted.rows.tolist()]
        if wanted.place is not None:
            samples = [
                Sample(*self.augmentation(*sample, key=(self.seed, wanted.place[0], row)))
                for sample, row in zip(samples, wanted.rows.tolist(), strict=True)
            ]
        images, extents = self.codec.canvases([each.picture for each in samples])
        most = max(1, max(len(each.labels) for each in samples))
        boxes = torch.zeros(len(samples), most, 4)
        labels = torch.full((len(samples), most), -1)
        for row, each in enumerate(samples):
            boxes[row, : len(each.labels)] = each.boxes
            labels[row, : len(each.labels)] = each.labels
        truth = None if wanted.place is not None else [self.truth(wanted.split, row) for row in wanted.rows.tolist()]
        return DetectionBatch(torch.from_numpy(wanted.rows), images, extents, boxes, labels, truth)

    def truth(self, split: str, row: int) -> PictureTruth:
        """What is known of an original picture."""
        pictures = self.splits[split]
        return PictureTruth(pictures.name(row), pictures.size(row), pictures.objects(row))

    def sample(self, split: str, row: int) -> Sample:
        """A picture at its size on the canvas, with its objects that aren't to be ignored."""
        kept = self.kept.get(split)
        if kept is not None and row in kept:
            return kept[row]
        picture = self.fitted(split, row)
        objects = self.splits[split].objects(row)
        counted = ~objects.ignored
        found = Sample(
            picture.pixels,
            torch.from_numpy(objects.boxes[counted]) * picture.scale(),
            torch.from_numpy(objects.labels[counted]),
        )
        if kept is not None:
            kept[row] = found
        return found

    def fitted(self, split: str, row: int) -> Fitted:
        """A picture as the codec prepares it."""
        return self.codec.prepare(self.splits[split].image(row))


def ready(batch: DetectionBatch, cast: Callable[[Tensor], Tensor], *, codec: DetectionCodec) -> DetectionBatch:
    """Its images normalised and `cast`; boxes keep all their digits."""
    return batch._replace(images=cast(codec.normalise(batch.images)))
