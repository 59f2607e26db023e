"""Images to classify that lie in memory."""

import logging
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from attnlab.data.augmentation import Augmentation
from attnlab.data.batching import Ints
from attnlab.data.cached_folder import default_cache_dir
from attnlab.data.even_batches import evaluation_batches, shuffled_batches, take_turns
from attnlab.data.image_batch import ImageBatch, RawImages, ready
from attnlab.data.image_codec import ImageCodec
from attnlab.data.image_sets import ImageSet, LabelledImages, checksum
from attnlab.data.module import DataModule
from attnlab.data.stream import EvaluationLoader, TrainStream, place
from attnlab.errors import UserError

log = logging.getLogger(__name__)


class ImageClassificationDataModule(DataModule):
    """A small set of images, held as bytes; batches are augmented and normalised on the device they are moved to.

    The validation split is held out of the training images: the last of each class, equally many.

    Args:
        images: the set.
        batch_size: most images of a batch, of each process.
        num_val: images held out for validation, at least one a class.
        num_train: training images used, equally many a class; None for all that are left.
        max_shift: pixels by which a training image is moved at most, each way.
        horizontal_flip: mirror every other training image.
        root: folder of the set's files (None: bundled, or downloaded).
        cache_dir: where downloads go (None: $ATTNLAB_CACHE, else ~/.cache/attnlab).
        seed: of the order and the augmentation of training images.

    Raises:
        ValueError: a number out of its range.
    """

    codec: ImageCodec

    def __init__(
        self,
        images: ImageSet,
        *,
        batch_size: int = 128,
        num_val: int = 2000,
        num_train: int | None = None,
        max_shift: int = 2,
        horizontal_flip: bool = True,
        root: str | None = None,
        cache_dir: str | None = None,
        seed: int = 0,
    ) -> None:
        super().__init__()
        check_batching(batch_size=batch_size, seed=seed)
        least = len(images.classes)
        for key, value in (("num_val", num_val), ("num_train", num_train)):
            if value is not None and value < least:
                raise ValueError(f"{key} must be {least} or more, one a class, got {value} (set data.{key})")
        self.source, self.batch_size, self.seed = images, batch_size, seed
        self.num_val, self.num_train = num_val, num_train
        self.augmentation = Augmentation(max_shift=max_shift, horizontal_flip=horizontal_flip)
        self.root = Path(root).expanduser() if root is not None else None
        self.cache_dir = Path(cache_dir).expanduser() if cache_dir is not None else default_cache_dir()
        self.start_batch = 0  # batches of training already taken, on resume
        self._adopted: ImageCodec | None = None
        self._splits: dict[str, LabelledImages] = {}

    @property
    def example_sizes(self) -> dict[str, int]:
        """`sizes`, which are known before any data is there."""
        source = self.source
        return {
            "num_classes": len(source.classes),
            "in_channels": source.channels,
            "height": source.height,
            "width": source.width,
        }

    def adopt(self, codec: ImageCodec) -> None:
        """Use a trained model's classes and normalisation; before `prepare_data`."""
        check_codec(codec, classes=list(self.source.classes), sizes=self.example_sizes)
        self._adopted = codec

    def prepare_data(self) -> None:
        """Read the set, if that isn't done yet.

        Raises:
            UserError: its files are missing or damaged, or it has too few images.
        """
        if self._splits:
            return
        splits = self.source.read(root=self.root, cache_dir=self.cache_dir)
        self.checksum = checksum(splits)
        splits = self._held_out(splits["train"]) | {"test": splits["test"]}
        self.codec = self._adopted or self._codec(splits["train"].images)
        self.summary = {
            "images": {split: len(each.labels) for split, each in splits.items()},
            **self.codec.sizes,
        }
        self._splits = splits

    def setup(self, stage: str) -> None:
        """As `prepare_data`, in every process."""
        self.prepare_data()

    def _held_out(self, train: LabelledImages) -> dict[str, LabelledImages]:
        labels = train.labels.numpy()
        last = len(labels) - 1 - take_turns(labels[::-1], self.num_val)
        rest = np.setdiff1d(np.arange(len(labels)), last)
        if len(set(labels[rest])) < len(self.source.classes) or len(rest) < (self.num_train or 0):
            raise UserError(
                f"there must be images of each class to train on, got {len(labels)} of which {self.num_val} are held "
                f"out and {self.num_train or 'all others'} asked for (set data.num_val and data.num_train)"
            )
        if self.num_train is not None:
            rest = rest[take_turns(labels[rest], self.num_train)]
        return {"train": train.take(torch.from_numpy(rest)), "val": train.take(torch.from_numpy(np.sort(last)))}

    def _codec(self, images: Tensor) -> ImageCodec:
        values = images.transpose(0, 1).flatten(1)  # (C, N H W)
        counts = torch.stack([torch.bincount(channel.int(), minlength=256) for channel in values]).double()
        levels = torch.arange(256, dtype=torch.float64) / 255
        mean = counts @ levels / values.size(1)
        variance = counts @ levels.square() / values.size(1) - mean.square()
        source = self.source
        return ImageCodec(
            classes=source.classes,
            channels=source.channels,
            height=source.height,
            width=source.width,
            mean=[round(value, 4) for value in mean.tolist()],
            std=[round(value, 4) or 1.0 for value in variance.clamp(min=0).sqrt().tolist()],
        )

    # What is known once prepared

    @property
    def sizes(self) -> dict[str, int]:
        """What the model's constructor takes of the data."""
        return self.codec.sizes

    def image_name(self, split: str, number: int) -> str:
        """What an image is called; `number` as in a batch's ids."""
        return self._splits[split].names[number]

    def image(self, split: str, number: int) -> Tensor:
        """An image (C, H, W) as it is stored, uint8; `number` as in a batch's ids."""
        return self._splits[split].images[number]

    def num_examples(self, split: str) -> int:
        """Examples of a split that batches hold."""
        return len(self._splits[split].labels)

    def num_train_batches(self, epoch: int, world_size: int) -> int:
        """Batches each of `world_size` processes takes in a pass."""
        return len(self._plan(epoch, world_size)) // world_size

    # Batches

    def train_dataloader(self) -> TrainStream:
        """Passes without end; order and augmentation depend on nothing but the seed, the pass and the batch."""
        rank, world_size = place(self.trainer)

        def batches(epoch: int, first: int) -> Iterator[RawImages]:
            plan = self._plan(epoch, world_size)
            for number in range(rank + first * world_size, len(plan), world_size):
                draws = self.augmentation.draw(len(plan[number]), key=(self.seed, epoch, number))
                yield self._batch("train", plan[number])._replace(draws=draws)

        return TrainStream(lambda epoch: self.num_train_batches(epoch, world_size), batches, start=self.start_batch)

    def val_dataloader(self) -> EvaluationLoader:
        return self._evaluation("val")

    def test_dataloader(self) -> EvaluationLoader:
        return self._evaluation("test")

    def on_after_batch_transfer(self, batch: RawImages, dataloader_idx: int) -> ImageBatch:
        made = ready(batch, self.codec)
        # Lightning converts to a half precision before this, when images are still bytes.
        converted: ImageBatch = self.trainer.precision_plugin.convert_input(made) if self.trainer else made
        return converted

    def _plan(self, epoch: int, world_size: int) -> list[Ints]:
        num_images = len(self._splits["train"].labels)
        return shuffled_batches(
            num_images, batch_size=self.batch_size, seed=self.seed, epoch=epoch, world_size=world_size
        )

    def _evaluation(self, split: str) -> EvaluationLoader:
        rank, world_size = place(self.trainer)
        num_images = len(self._splits[split].labels)
        plan = evaluation_batches(num_images, batch_size=self.batch_size, rank=rank, world_size=world_size)
        return EvaluationLoader(plan, lambda rows: self._named(split, self._batch(split, rows)))

    def _named(self, split: str, batch: RawImages) -> RawImages:
        return batch._replace(names=[self._splits[split].names[row] for row in batch.ids.tolist()])

    def _batch(self, split: str, numbers: Ints) -> RawImages:
        images, labels, _ = self._splits[split]
        rows = torch.from_numpy(numbers)
        return RawImages(rows, images[rows], labels[rows])


def check_batching(*, batch_size: int, seed: int) -> None:
    """ValueError for a number out of its range."""
    if batch_size < 1:
        raise ValueError(f"batch_size must be 1 or more, got {batch_size} (set data.batch_size)")
    if seed < 0:
        raise ValueError(f"seed must be 0 or more, got {seed} (set data.seed)")


def check_codec(codec: ImageCodec, *, classes: list[str], sizes: dict[str, int]) -> None:
    """UserError unless a model trained with `codec` can classify images of these classes and sizes."""
    if codec.classes != classes:
        raise UserError(
            f"the model knows the classes {', '.join(codec.classes)}, got {', '.join(classes)} (set data.*)"
        )
    if codec.sizes != sizes:
        raise UserError(f"the model takes images of {codec.sizes}, got {sizes} (set data.*)")
