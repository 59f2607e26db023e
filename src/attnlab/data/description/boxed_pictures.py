"""Pictures with boxes in numbers, and their batches as they look."""

from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import torch

from attnlab.data.description.description import Description, Doubles, SplitNumbers, doubles_of, lengths
from attnlab.data.description.images import THREADS, as_bytes
from attnlab.data.detection.batch import DetectionBatch, DetectionReader
from attnlab.data.detection.codec import DetectionCodec
from attnlab.data.detection.pictures import FileSplit
from attnlab.data.detection.sets import BoxedObjects, DetectionSplit
from attnlab.data.images.scan import scan_images
from attnlab.data.loading.batching import Ints
from attnlab.reporting.pages.data_page import ShownBox, ShownExample

SIZES = {"small": 32.0**2, "medium": 96.0**2}  # square pixels of the original below which a box is such: COCO's
LARGE = "large"


def described(maker: DetectionReader, codec: DetectionCodec, *, cache_dir: Path) -> Description:
    """In numbers."""
    return Description(
        splits={split: _numbers(each, codec) for split, each in maker.splits.items()},
        doubles=_doubles(maker.splits, cache_dir),
    )


def _numbers(pictures: DetectionSplit, codec: DetectionCodec) -> SplitNumbers:
    by_class: dict[str, Counter[str]] = {name: Counter() for name in codec.classes}
    boxes, ignored, widths, heights = [], 0, [], []
    for number in range(len(pictures)):
        objects = pictures.objects(number)
        counted = ~objects.ignored
        ignored += int(objects.ignored.sum())
        boxes.append(int(counted.sum()))
        for label, size in zip(objects.labels[counted].tolist(), _sizes(objects, counted), strict=True):
            by_class[codec.classes[label]][size] += 1
        height, width = pictures.size(number)
        heights.append(height)
        widths.append(width)
    return SplitNumbers(
        counts={"images": len(pictures), "without boxes": boxes.count(0), "boxes": sum(boxes), "ignored": ignored},
        lengths=[
            *lengths("boxes in a picture", "boxes", boxes),
            *lengths("width", "pixels", widths),
            *lengths("height", "pixels", heights),
        ],
        shares={"boxes": {name: each.total() for name, each in by_class.items()}},
        sizes={name: {size: each[size] for size in (*SIZES, LARGE)} for name, each in by_class.items()},
    )


def _sizes(objects: BoxedObjects, counted: np.ndarray) -> list[str]:
    """By the outlines' areas where they are known, as scores have it."""
    sides = objects.boxes[:, 2:] - objects.boxes[:, :2]
    areas = np.where(objects.areas > 0, objects.areas, sides.prod(axis=1))[counted]
    return [next((size for size, most in SIZES.items() if area < most), LARGE) for area in areas.tolist()]


def _doubles(splits: Mapping[str, DetectionSplit], cache_dir: Path) -> list[Doubles] | None:
    """By the files' bytes; None of pictures that lie in no files."""
    files = {split: each for split, each in splits.items() if isinstance(each, FileSplit)}
    if len(files) < len(splits) or not files:
        return None
    paths = {split: [row.path for row in each.rows] for split, each in files.items()}
    names = sorted({path for each in paths.values() for path in each})
    scan = scan_images(next(iter(files.values())).files, names, cache_dir=cache_dir, num_threads=THREADS)
    return doubles_of({split: [scan.copies.get(path, path) for path in each] for split, each in paths.items()})


def shown(
    batch: DetectionBatch, split: str, maker: DetectionReader, codec: DetectionCodec, places: Ints
) -> list[ShownExample]:
    """The pictures in some places of a batch, each on its canvas."""
    mean, std = (torch.tensor(values)[:, None, None] for values in (codec.mean, codec.std))
    pictures = as_bytes((batch.images[places].float() * std + mean).clamp(0, 1))
    examples = []
    for place, picture in zip(places.tolist(), pictures, strict=True):
        labels = batch.labels[place].tolist()
        boxes = [
            ShownBox(left, top, right, bottom, codec.classes[label])
            for (left, top, right, bottom), label in zip(batch.boxes[place].tolist(), labels, strict=True)
            if label >= 0
        ]
        number = int(batch.ids[place])
        name = maker.splits[split].name(number)
        examples.append(ShownExample(number=number, name=name, picture=picture, boxes=boxes))
    return examples
