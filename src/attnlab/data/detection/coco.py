"""Folders in the format of COCO: one JSON file of boxes for each split, or one for all."""

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path

from attnlab.data.detection.box_sanity import BoxSanity
from attnlab.data.detection.coco_file import CocoFile
from attnlab.data.detection.doubts import Doubts
from attnlab.data.detection.drawn import DrawnPicture, Handling, Place, boxed_splits, check_known
from attnlab.data.detection.hold_out import check_shares, test_alone, with_held_out
from attnlab.data.detection.misread import of_coco
from attnlab.data.detection.pictures import BoxedFile
from attnlab.data.detection.sets import SPLITS, DetectionSplits
from attnlab.data.origin import Origin
from attnlab.errors import UserError


class CocoFolder:
    """A JSON file and a folder of images for each split (Lin et al., 2014). Paths are relative to `data.root`.

    A file's `images` have `id`, `file_name`, `width`, `height`; its `annotations` have `image_id`, `category_id`,
    `bbox` (left, top, width, height; else it is drawn around `segmentation`), and maybe `iscrowd` and `area`, by which
    scores tell small objects from large; its `categories` have `id` and `name`. The classes are those of train, in the
    order of their ids; in val and test they are known by name. One that has no box anywhere and of which others are
    kinds, by their `supercategory`, is no class. Crowds are nothing that training looks for (their places are
    background), and neither right nor wrong in scores.

    Args:
        train, val, test: the JSON files; None for a val or test that is held out of train.
        train_images, val_images, test_images: the folders.
        val_share, test_share: of train's images, chosen by their paths alone, where that file is None.
        repair: mend boxes that can't be, or drop them, counted, and make categories of one name one class; False: they
            are an error.
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
        train_images: str,
        val_images: str | None,
        test_images: str | None,
        val_share: float = 0.1,
        test_share: float = 0.1,
        repair: bool = False,
        skip_broken: bool = False,
    ) -> None:
        check_shares(val_share=val_share, test_share=test_share)
        files = dict(zip(SPLITS, ((train, train_images), (val, val_images), (test, test_images)), strict=True))
        self.files = {split: (file, folder or "") for split, (file, folder) in files.items() if file is not None}
        shares = {"val": val_share, "test": test_share}
        self.shares = {split: share for split, share in shares.items() if split not in self.files}
        self.repair, self.skip_broken = repair, skip_broken

    def read(self, *, channels: int, root: Path | None, cache_dir: Path) -> DetectionSplits:
        tables = self._tables(root, list(self.files))
        handling = self._handling(channels, cache_dir)
        classes = list(dict.fromkeys(tables["train"].categories.values()))
        if not classes:
            raise UserError(
                f"there must be categories to learn, got none in {tables['train'].path} (set data.source.train)"
            )
        drawn = {split: table.pictures(self.files[split][1]) for split, table in tables.items()}
        pictures = with_held_out(drawn, self.shares)
        used = {box.label for drawn in pictures.values() for each in drawn for box in each.boxes}
        parents = [name for name in classes if name in tables["train"].parents() - used]
        if parents and len(parents) < len(classes):
            classes = [name for name in classes if name not in parents]
            message = f"{', '.join(parents)} has no boxes and only names what others are kinds of: it is no class"
            handling.doubts.add("category_left_out", message)
        return self._splits(root, tables, pictures, classes, handling)

    def read_test(
        self, classes: Sequence[str], *, whole: bool, channels: int, root: Path | None, cache_dir: Path
    ) -> DetectionSplits:
        tables = self._tables(root, ["test" if "test" in self.files else "train"])
        found = {split: table.pictures(self.files[split][1]) for split, table in tables.items()}
        test, total = test_alone(found, self.shares, whole=whole)
        check_known([box for each in test for box in each.boxes], classes, repair=self.repair)
        handling = self._handling(channels, cache_dir)
        return self._splits(root, tables, {"test": test}, classes, handling)._replace(held_out_of=total)

    def _tables(self, root: Path | None, splits: Sequence[str]) -> dict[str, CocoFile]:
        if root is None:
            raise UserError("a COCO folder must be named (set data.root=FOLDER)")
        return {
            split: CocoFile(root / self.files[split][0], key=f"data.source.{split}", merge=self.repair)
            for split in splits
        }

    def _handling(self, channels: int, cache_dir: Path) -> Handling:
        sanity = BoxSanity(repair=self.repair, numbers="left, top, width, height", misread=of_coco)
        return Handling(sanity, self.skip_broken, channels, cache_dir, Doubts())

    def _splits(
        self,
        root: Path | None,
        tables: Mapping[str, CocoFile],
        pictures: Mapping[str, Sequence[DrawnPicture]],
        classes: Sequence[str],
        handling: Handling,
    ) -> DetectionSplits:
        assert root is not None  # or there were no tables

        def checksum(images_sha256: str, rows: Mapping[str, Sequence[BoxedFile]]) -> str:
            texts = "".join(table.text for table in tables.values())
            return hashlib.sha256((texts + images_sha256).encode()).hexdigest()

        places = {
            split: Place(
                self.files[split][0], root / self.files[split][1], f"data.source.{split}", f"data.source.{split}_images"
            )
            for split in tables
        }
        return boxed_splits(root, pictures, classes, places=places, handling=handling, checksum=checksum)
