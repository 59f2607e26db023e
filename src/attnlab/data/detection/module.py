"""Pictures whose objects are to be found."""

import inspect
from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np
import torch

from attnlab.data.detection.augmentation import DetectionAugmentation
from attnlab.data.detection.batch import DetectionReader, ready
from attnlab.data.detection.codec import DetectionCodec, Fitted
from attnlab.data.detection.pictures import FileSplit
from attnlab.data.detection.sets import SPLITS, DetectionSet, DetectionSplit, DetectionSplits, LoneTest
from attnlab.data.images.codec import check_channels
from attnlab.data.images.files import ImageFiles
from attnlab.data.loading.even_batches import EvenPlans
from attnlab.data.module import WORKER_TIMEOUT, DataModule
from attnlab.errors import UserError, at_least, between

NUM_CLASSES_EXAMPLE = 7  # stands in where the classes aren't known before the data is read
NUM_MEASURED = 256  # training pictures from which mean and deviation are taken


class DetectionDataModule(DataModule):
    """Reads a set of boxed pictures and batches them on canvases of one size; batches are normalised on the device.

    Splits that fit `memory_mb` are kept there as bytes once read; others are read again in every pass. Each worker
    keeps what it has read itself, as long as it lives: those of train for the run, those of val and test for one pass.

    Args:
        source: the set.
        height, width: of the canvas, in pixels; pictures are scaled in proportion to fit it.
        channels: 3 for colour, 1 for grey.
        batch_size: most pictures of a batch, of each process.
        augmentation: of training pictures.
        num_workers: processes that make batches ahead; 0 for none. Changes no result.
        worker_timeout: seconds that may pass until they have made the next batch, 0 for any number.
        memory_mb: a split of at most so many megabytes is kept in memory, by each worker for itself.
        root: folder of the set's files (None: bundled, or downloaded).
        cache_dir: where downloads and checks go (None: $ATTNLAB_CACHE, else ~/.cache/attnlab).
        seed: of the order and the augmentation of training pictures.

    Raises:
        ValueError: a number out of its range.
    """

    codec_type = DetectionCodec
    codec: DetectionCodec
    _adopted: DetectionCodec | None

    def __init__(
        self,
        source: DetectionSet,
        *,
        height: int,
        width: int,
        channels: int,
        batch_size: int,
        augmentation: DetectionAugmentation,
        num_workers: int = 0,
        worker_timeout: float = WORKER_TIMEOUT,
        memory_mb: int = 1000,
        root: str | None = None,
        cache_dir: str | None = None,
        seed: int = 0,
    ) -> None:
        super().__init__(
            root=root, cache_dir=cache_dir, seed=seed, num_workers=num_workers, worker_timeout=worker_timeout
        )
        between(8, 8192, "data", height=height, width=width)
        at_least(1, "data", batch_size=batch_size)
        at_least(0, "data", memory_mb=memory_mb)
        check_channels(channels)
        if source.channels not in (None, channels):
            raise ValueError(
                f"channels must be {source.channels} for this set, got {channels} (set data.channels={source.channels})"
            )
        self.source, self.augmentation = source, augmentation
        named = "val" in inspect.signature(type(source)).parameters
        self.remedies["val"] = "set data.source.val" if named else "set data.root"
        self.most_objects: dict[str, int] = {}  # in a picture of each split, once prepared; none where nobody counted
        self.height, self.width, self.channels = height, width, channels
        self.batch_size, self.memory_mb = batch_size, memory_mb
        self.example_sizes = {
            "num_classes": source.num_classes or NUM_CLASSES_EXAMPLE,
            "in_channels": channels,
            "max_height": height,
            "max_width": width,
        }

    # Preparation

    def prepare_data(self) -> None:
        """Read the set, if that isn't done yet.

        Raises:
            UserError: its files are missing or broken, a box can't be, or an adopted model has another canvas or other
                classes.
        """
        if self.prepared:
            return
        if self._adopted is not None:
            self._check_canvas(self._adopted)
        found = self._read()
        if self._adopted is not None and self._adopted.classes != list(found.classes):
            raise UserError(
                f"the model knows the classes {', '.join(self._adopted.classes)}, got {', '.join(found.classes)} "
                "(set data.root to images of these, or leave out others)"
            )
        codec = self._adopted or self._codec(found.classes, found.splits["train"])
        self.warnings, self.most_objects = list(found.warnings), dict(found.most_objects)
        counts = {split: len(found.splits[split]) for split in SPLITS if split in found.splits}
        image_bytes = self.channels * self.height * self.width
        small = [split for split, count in counts.items() if count * image_bytes <= self.memory_mb * 1_000_000]
        self._reader = DetectionReader(found.splits, codec, augmentation=self.augmentation, keep=small, seed=self.seed)
        self._hold(
            codec=codec,
            checksum=found.checksum,
            summary={"images": counts, **found.summary},
            plans=EvenPlans(num_items=counts, batch_size=self.batch_size, seed=self.seed),
            make=self._reader,
            finish=partial(ready, codec=codec),
        )

    def _read(self) -> DetectionSplits:
        """All splits; for a trained model test alone, where that can be had: of other data all that isn't split."""
        read = partial(self.source.read, channels=self.channels, root=self._root(), cache_dir=self.cache_dir)
        if self._adopted is None or not isinstance(self.source, LoneTest):
            return read()
        read_test = partial(self.source.read_test, channels=self.channels, root=self._root(), cache_dir=self.cache_dir)
        found = read_test(self._adopted.classes, whole=False)
        if found.held_out_of is None:
            return found
        try:
            own = read().checksum
        except UserError:  # too little to train on, say
            own = None
        if self._trained_on is not None and own != self._trained_on:
            found = read_test(self._adopted.classes, whole=True)
            self.test_origin = f"all {found.held_out_of:,} images, none of which is set apart for test"
            return found
        num = len(found.splits["test"])
        self.test_origin = f"{num:,} of {found.held_out_of:,} images (those that data.source.test_share holds out)"
        return found._replace(checksum=own or found.checksum)

    def _check_canvas(self, codec: DetectionCodec) -> None:
        own = {"height": self.height, "width": self.width, "channels": self.channels}
        theirs = {"height": codec.height, "width": codec.width, "channels": codec.channels}
        if own != theirs:
            raise UserError(f"the model takes images of {theirs}, got {own} (set data.*)")

    def _codec(self, classes: Any, train: DetectionSplit) -> DetectionCodec:
        blank = DetectionCodec(
            classes=classes,
            channels=self.channels,
            height=self.height,
            width=self.width,
            mean=[0.0] * self.channels,
            std=[1.0] * self.channels,
        )
        chosen = np.unique(np.linspace(0, len(train) - 1, NUM_MEASURED).round().astype(int))
        means, squares = torch.zeros(self.channels).double(), torch.zeros(self.channels).double()
        for number in chosen.tolist():
            values = blank.prepare(train.image(number)).pixels.flatten(1).double() / 255  # (C, h w)
            means += values.mean(dim=1) / len(chosen)
            squares += values.square().mean(dim=1) / len(chosen)
        deviations = (squares - means.square()).clamp(min=0).sqrt()
        state = blank.state() | {
            "mean": [round(value, 4) for value in means.tolist()],
            "std": [round(value, 4) or 1.0 for value in deviations.tolist()],
        }
        return DetectionCodec(**state)

    # What is known once prepared

    def picture(self, split: str, number: int) -> Fitted:
        """A picture as a model is shown it, bytes; `number` as in a batch's ids."""
        return self._reader.fitted(split, number)

    def image_files(self, split: str) -> tuple[ImageFiles, Sequence[str]] | None:
        """Where a split's pictures are, and their names there; None where they are in no files."""
        held = self._reader.splits.get(split)
        return (held.files, [row.path for row in held.rows]) if isinstance(held, FileSplit) else None
