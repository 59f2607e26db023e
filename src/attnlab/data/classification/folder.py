"""Images to classify that lie in files, read as they are needed."""

import logging
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path

from torch import Tensor

from attnlab.data.classification.class_folders import (
    NO_CLASS,
    Labelled,
    all_labelled,
    checksum_of,
    lacking_classes,
    laid_out,
    shared_folders,
    shared_out,
)
from attnlab.data.classification.doubts import doubts_of_copies, doubts_of_names, first_of
from attnlab.data.classification.label_table import Row, labels_of, read_label_table, splits_of
from attnlab.data.classification.reader import ImageReader
from attnlab.data.images.augmentation import Augmentation
from attnlab.data.images.batch import ready
from attnlab.data.images.codec import ImageCodec, check_channels, check_codec
from attnlab.data.images.files import ImageFiles, open_image_files
from attnlab.data.images.reading import BrokenImage
from attnlab.data.images.scan import report_broken, scan_images
from attnlab.data.loading.even_batches import EvenPlans
from attnlab.data.module import WORKER_TIMEOUT, DataModule
from attnlab.data.origin import Origin
from attnlab.errors import UserError, at_least, between, one_line
from attnlab.files import HEIF_ENDINGS, IMAGE_ENDINGS
from attnlab.reading.bounds import RECORD, read_file
from attnlab.reading.data_root import check_there

log = logging.getLogger(__name__)

# Of photographs, as torchvision's models have them; and of their grey.
MEAN, STD = {1: [0.449], 3: [0.485, 0.456, 0.406]}, {1: [0.226], 3: [0.229, 0.224, 0.225]}


class ImageFolderDataModule(DataModule):
    """Any folder of class folders, or a zip archive of one: grey or colour, of any sizes and formats.

    `root/train/CLASS/...`, and `val` and `test` beside train where there are such; what isn't there is held out of
    train by the images' names. Images in no class's folder are of one kind, which generating without classes takes.
    Pictures are scaled until they cover a square of `image_size`, whose middle is cut out; in training a random part of
    them is. Every image is opened once beforehand (the result is cached): damaged ones are an error, or are left out,
    named and counted. What runs of this project wrote below the root is left out.

    Args:
        root: the folder or archive.
        image_size: pixels, of both sides.
        channels: 3 for colour, 1 for grey.
        batch_size: most images of a batch, of each process.
        val_share, test_share: of the images of each class in train, held out where there is no such folder.
        min_crop: least share of a picture's area in a random part, above 0; 1 for the middle, as in evaluation.
        max_shift: pixels by which a training image is moved at most, each way.
        horizontal_flip: mirror every other training image.
        skip_broken: go on without damaged images, and without rows of `labels` that have no image.
        labels: a table of the images' classes, below the root or elsewhere, which then don't lie in class folders.
        zip_encoding: of the names in an archive that don't say theirs; None for a guess, which is told.
        num_workers: processes that read images ahead; 0 for none. Changes no result.
        worker_timeout: seconds that may pass until they have made the next batch, 0 for any number.
        cache_dir: where the check's result goes (None: $ATTNLAB_CACHE, else ~/.cache/attnlab).
        seed: of the order and the augmentation of training images.

    Raises:
        ValueError: a number out of its range.
    """

    origin = Origin.OWN
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
        labels: str | None = None,
        zip_encoding: str | None = None,
        num_workers: int = 2,
        worker_timeout: float = WORKER_TIMEOUT,
        cache_dir: str | None = None,
        seed: int = 0,
    ) -> None:
        super().__init__(
            root=root, cache_dir=cache_dir, seed=seed, num_workers=num_workers, worker_timeout=worker_timeout
        )
        at_least(1, "data", batch_size=batch_size)
        between(1, 8192, "data", image_size=image_size)
        between(0, image_size - 1, "data", max_shift=max_shift)
        check_channels(channels)
        for key, share in (("val_share", val_share), ("test_share", test_share)):
            if not 0 < share < 1:
                raise ValueError(f"{key} must lie between 0 and 1, got {share} (set data.{key})")
        if not 0 < min_crop <= 1:
            raise ValueError(f"min_crop must be above 0 and at most 1, got {min_crop} (set data.min_crop)")
        self.image_size, self.channels, self.batch_size = image_size, channels, batch_size
        self.val_share, self.test_share = val_share, test_share
        self.min_crop, self.skip_broken = min_crop, skip_broken
        self.labels, self.zip_encoding = labels, zip_encoding
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
        check_there(self.root)
        files = open_image_files(self.root, zip_encoding=self.zip_encoding)
        contents = files.contents()
        if contents.left_out is not None:
            log.info("%s", contents.left_out)
        if contents.guessed is not None:
            self.warn("zip_encoding", contents.guessed)
        names, table = self._image_names(contents.files), self._table(files, contents.files)
        rows = None if table is None else self._rows(table, names)
        names = names if rows is None else sorted(rows)
        scan = scan_images(files, names, cache_dir=self.cache_dir, num_threads=self.num_workers)
        report_broken(scan.broken, len(names), skip=self.skip_broken)
        if (dark := scan.dark()) is not None:
            self.warn("dark_images", dark)
        there = self._splits([name for name in names if name not in scan.broken], contents.folders, rows)
        splits = self._shared_out(there, scan.sha256, table=rows is not None)
        for kind, message in doubts_of_copies(splits, scan.copies):
            self.warn(kind, message)
        codec = self._codec(sorted(set(splits["train"].values()) or set(splits["test"].values())))
        if self._adopted is None:
            for kind, message in doubts_of_names(codec.classes, place=self.labels or self.root):
                self.warn(kind, message)
        else:
            codec = self._checked(self._adopted, codec, splits)
        self._reader = ImageReader(
            files, splits, codec, augmentation=self.augmentation, min_crop=self.min_crop, seed=self.seed
        )
        counts = {split: len(labelled) for split, labelled in splits.items()}
        self._hold(
            codec=codec,
            checksum=checksum_of(scan.sha256, splits, table=rows is not None),
            summary={"images": counts, "broken": scan.broken},
            plans=EvenPlans(num_items=counts, batch_size=self.batch_size, seed=self.seed),
            make=self._reader,
            finish=partial(ready, codec=codec),
        )

    def _image_names(self, files: Sequence[str]) -> list[str]:
        others = [name for name in files if not name.lower().endswith(IMAGE_ENDINGS) and name != self.labels]
        heif = [name for name in others if name.lower().endswith(HEIF_ENDINGS)]
        if heif:
            self.warn(
                "unread_images",
                f"left out {len(heif)} images in {self.root} of a kind that isn't read: {first_of(heif)} (convert them "
                "to JPEG or PNG)",
            )
        if others := sorted(set(others) - set(heif)):
            log.warning(
                "left out %d files in %s that aren't named as images: %s", len(others), self.root, first_of(others)
            )
        return sorted(name for name in files if name.lower().endswith(IMAGE_ENDINGS))

    def _table(self, files: ImageFiles, names: Sequence[str]) -> list[Row] | None:
        """The rows of the table of labels, if there is to be one."""
        if self.labels is None:
            return None
        within = self.labels in names
        place = self.root / Path(self.labels).expanduser()
        try:
            content = files.read(self.labels) if within else read_file(place, mib=RECORD)
        except (BrokenImage, OSError) as error:
            said = getattr(error, "strerror", None) or one_line(error)  # an OSError's own words name the file again
            raise UserError(f"this table of labels can't be read, got {place}: {said} (set data.labels)") from error
        return read_label_table(content, self.labels)

    def _rows(self, table: Sequence[Row], names: Sequence[str]) -> dict[str, Row]:
        assert self.labels is not None
        rows = labels_of(table, names, self.labels, skip=self.skip_broken)
        if len(rows) < len(names):
            without = [name for name in names if name not in rows]
            some = first_of(without)
            self.warn("unlabelled", f"left out {len(without)} images without a row in {self.labels}: {some}")
        if not rows:
            raise UserError(f"there must be images with labels, got no row in {self.labels} (set data.labels)")
        return rows

    def _splits(
        self, names: Sequence[str], folders: Sequence[str], rows: Mapping[str, Row] | None
    ) -> dict[str, Labelled]:
        """The images of those splits that there are."""
        if rows is not None:
            splits = splits_of({name: rows[name] for name in names})
        else:
            if not names:
                raise UserError(f"there must be images, got none in {self.root} (set data.root)")
            layout = laid_out(names, lone=self._trained_on is not None)
            splits = layout.splits
            for split, folder in layout.folders.items():
                if folder != split:
                    log.info("the folder %s is taken for %s", folder, split)
            if shared := shared_folders(layout):
                self.warn(
                    "same_folders",
                    f"all classes hold the same folders, {first_of(shared)}: these may be the classes, and what is "
                    "taken for classes splits (name splits train, val and test)",
                )
            for split, lacking in lacking_classes(folders, layout).items():
                known = "the model won't know them" if split == "train" else "their scores say nothing"
                self.warn("empty_classes", f"{split} has no image of {', '.join(lacking)}: {known}")
        keys = {split: f"add images, or set data.{split}_share" for split in ("val", "test")}
        self.remedies |= {split: f"add images to {split}" if split in splits else keys[split] for split in keys}
        return splits

    def _shared_out(self, there: Mapping[str, Labelled], sha256: str, *, table: bool) -> dict[str, Labelled]:
        """All three splits. To evaluate on other images than training's, all that aren't split are test."""
        total = sum(map(len, there.values()))
        if self._trained_on is None or self._trained_on == self._checksum_shared(there, sha256, table=table):
            splits = shared_out(there, val_share=self.val_share, test_share=self.test_share)
            if "test" not in there:
                self.test_origin = f"{len(splits['test'])} of {total} images (data.test_share={self.test_share})"
            return splits
        if "test" not in there:
            self.test_origin = f"all {total} images, none of which is set apart for test"
        return {"train": {}, "val": {}, "test": there.get("test") or all_labelled(there)}

    def _checksum_shared(self, there: Mapping[str, Labelled], sha256: str, *, table: bool) -> str | None:
        """What the checksum would be if training were to begin with these images; None where it couldn't."""
        try:
            splits = shared_out(there, val_share=self.val_share, test_share=self.test_share)
        except (KeyError, UserError):  # no train, or too little of it
            return None
        return checksum_of(sha256, splits, table=table)

    def _checked(self, adopted: ImageCodec, own: ImageCodec, splits: Mapping[str, Labelled]) -> ImageCodec:
        """What a trained model's codec makes of these images.

        Raises:
            UserError: it takes others.
        """
        if self._any_classes:
            adopted = ImageCodec(**(adopted.state() | {"classes": own.classes}))
        if own.classes == [NO_CLASS] != adopted.classes:
            raise UserError(
                f"images must lie in folders of classes that the model knows, {', '.join(adopted.classes)}, got "
                f"{self.root}, where they lie in none (move them, or set data.root or data.labels)"
            )
        lacking = sorted(set(adopted.classes) - set(own.classes))
        if splits["train"] or not set(own.classes) <= set(adopted.classes):
            check_codec(adopted, classes=own.classes, sizes=own.sizes)
        else:
            check_codec(adopted, classes=adopted.classes, sizes=own.sizes | {"num_classes": len(adopted.classes)})
            if lacking:
                self.warn("empty_classes", f"test has no image of {', '.join(lacking)}: their scores say nothing")
        return adopted

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

    def train_labels(self) -> Tensor:
        """The label of each training image: (N,) int64."""
        return self._reader.labels["train"]

    def image(self, split: str, number: int) -> Tensor:
        """An image (C, H, W) as the model is shown it in evaluation, uint8; `number` as in a batch's ids."""
        return self._reader.image(split, number)

    def image_files(self, split: str) -> tuple[ImageFiles, Sequence[str]]:
        """Where a split's pictures are, and their names there."""
        return self._reader.files, self._reader.names.get(split, [])
