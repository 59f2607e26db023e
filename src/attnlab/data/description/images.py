"""Images of classes in numbers, and their batches as they look."""

import hashlib
from pathlib import Path

import torch
from torch import Tensor

from attnlab.data.classification.reader import ImageReader
from attnlab.data.description.description import Description, Doubles, Lengths, SplitNumbers, doubles_of, lengths
from attnlab.data.images.batch import ImageBatch, StoredImages
from attnlab.data.images.codec import ImageCodec
from attnlab.data.images.scan import Scan, scan_images
from attnlab.data.loading.batching import Ints
from attnlab.reporting.pages.data_page import ShownExample

THREADS = 2


def described(maker: StoredImages | ImageReader, codec: ImageCodec, *, cache_dir: Path) -> Description:
    """In numbers."""
    if isinstance(maker, StoredImages):
        labels = {split: each.labels for split, each in maker.splits.items()}
        doubles = _doubles_of_stored(maker)
        sizes: dict[str, list[Lengths]] = {}
    else:
        labels = maker.labels
        names = sorted({name for each in maker.names.values() for name in each})
        scan = scan_images(maker.files, names, cache_dir=cache_dir, num_threads=THREADS)
        doubles = doubles_of({split: [scan.copies.get(name, name) for name in maker.names[split]] for split in labels})
        sizes = {split: sizes_of(maker.names[split], scan) for split in labels}
    return Description(
        splits={
            split: SplitNumbers(
                counts={"images": len(each)},
                lengths=sizes.get(split, ()),
                shares={"classes": _by_class(each, codec)},
            )
            for split, each in labels.items()
        },
        doubles=doubles,
    )


def sizes_of(names: list[str], scan: Scan) -> list[Lengths]:
    """Width and height of pictures as they lie in their files."""
    return [
        *lengths("width", "pixels", [scan.sizes[name][1] for name in names]),
        *lengths("height", "pixels", [scan.sizes[name][0] for name in names]),
    ]


def _doubles_of_stored(maker: StoredImages) -> list[Doubles]:
    """Pictures are the same by all of their pixels."""
    return doubles_of(
        {
            split: [hashlib.blake2b(image.tobytes(), digest_size=16).digest() for image in each.images.numpy()]
            for split, each in maker.splits.items()
        }
    )


def _by_class(labels: Tensor, codec: ImageCodec) -> dict[str, int]:
    counts = torch.bincount(labels, minlength=len(codec.classes)).tolist()
    return dict(zip(codec.classes, counts, strict=True))


def shown(
    batch: ImageBatch, split: str, maker: StoredImages | ImageReader, codec: ImageCodec, places: Ints
) -> list[ShownExample]:
    """The images in some places of a batch."""
    names = maker.splits[split].names if isinstance(maker, StoredImages) else maker.names[split]
    pictures = as_bytes(codec.unit(batch.images[places].float()))
    return [
        ShownExample(number=number, name=names[number], label=codec.classes[label], picture=picture)
        for number, label, picture in zip(
            batch.ids[places].tolist(), batch.labels[places].tolist(), pictures, strict=True
        )
    ]


def as_bytes(images: Tensor) -> Tensor:
    """Pixels in 0-1 as whole numbers of 8 bits."""
    return (images * 255).round().to(torch.uint8)
