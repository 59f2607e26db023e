"""Images to classify that lie in files, read as they are needed."""

import logging
from functools import partial
from pathlib import Path

from torch import Tensor

from attnlab.data.classification.class_folders import labelled_splits
from attnlab.data.classification.reader import ImageReader
from attnlab.data.images.augmentation import Augmentation
from attnlab.data.images.batch import ready
from attnlab.data.images.codec import ImageCodec, check_channels, check_codec
from attnlab.data.images.files import ImageFiles, open_image_files
from attnlab.data.images.scan import report_broken, scan_images
from attnlab.data.loading.even_batches import EvenPlans
from attnlab.data.module import DataModule
from attnlab.errors import at_least
from attnlab.files import IMAGE_ENDINGS

log = logging.getLogger(__name__)

# Of photographs, as torchvision's models have them; and of their grey.
MEAN, STD = {1: [0.449], 3: [0.485, 0.456, 0.406]}, {1: [0.226], 3: [0.229, 0.224, 0.225]}


class ImageFolderDataModule(DataModule):
    """Any folder of class folders, or a zip archive of one: grey or colour, of any sizes and formats.

    `root/train/CLASS/...`, and `val` and `test` beside train where there are such; what isn't there is held out of
    train by the images' names. Pictures are scaled until they cover a square of `image_size`, whose middle is cut out;
    in training a random part of them is. Every image is opened once beforehand (the result is cached): damaged ones
    are an error, or are left out, named and counted.

    Args:
        root: the folder or archive.
        image_size: pixels, of both sides.
        channels: 3 for colour, 1 for grey.
        batch_size: most images of a batch, of each process.
        val_share, test_share: of the images of each class in train, held out where there is no such folder.
        min_crop: least share of a picture's area in a random part, above 0; 1 for the middle, as in evaluation.
        max_shift: pixels by which a training image is moved at most, each way.
        horizontal_flip: mirror every other training image.
        skip_broken: go on without damaged images.
        num_workers: processes that read images ahead; 0 for none. Changes no result.
        cache_dir: where the check's result goes (None: $ATTNLAB_CACHE, else ~/.cache/attnlab).
        seed: of the order and the augmentation of training images.

    Raises:
        ValueError: a number out of its range.
    """

    root: Path
    codec_type = ImageCodec
    codec: ImageCodec
    _adopted: ImageCodec | None

    def __init__(
        self,
        *,
        root: str,
        image_size: int = 64,
        channels: int = 3,
        batch_size: int = 64,
        val_share: float = 0.1,
        test_share: float = 0.1,
        min_crop: float = 0.35,
        max_shift: int = 0,
        horizontal_flip: bool = True,
        skip_broken: bool = False,
        num_workers: int = 2,
        cache_dir: str | None = None,
        seed: int = 0,
    ) -> None:
        super().__init__(root=root, cache_dir=cache_dir, seed=seed, num_workers=num_workers)
        at_least(1, "data", batch_size=batch_size, image_size=image_size)
        check_channels(channels)
        for key, share in (("val_share", val_share), ("test_share", test_share)):
            if not 0 < share < 1:
                raise ValueError(f"{key} must lie between 0 and 1, got {share} (set data.{key})")
        if not 0 < min_crop <= 1:
            raise ValueError(f"min_crop must be above 0 and at most 1, got {min_crop} (set data.min_crop)")
        self.image_size, self.channels, self.batch_size = image_size, channels, batch_size
        self.val_share, self.test_share = val_share, test_share
        self.min_crop, self.skip_broken = min_crop, skip_broken
        self.augmentation = Augmentation(max_shift=max_shift, horizontal_flip=horizontal_flip)
        self.example_sizes = self._codec([str(number) for number in range(10)]).sizes

    def prepare_data(self) -> None:
        """Find the images and open each of them, if that isn't done yet.

        Raises:
            UserError: the folder isn't laid out as it must be, or holds damaged images, or other ones than an adopted
                model takes.
        """
        if self.prepared:
            return
        files = open_image_files(self.root)
        names = self._image_names(files)
        scan = scan_images(files, names, cache_dir=self.cache_dir, num_threads=self.num_workers)
        report_broken(scan.broken, len(names), skip=self.skip_broken)
        splits = labelled_splits(
            (name for name in names if name not in scan.broken), val_share=self.val_share, test_share=self.test_share
        )
        codec = self._codec(sorted(set(splits["train"].values())))
        if self._adopted is not None:
            check_codec(self._adopted, classes=codec.classes, sizes=codec.sizes)
            codec = self._adopted
        self._reader = ImageReader(
            files, splits, codec, augmentation=self.augmentation, min_crop=self.min_crop, seed=self.seed
        )
        counts = {split: len(labelled) for split, labelled in splits.items()}
        self._hold(
            codec=codec,
            checksum=scan.sha256,
            summary={"images": counts, "broken": scan.broken},
            plans=EvenPlans(num_items=counts, batch_size=self.batch_size, seed=self.seed),
            make=self._reader,
            finish=partial(ready, codec=codec),
        )

    def _image_names(self, files: ImageFiles) -> list[str]:
        names = files.listing()
        others = [name for name in names if not name.lower().endswith(IMAGE_ENDINGS)]
        if others:
            shown = ", ".join(others[:5]) + (", ..." if len(others) > 5 else "")
            log.warning("left out %d files in %s that aren't named as images: %s", len(others), self.root, shown)
        return sorted(set(names) - set(others))

    def _codec(self, classes: list[str]) -> ImageCodec:
        return ImageCodec(
            classes=classes,
            channels=self.channels,
            height=self.image_size,
            width=self.image_size,
            mean=MEAN[self.channels],
            std=STD[self.channels],
        )

    # What is known once prepared

    def image(self, split: str, number: int) -> Tensor:
        """An image (C, H, W) as the model is shown it in evaluation, uint8; `number` as in a batch's ids."""
        return self._reader.image(split, number)
