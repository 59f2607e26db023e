"""From what annotations say of pictures to splits of pictures with boxes that can be."""

import hashlib
import logging
import os
import posixpath
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote

from attnlab.data.detection.box_sanity import BoxSanity, DrawnBox
from attnlab.data.detection.doubts import Doubts
from attnlab.data.detection.pictures import SCAN_THREADS, BoxedFile, whole_files
from attnlab.data.detection.sets import DetectionSplits, boxed_objects
from attnlab.data.images.files import FolderFiles
from attnlab.data.images.scan import scan_images
from attnlab.errors import UserError

log = logging.getLogger(__name__)

MOSTLY = 0.9  # of a split's images: where so many are missing, it is the folder that is wrong


class DrawnPicture(NamedTuple):
    """An image file below a folder, and what an annotation says of it."""

    path: str
    size: tuple[int, int] | None  # height and width; None where only the file knows them
    boxes: Sequence[DrawnBox]
    where: object = None  # file and line, as text once a message needs it
    in_shares: bool = False  # whether corners are shares of the sides, not pixels


class Place(NamedTuple):
    """Where a split comes from, for messages."""

    listed: str  # the file or folder that names its images
    folder: Path  # where they are looked for
    key: str  # what names that file
    folder_key: str  # what names that folder

    @classmethod
    def in_root(cls, root: Path, listed: Mapping[str, str]) -> "dict[str, Place]":
        """Of each split, where data.root names all; `listed` is what names the images of each."""
        return {split: cls(each, root, "data.root", "data.root") for split, each in listed.items()}


Checksum = Callable[[str, Mapping[str, Sequence[BoxedFile]]], str]
"""Of a set, from the sha256 of its images and its pictures by split."""


class Handling(NamedTuple):
    """What is done about what can't be, and where results are kept."""

    sanity: BoxSanity
    skip_broken: bool
    channels: int
    cache_dir: Path
    doubts: Doubts


def boxed_splits(
    root: Path,
    pictures: Mapping[str, Sequence[DrawnPicture]],
    classes: Sequence[str],
    *,
    places: Mapping[str, Place],
    handling: Handling,
    checksum: Checksum,
) -> DetectionSplits:
    """The set that these annotations describe; of `places`, train's stands for what is held out of it.

    Raises:
        UserError: images aren't where they are looked for, boxes that can't be, images that are broken, or nothing to
            learn in train.
    """
    files, doubts = FolderFiles(root), handling.doubts
    pictures = {
        split: _by_base_name(files, drawn, places.get(split, places.get("train"))) for split, drawn in pictures.items()
    }
    for split, drawn in pictures.items():
        _check_found(files, drawn, places.get(split, places.get("train")), handling)
    rows = _checked(files, pictures, classes, handling)
    repaired = handling.sanity.report()
    doubts.of_misread(handling.sanity.misread(handling.sanity.seen))
    whole, scan, broken = whole_files(
        root, rows, channels=handling.channels, skip_broken=handling.skip_broken, cache_dir=handling.cache_dir
    )
    most = {
        split: max((int((~row.objects.ignored).sum()) for row in part.rows), default=0) for split, part in whole.items()
    }
    if most.get("train") == 0:
        raise UserError(
            f"there must be objects to learn, got none in {places['train'].listed} (set {places['train'].key})"
        )
    doubts.of_tiny(rows)
    keys = {split: place.key for split, place in places.items()}
    doubts.of_doubles(rows, handling.sanity.doubles, copies=scan.copies, keys=keys)
    if (dark := scan.dark()) is not None:
        doubts.add("dark_images", dark)
    if "train" in rows:
        doubts.of_classes(whole["train"].rows, classes)
        doubts.of_names(classes)
    doubts.of_turned(whole, scan.turned)
    doubts.of_empty(most)
    summary = {"repaired": repaired, "broken": broken}
    return DetectionSplits(classes, whole, checksum(scan.sha256, rows), summary, most, warnings=doubts.found)


def rows_checksum(images_sha256: str, rows: Mapping[str, Sequence[BoxedFile]]) -> str:
    """The sha256 of images, and of which boxes are in which of them, by split."""
    digest = hashlib.sha256(images_sha256.encode())
    for split, found in rows.items():
        digest.update(split.encode())
        for row in found:
            digest.update(row.path.encode() + b"".join(each.tobytes() for each in row.objects))
    return digest.hexdigest()


def check_known(boxes: Sequence[DrawnBox], classes: Sequence[str], *, repair: bool) -> None:
    """UserError where a trained model doesn't know the class of a box, unless such boxes are to be dropped."""
    others = sorted({box.label for box in boxes} - set(classes))
    if others and not repair:
        raise UserError(
            f"the model knows the classes {', '.join(classes)}, got also {', '.join(others)} (set "
            "data.source.repair=true to leave their boxes out, or data.* to other data)"
        )


def _by_base_name(files: FolderFiles, drawn: Sequence[DrawnPicture], place: Place | None) -> Sequence[DrawnPicture]:
    """Pictures whose paths lead nowhere, as those of another machine or the web do, by their files' names alone.

    Where the folder of images holds just one file that is called so, in any case.
    """
    missing = {each.path for each in drawn if not files.stamp(each.path)}
    if place is None or not missing or not place.folder.is_dir():
        return drawn
    named: dict[str, list[str]] = {}
    for name in FolderFiles(place.folder).listing():
        named.setdefault(posixpath.basename(name).lower(), []).append(name)
    below = posixpath.normpath(os.path.relpath(place.folder, files.root))
    taken = {each.path for each in drawn}
    found: dict[str, str] = {}
    for path in missing:
        fits = named.get(_base_name(path), [])
        if len(fits) == 1 and (name := posixpath.normpath(posixpath.join(below, fits[0]))) not in taken:
            found[path] = name
    # Two paths with one last part are of two pictures, of which one file can't be both.
    once = [name for name, count in Counter(found.values()).items() if count == 1]
    found = {path: name for path, name in found.items() if name in once}
    if found:
        path, name = next(iter(sorted(found.items())))
        log.info("%d images of %s are found by their names alone: %s is %s", len(found), place.listed, path, name)
    return [each._replace(path=found[each.path]) if each.path in found else each for each in drawn]


def _base_name(path: str) -> str:
    """The last part of a path or an address, in lower case."""
    if re.match(r"(.*/)?https?:/", path):
        path = unquote(path.split("?")[0])
    return posixpath.basename(path).lower()


def _check_found(files: FolderFiles, drawn: Sequence[DrawnPicture], place: Place | None, handling: Handling) -> None:
    """That the folder isn't a wrong one: a few missing images are broken ones."""
    missing = [each.path for each in drawn if not files.stamp(each.path)]
    least = len(drawn) if handling.skip_broken else MOSTLY * len(drawn)
    if place is None or not missing or len(missing) < least:
        return
    some = "none" if len(missing) == len(drawn) else f"only {len(drawn) - len(missing)}"
    outside = next((each for each in missing if not _is_below(files.root / each, place.folder)), missing[0])
    folder = os.path.abspath(place.folder)
    raise UserError(
        f"{some} of the {len(drawn)} images of {place.listed} is in {folder}, looked for as {outside} (set "
        f"{place.folder_key}, or mend the names in the annotations)"
    )


def _is_below(path: Path, folder: Path) -> bool:
    return os.path.normpath(path).startswith(os.path.normpath(folder) + os.sep)


def _checked(
    files: FolderFiles, pictures: Mapping[str, Sequence[DrawnPicture]], classes: Sequence[str], handling: Handling
) -> dict[str, list[BoxedFile]]:
    """Each picture with the objects that can be; one that stands in several places is looked at once."""
    labels = {label: number for number, label in enumerate(classes)}
    unsized = sorted({each.path for drawn in pictures.values() for each in drawn if each.size is None})
    sizes = scan_images(files, unsized, cache_dir=handling.cache_dir, num_threads=SCAN_THREADS).sizes if unsized else {}
    known: dict[int, BoxedFile] = {}

    def checked(drawn: DrawnPicture) -> BoxedFile:
        if id(drawn) not in known:
            height, width = sizes.get(drawn.path, (0, 0)) if drawn.size is None else drawn.size
            objects = boxed_objects([], [])  # of a picture that can't be read, which is broken
            if height:
                boxes = [_in_pixels(box, height, width) for box in drawn.boxes] if drawn.in_shares else drawn.boxes
                objects = handling.sanity.check(boxes, width=width, height=height, labels=labels)
            known[id(drawn)] = BoxedFile(drawn.path, (height, width), objects, drawn.where, drawn.size is not None)
        return known[id(drawn)]

    return {split: [checked(each) for each in drawn] for split, drawn in pictures.items()}


def _in_pixels(box: DrawnBox, height: int, width: int) -> DrawnBox:
    left, top, right, bottom = box.corners
    return box._replace(corners=(left * width, top * height, right * width, bottom * height))
