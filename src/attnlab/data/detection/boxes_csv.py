"""Boxes in CSV files, a line each, as TensorFlow's examples have them and Roboflow exports them."""

import posixpath
from collections.abc import Mapping, Sequence
from pathlib import Path

from attnlab.data.detection.csv_file import read_splits
from attnlab.data.detection.doubts import Doubts
from attnlab.data.detection.drawn import DrawnPicture, Place
from attnlab.data.detection.misread import of_corners
from attnlab.data.detection.rules import FileRules
from attnlab.data.detection.sets import SPLITS, DetectionSplits
from attnlab.data.origin import Origin
from attnlab.errors import UserError


class BoxesCsv:
    """A CSV file and a folder of images for each split; paths are relative to `data.root`.

    The first line names the columns: `filename`, `class`, `xmin`, `ymin`, `xmax`, `ymax`, and maybe the image's `width`
    and `height`, in any order and among others. A line without a class and corners is an image without objects.
    A column `split` may say to which of train, val and test an image of train's file belongs, where they have no file.
    Coordinates are pixels from 0, or shares of the image's sides where a file has none above 1. The classes are those
    of train, sorted.

    Args:
        train, val, test: the CSV files; None for a val or test that is held out of train.
        train_images, val_images, test_images: the folders; None: where the CSV file is.
        val_share, test_share: of train's images, chosen by their paths alone, where that file is None.
        repair: mend boxes that can't be, or drop them, counted; False: they are an error.
        skip_broken: go on without images that are missing, damaged or of another size than annotated, named and
            counted; False: they are an error.

    Raises:
        ValueError: a share that isn't one.
    """

    origin = Origin.OWN
    num_classes = None
    channels = None

    def __init__(
        self,
        *,
        train: str,
        val: str | None,
        test: str | None,
        train_images: str | None = None,
        val_images: str | None = None,
        test_images: str | None = None,
        val_share: float = 0.1,
        test_share: float = 0.1,
        repair: bool = False,
        skip_broken: bool = False,
    ) -> None:
        files = zip(SPLITS, (train, val, test), (train_images, val_images, test_images), strict=True)
        self.files = {
            split: (file, posixpath.dirname(file) if folder is None else folder)
            for split, file, folder in files
            if file is not None
        }
        self.rules = FileRules(val_share=val_share, test_share=test_share, repair=repair, skip_broken=skip_broken)

    def read(self, *, channels: int, root: Path | None, cache_dir: Path) -> DetectionSplits:
        found = self._pictures(root, list(self.files))
        if "train" not in found:
            raise UserError(f"some images must be train's, got {', '.join(found)} alone (set data.source.train)")
        classes = sorted({box.label for each in found["train"] for box in each.boxes})
        if not classes:
            raise UserError(
                f"there must be objects to learn, got none in {self.files['train'][0]} (set data.source.train)"
            )
        return self._splits(root, self.rules.held_out(found), classes, channels, cache_dir)

    def read_test(
        self, classes: Sequence[str], *, whole: bool, channels: int, root: Path | None, cache_dir: Path
    ) -> DetectionSplits:
        wanted = ["test"] if "test" in self.files else list(self.files)
        pictures, total = self.rules.test_of(self._pictures(root, wanted), classes, whole=whole)
        return self._splits(root, pictures, classes, channels, cache_dir)._replace(held_out_of=total)

    def _pictures(self, root: Path | None, splits: Sequence[str]) -> dict[str, list[DrawnPicture]]:
        if root is None:
            raise UserError("a folder must be named (set data.root=FOLDER)")
        found: dict[str, list[DrawnPicture]] = {}
        for split in splits:
            file, folder = self.files[split]
            told = read_splits(root / file, folder=folder, key=f"data.source.{split}", split=split)
            others = [each for each in told if each != split and (split != "train" or each in self.files)]
            if others:
                key = others[0] if split == "train" else split
                raise UserError(
                    f"a column split must agree with the files, got {others[0]} in {root / file}, which is {split}'s "
                    f"(set data.source.{key}=null, or drop the column)"
                )
            found |= told
        return found

    def _splits(
        self,
        root: Path | None,
        pictures: Mapping[str, Sequence[DrawnPicture]],
        classes: Sequence[str],
        channels: int,
        cache_dir: Path,
    ) -> DetectionSplits:
        assert root is not None  # or there were no pictures
        places = {
            split: Place(file, root / folder, f"data.source.{split}", f"data.source.{split}_images")
            for split, (file, folder) in self.files.items()
        }
        return self.rules.splits(
            root,
            pictures,
            classes,
            places=places,
            channels=channels,
            cache_dir=cache_dir,
            doubts=Doubts(),
            misread=of_corners,
        )
