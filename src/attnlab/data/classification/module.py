"""Images to classify that lie in memory."""

import logging
from functools import partial

import numpy as np
import torch
from torch import Tensor

from attnlab.data.classification.sets import ImageSet, LabelledImages, checksum
from attnlab.data.images.augmentation import Augmentation
from attnlab.data.images.batch import StoredImages, ready
from attnlab.data.images.codec import ImageCodec, check_codec
from attnlab.data.loading.even_batches import EvenPlans, take_turns
from attnlab.data.module import DataModule
from attnlab.errors import UserError, at_least, between

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

    codec_type = ImageCodec
    codec: ImageCodec
    _adopted: ImageCodec | None

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
        super().__init__(root=root, cache_dir=cache_dir, seed=seed)
        at_least(1, "data", batch_size=batch_size)
        between(0, min(images.height, images.width) - 1, "data", max_shift=max_shift)
        least = len(images.classes)
        for key, value in (("num_val", num_val), ("num_train", num_train)):
            if value is not None and value < least:
                raise ValueError(f"{key} must be {least} or more, one a class, got {value} (set data.{key})")
        self.source, self.batch_size = images, batch_size
        self.num_val, self.num_train = num_val, num_train
        self.remedies = {"val": "set data.num_val"}
        self.augmentation = Augmentation(max_shift=max_shift, horizontal_flip=horizontal_flip)
        self.example_sizes = {
            "num_classes": len(images.classes),
            "in_channels": images.channels,
            "height": images.height,
            "width": images.width,
        }

    def prepare_data(self) -> None:
        """Read the set, if that isn't done yet.

        Raises:
            UserError: its files are missing or damaged, it has too few images, or an adopted model takes others.
        """
        if self.prepared:
            return
        if self._adopted is not None:
            check_codec(self._adopted, classes=list(self.source.classes), sizes=self.example_sizes)
        found = self.source.read(root=self._root(), cache_dir=self.cache_dir)
        splits = self._held_out(found["train"]) | {"test": found["test"]}
        codec = self._adopted or self._codec(splits["train"].images)
        self._images = StoredImages(splits, augmentation=self.augmentation, seed=self.seed)
        counts = {split: len(each.labels) for split, each in splits.items()}
        self._hold(
            codec=codec,
            checksum=checksum(found),
            summary={"images": counts},
            plans=EvenPlans(num_items=counts, batch_size=self.batch_size, seed=self.seed),
            make=self._images,
            finish=partial(ready, codec=codec),
        )

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

    def train_labels(self) -> Tensor:
        """The label of each training image: (N,) int64."""
        return self._images.splits["train"].labels

    def image(self, split: str, number: int) -> Tensor:
        """An image (C, H, W) as it is stored, uint8; `number` as in a batch's ids."""
        return self._images.splits[split].images[number]
