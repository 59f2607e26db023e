"""Pictures whose objects are to be found."""

import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from attnlab.data.batching import Ints
from attnlab.data.cached_folder import default_cache_dir
from attnlab.data.detection_augmentation import DetectionAugmentation
from attnlab.data.detection_batch import DetectionBatch, DetectionReader, Wanted
from attnlab.data.detection_codec import DetectionCodec, Fitted
from attnlab.data.detection_sets import SPLITS, BoxedObjects, DetectionSet, DetectionSplit
from attnlab.data.even_batches import evaluation_batches, shuffled_batches
from attnlab.data.module import DataModule
from attnlab.data.prefetched import Prefetched
from attnlab.data.stream import TrainStream, place
from attnlab.errors import UserError

log = logging.getLogger(__name__)

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
        memory_mb: a split of at most so many megabytes is kept in memory, by each worker for itself.
        root: folder of the set's files (None: bundled, or downloaded).
        cache_dir: where downloads and checks go (None: $ATTNLAB_CACHE, else ~/.cache/attnlab).
        seed: of the order and the augmentation of training pictures.

    Raises:
        ValueError: a number out of its range.
    """

    codec: DetectionCodec

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
        memory_mb: int = 1000,
        root: str | None = None,
        cache_dir: str | None = None,
        seed: int = 0,
    ) -> None:
        super().__init__()
        for key, value, least in (
            ("height", height, 8),
            ("width", width, 8),
            ("batch_size", batch_size, 1),
            ("num_workers", num_workers, 0),
            ("memory_mb", memory_mb, 0),
            ("seed", seed, 0),
        ):
            if value < least:
                raise ValueError(f"{key} must be {least} or more, got {value} (set data.{key})")
        if channels not in (1, 3):
            raise ValueError(f"channels must be 3 for colour or 1 for grey, got {channels} (set data.channels)")
        if source.channels not in (None, channels):
            raise ValueError(
                f"channels must be {source.channels} for this set, got {channels} (set data.channels={source.channels})"
            )
        self.source, self.augmentation = source, augmentation
        self.height, self.width, self.channels = height, width, channels
        self.batch_size, self.num_workers, self.memory_mb, self.seed = batch_size, num_workers, memory_mb, seed
        self.root = Path(root).expanduser() if root is not None else None
        self.cache_dir = Path(cache_dir).expanduser() if cache_dir is not None else default_cache_dir()
        self.start_batch = 0  # batches of training already taken, on resume
        self._adopted: DetectionCodec | None = None
        self._reader: DetectionReader | None = None

    @property
    def example_sizes(self) -> dict[str, int]:
        """Stand-ins for `sizes` before any data is there."""
        return {
            "num_classes": self.source.num_classes or NUM_CLASSES_EXAMPLE,
            "in_channels": self.channels,
            "max_height": self.height,
            "max_width": self.width,
        }

    def adopt(self, codec: DetectionCodec) -> None:
        """Use a trained model's classes, canvas and normalisation; before `prepare_data`."""
        own = {"height": self.height, "width": self.width, "channels": self.channels}
        theirs = {"height": codec.height, "width": codec.width, "channels": codec.channels}
        if own != theirs:
            raise UserError(f"the model takes images of {theirs}, got {own} (set data.*)")
        self._adopted = codec

    # Preparation

    def prepare_data(self) -> None:
        """Read the set, if that isn't done yet.

        Raises:
            UserError: its files are missing or broken, a box can't be, or it has other classes than an adopted model.
        """
        if self._reader is not None:
            return
        found = self.source.read(channels=self.channels, root=self.root, cache_dir=self.cache_dir)
        if self._adopted is not None and self._adopted.classes != list(found.classes):
            raise UserError(
                f"the model knows the classes {', '.join(self._adopted.classes)}, got {', '.join(found.classes)} "
                "(set data.*)"
            )
        self.codec = self._adopted or self._codec(found.classes, found.splits["train"])
        self.checksum = found.checksum
        image_bytes = self.channels * self.height * self.width
        small = [split for split in SPLITS if len(found.splits[split]) * image_bytes <= self.memory_mb * 1_000_000]
        self._reader = DetectionReader(
            found.splits, self.codec, augmentation=self.augmentation, keep=small, seed=self.seed
        )
        self.summary: dict[str, Any] = {
            "images": {split: len(found.splits[split]) for split in SPLITS},
            **found.summary,
            **self.codec.sizes,
        }

    def setup(self, stage: str) -> None:
        """As `prepare_data`, in every process."""
        self.prepare_data()

    def _codec(self, classes: Any, train: DetectionSplit) -> DetectionCodec:
        blank = DetectionCodec(
            classes=classes, channels=self.channels, height=self.height, width=self.width, mean=[0.0], std=[1.0]
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

    @property
    def sizes(self) -> dict[str, int]:
        """What the model's constructor takes of the data."""
        return self.codec.sizes

    @property
    def _prepared(self) -> DetectionReader:
        assert self._reader is not None, "prepare_data comes first"
        return self._reader

    def image_name(self, split: str, number: int) -> str:
        """Where a picture is; `number` as in a batch's ids."""
        return self._prepared.splits[split].name(number)

    def picture_size(self, split: str, number: int) -> tuple[int, int]:
        """An original picture's height and width."""
        return self._prepared.splits[split].size(number)

    def objects(self, split: str, number: int) -> BoxedObjects:
        """What is in a picture, in the original's pixels; `number` as in a batch's ids."""
        return self._prepared.splits[split].objects(number)

    def picture(self, split: str, number: int) -> Fitted:
        """A picture as a model is shown it, bytes; `number` as in a batch's ids."""
        return self._prepared.fitted(split, number)

    def num_examples(self, split: str) -> int:
        """Examples of a split that batches hold."""
        return len(self._prepared.splits[split])

    def num_train_batches(self, epoch: int, world_size: int) -> int:
        """Batches each of `world_size` processes takes in a pass."""
        return len(self._plan(epoch, world_size)) // world_size

    # Batches

    def train_dataloader(self) -> Prefetched:
        """Passes without end; order and augmentation depend on nothing but the seed, the pass and the picture."""
        rank, world_size = place(self.trainer)

        def batches(epoch: int, first: int) -> Iterator[Wanted]:
            for rows in self._plan(epoch, world_size)[rank::world_size][first:]:
                yield Wanted("train", rows, epoch)

        order = TrainStream(lambda epoch: self.num_train_batches(epoch, world_size), batches, start=self.start_batch)
        return Prefetched(order, self._prepared, num_workers=self.num_workers)

    def val_dataloader(self) -> Prefetched:
        return self._evaluation("val")

    def test_dataloader(self) -> Prefetched:
        return self._evaluation("test")

    def on_after_batch_transfer(self, batch: DetectionBatch, dataloader_idx: int) -> DetectionBatch:
        images: Tensor = self.codec.normalise(batch.images)
        if self.trainer is not None:
            # Lightning converts to a half precision before this, when images are still bytes; boxes need all theirs.
            images = self.trainer.precision_plugin.convert_input(images)
        return batch._replace(images=images)

    def _plan(self, epoch: int, world_size: int) -> list[Ints]:
        num_images = len(self._prepared.splits["train"])
        return shuffled_batches(
            num_images, batch_size=self.batch_size, seed=self.seed, epoch=epoch, world_size=world_size
        )

    def _evaluation(self, split: str) -> Prefetched:
        rank, world_size = place(self.trainer)
        num_images = len(self._prepared.splits[split])
        plan = evaluation_batches(num_images, batch_size=self.batch_size, rank=rank, world_size=world_size)
        return Prefetched([Wanted(split, rows, None) for rows in plan], self._prepared, num_workers=self.num_workers)
