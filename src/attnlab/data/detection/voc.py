"""Folders in the format of PASCAL VOC: an XML file of boxes for each image."""

import hashlib
import logging
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from attnlab.data.detection.box_sanity import BoxSanity
from attnlab.data.detection.doubts import Doubts
from attnlab.data.detection.drawn import DrawnPicture, Handling, Place, boxed_splits, check_known, rows_checksum
from attnlab.data.detection.folders import SPLIT_FOLDERS, ImagesByStem, by_split, check_trainable
from attnlab.data.detection.hold_out import check_shares, test_alone, with_held_out
from attnlab.data.detection.misread import of_corners
from attnlab.data.detection.pictures import BoxedFile
from attnlab.data.detection.sets import SPLITS, DetectionSplits
from attnlab.data.detection.voc_annotation import Annotation, read_annotation
from attnlab.data.files.lines import read_lines
from attnlab.data.images.files import FolderFiles
from attnlab.data.origin import Origin
from attnlab.errors import UserError
from attnlab.files import IMAGE_ENDINGS

log = logging.getLogger(__name__)


class VocFolder:
    """`Annotations/*.xml`, `JPEGImages/*` and `ImageSets/Main/*.txt`, in a folder (Everingham et al., 2010).

    An image set is a list of names, one a line, which may lie in folders. Where there is no `ImageSets`, the XML files
    lie beside their images, or in a folder beside theirs, and belong to the split after which one of the folders around
    them is named (train, val or valid, test); splits without such a folder are held out of train.
    Objects marked difficult are nothing that training looks for (their places are background), and neither right nor
    wrong in scores. Pixels count from 1 in VOC and a box holds its last pixel; other tools that write this format count
    from 0 and end where the box ends: `first_pixel` says which.

    Args:
        train, val, test: names of image sets; None for a val or test that is held out of train.
        val_share, test_share: of train's images, chosen by their paths alone, for splits that have none.
        classes: names in the order of labels; None for those found in train, sorted.
        first_pixel: 1 or 0.
        repair: mend boxes that can't be, or drop them, counted; False: they are an error.
        skip_broken: go on without images that are missing, damaged or of another size than annotated, named and
            counted; False: they are an error.

    Raises:
        ValueError: another first pixel, a share that isn't one, or classes that aren't a list of different names.
    """

    origin = Origin.OWN
    channels = None

    def __init__(
        self,
        *,
        train: str,
        val: str | None,
        test: str | None,
        val_share: float = 0.1,
        test_share: float = 0.1,
        classes: Sequence[str] | None = None,
        first_pixel: int = 1,
        repair: bool = False,
        skip_broken: bool = False,
    ) -> None:
        if first_pixel not in (0, 1):
            raise ValueError(f"first_pixel must be 0 or 1, got {first_pixel} (set data.source.first_pixel)")
        if classes is not None:
            _check_classes(classes)
        check_shares(val_share=val_share, test_share=test_share)
        sets = zip(SPLITS, (train, val, test), strict=True)
        self.sets = {split: name for split, name in sets if name is not None}
        self.shares = {"val": val_share, "test": test_share}
        self.classes = list(classes) if classes is not None else None
        self.num_classes = len(classes) if classes is not None else None
        self.first_pixel, self.repair, self.skip_broken = first_pixel, repair, skip_broken

    def read(self, *, channels: int, root: Path | None, cache_dir: Path) -> DetectionSplits:
        root, listing = self._listing(root)
        check_trainable(listing.names)
        annotations = self._annotations(root, listing, listing.names)
        classes = self.classes
        if classes is None:
            classes = sorted({box.label for name in listing.names["train"] for box in annotations[name].boxes})
        if not classes:
            place = listing.places["train"]
            raise UserError(f"there must be objects to learn, got none in {place.listed} (set {place.key})")
        found = self._pictures(listing, annotations)
        splits = with_held_out(found, {split: share for split, share in self.shares.items() if split not in found})
        return self._splits(root, listing, splits, classes, channels=channels, cache_dir=cache_dir)

    def read_test(
        self, classes: Sequence[str], *, whole: bool, channels: int, root: Path | None, cache_dir: Path
    ) -> DetectionSplits:
        root, listing = self._listing(root)
        if "test" in listing.names:
            listing = listing._replace(names={"test": listing.names["test"]})
        found = self._pictures(listing, self._annotations(root, listing, listing.names))
        test, total = test_alone(found, self.shares, whole=whole)
        check_known([box for each in test for box in each.boxes], classes, repair=self.repair)
        splits = self._splits(root, listing, {"test": test}, classes, channels=channels, cache_dir=cache_dir)
        return splits._replace(held_out_of=total)

    def _listing(self, root: Path | None) -> tuple[Path, "Listing"]:
        if root is None:
            raise UserError("a VOC folder must be named (set data.root=FOLDER)")
        if (root / "ImageSets").is_dir():
            return root, _listed(root, self.sets)
        self._check_unlisted(root)
        return root, _beside(root)

    def _check_unlisted(self, root: Path) -> None:
        """UserError where image sets lie deeper, or are asked for by name and aren't there."""
        deeper = sorted({each for depth in ("*", "*/*") for each in root.glob(f"{depth}/ImageSets") if each.is_dir()})
        if deeper:
            raise UserError(
                f"a folder that holds ImageSets must be named, got {root}, around "
                f"{' and '.join(each.parent.relative_to(root).as_posix() for each in deeper[:3])} (set "
                f"data.root={deeper[0].parent})"
            )
        asked = [f"data.source.{split}={name}" for split, name in self.sets.items() if SPLIT_FOLDERS.get(name) != split]
        if asked and root.is_dir():
            raise UserError(
                f"image sets must be lists in ImageSets/Main, got {asked[0]} and no such folder in {root} (drop it, or "
                "set data.root)"
            )

    def _annotations(self, root: Path, listing: "Listing", splits: Iterable[str]) -> dict[str, Annotation]:
        """Each read once, by name."""
        names = sorted({name for split in splits for name in listing.names[split]})
        return {name: read_annotation(root / listing.file(name), first_pixel=self.first_pixel) for name in names}

    def _pictures(self, listing: "Listing", annotations: Mapping[str, Annotation]) -> dict[str, list[DrawnPicture]]:
        images = {name: listing.images.of(listing.file(name), said=each.image) for name, each in annotations.items()}
        missing = [name for name, image in images.items() if image is None]
        if missing and len(missing) < len(images) and not self.skip_broken:
            raise UserError(
                f"every annotation must have an image, got none named {missing[0]} in {listing.folder} "
                f"({len(missing)} of {len(images)}; add them, or set data.source.skip_broken=true)"
            )
        drawn = {
            name: DrawnPicture(images[name] or f"{listing.folder.name}/{name}.*", each.size, each.boxes, each.where)
            for name, each in annotations.items()
        }
        return {split: [drawn[name] for name in names] for split, names in listing.names.items()}

    def _splits(
        self,
        root: Path,
        listing: "Listing",
        pictures: Mapping[str, Sequence[DrawnPicture]],
        classes: Sequence[str],
        *,
        channels: int,
        cache_dir: Path,
    ) -> DetectionSplits:
        def checksum(images_sha256: str, rows: Mapping[str, Sequence[BoxedFile]]) -> str:
            if rows.keys() != listing.names.keys():
                return rows_checksum(images_sha256, rows)
            # As the first version has it, so that a run of before is known to be on the same data.
            digest = hashlib.sha256(f"{images_sha256} {listing.names} {list(classes)}".encode())
            named = {
                name: row.objects
                for split, found in rows.items()
                for name, row in zip(listing.names[split], found, strict=True)
            }
            for name in sorted(named):
                digest.update(name.encode() + named[name].boxes.tobytes() + named[name].labels.tobytes())
            return digest.hexdigest()

        boxes = [box for drawn in pictures.values() for each in drawn for box in each.boxes]
        from_zero = self.first_pixel and any(min(box.written[:2]) == 0 for box in boxes)
        remedy = ", or data.source.first_pixel=0 where pixels count from 0" if from_zero else ""
        handling = Handling(
            BoxSanity(repair=self.repair, remedy=remedy, misread=of_corners),
            self.skip_broken,
            channels,
            cache_dir,
            Doubts(),
        )
        return boxed_splits(root, pictures, classes, places=listing.places, handling=handling, checksum=checksum)


class Listing(NamedTuple):
    """Which annotations there are, by names that don't have their ending."""

    names: dict[str, list[str]]  # of each split
    annotations: str  # the folder of their files, below the root
    images: ImagesByStem
    folder: Path  # of images
    places: dict[str, Place]

    def file(self, name: str) -> str:
        """The annotation's path below the root."""
        return f"{self.annotations}{name}.xml"


def _check_classes(classes: Sequence[str]) -> None:
    names = isinstance(classes, Sequence) and not isinstance(classes, str) and all(isinstance(c, str) for c in classes)
    if not names or not classes or len(set(classes)) < len(classes):
        raise ValueError(
            f"classes must be a list of different names, got {classes!r} (set data.source.classes=[cat,dog], or null)"
        )


def _listed(root: Path, sets: Mapping[str, str]) -> Listing:
    """As in VOC: image sets name what lies in two folders."""
    names = {split: _names(root, each, split) for split, each in sets.items()}
    folder = root / "JPEGImages"
    images = ImagesByStem(f"JPEGImages/{name}" for name in FolderFiles(folder).listing())
    places = {
        split: Place(f"the image set {each} of {root}", folder, f"data.source.{split}", "data.root")
        for split, each in sets.items()
    }
    return Listing(names, "Annotations/", images, folder, places)


def _names(root: Path, image_set: str, split: str) -> list[str]:
    folder = root / "ImageSets" / "Main"
    if not folder.is_dir():
        raise UserError(
            f"image sets must be lists in ImageSets/Main, got no such folder in {root} (add it, or set data.root)"
        )
    lines = read_lines(folder / f"{image_set}.txt", key=f"data.root or data.source.{split}")
    return [_name(root, line.replace("\\", "/")) for line in lines if line]


def _name(root: Path, line: str) -> str:
    # Sets of one class have a second column, whether it is in the image; but a name may hold spaces, too.
    bare = re.sub(r"\s+(-1|0|1)$", "", line)
    without = next((bare[: -len(ending)] for ending in IMAGE_ENDINGS if bare.lower().endswith(ending)), bare)
    last = PurePosixPath(without).name  # of a path to the image
    candidates = (line, bare, without, last, PurePosixPath(last).stem)
    return next((name for name in candidates if (root / "Annotations" / f"{name}.xml").is_file()), bare)


def _beside(root: Path) -> Listing:
    """As LabelImg leaves them, and Roboflow exports them: annotations beside images, maybe in folders of splits."""
    files = FolderFiles(root).listing()
    found = by_split(
        (name for name in files if name.lower().endswith(".xml")), what="ImageSets or XML files", root=root
    )
    names = {split: [name[: -len(".xml")] for name in each] for split, each in found.items()}
    images = ImagesByStem(files)
    if left_out := len(images.names) - sum(map(len, names.values())):
        log.info("%d images in %s have no annotation and are left out", max(0, left_out), root)
    places = Place.in_root(root, {split: f"the annotations of {split}" for split in names})
    return Listing(names, "", images, root, places)
