"""Folders in the format of PASCAL VOC: an XML file of boxes beside each image."""

import hashlib
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple
from xml.etree.ElementTree import Element

from attnlab.data.detection.box_sanity import BoxSanity, DrawnBox
from attnlab.data.detection.pictures import BoxedFile, whole_files
from attnlab.data.detection.sets import SPLITS, DetectionSplits
from attnlab.data.files.lines import read_lines
from attnlab.data.files.xml_lines import XmlFile
from attnlab.errors import UserError
from attnlab.files import IMAGE_ENDINGS


class VocFolder:
    """`Annotations/*.xml`, `JPEGImages/*` and `ImageSets/Main/*.txt`, in a folder (Everingham et al., 2010).

    An image set is a list of names, one a line. Objects marked difficult are nothing that training looks for (their
    places are background), and neither right nor wrong in scores.
    Pixels count from 1 in VOC and a box holds its last pixel; other tools that write this format count from 0 and end
    where the box ends: `first_pixel` says which.

    Args:
        train, val, test: names of image sets.
        classes: names in the order of labels; None for those found in train, sorted.
        first_pixel: 1 or 0.
        repair: mend boxes that can't be, or drop them, counted; False: they are an error.
        skip_broken: go on without images that are missing, damaged or of another size than annotated, named and
            counted; False: they are an error.

    Raises:
        ValueError: another first pixel, or classes that aren't a list of different names.
    """

    channels = None

    def __init__(
        self,
        *,
        train: str,
        val: str,
        test: str,
        classes: Sequence[str] | None = None,
        first_pixel: int = 1,
        repair: bool = False,
        skip_broken: bool = False,
    ) -> None:
        if first_pixel not in (0, 1):
            raise ValueError(f"first_pixel must be 0 or 1, got {first_pixel} (set data.source.first_pixel)")
        if classes is not None:
            _check_classes(classes)
        self.sets = dict(zip(SPLITS, (train, val, test), strict=True))
        self.classes = list(classes) if classes is not None else None
        self.num_classes = len(classes) if classes is not None else None
        self.first_pixel, self.repair, self.skip_broken = first_pixel, repair, skip_broken

    def read(self, *, channels: int, root: Path | None, cache_dir: Path) -> DetectionSplits:
        if root is None:
            raise UserError("a VOC folder must be named (set data.root=FOLDER)")
        names = {split: _names(root, each) for split, each in self.sets.items()}
        annotations = {
            name: _annotation(_annotation_file(root, name), self.first_pixel)
            for name in sorted({name for each in names.values() for name in each})
        }
        classes = self.classes
        if classes is None:
            classes = sorted({box.label for name in names["train"] for box in annotations[name].boxes})
        if not classes:
            train = f"the image set {self.sets['train']} of {root}"
            raise UserError(f"there must be objects to learn, got none in {train} (set data.source.train)")
        labels = {label: number for number, label in enumerate(classes)}
        sanity = BoxSanity(repair=self.repair, remedy=self._remedy(annotations.values()))
        files = _image_files(root / "JPEGImages", annotations)
        rows = {
            name: BoxedFile(
                files[name],
                each.size,
                sanity.check(each.boxes, width=each.size[1], height=each.size[0], labels=labels),
                each.where,
            )
            for name, each in annotations.items()
        }
        repaired = sanity.report()
        splits, sha256, broken = whole_files(
            root,
            {split: [rows[name] for name in each] for split, each in names.items()},
            channels=channels,
            skip_broken=self.skip_broken,
            cache_dir=cache_dir,
        )
        digest = hashlib.sha256(f"{sha256} {names} {classes}".encode())
        for name, row in rows.items():
            digest.update(name.encode() + row.objects.boxes.tobytes() + row.objects.labels.tobytes())
        return DetectionSplits(classes, splits, digest.hexdigest(), {"repaired": repaired, "broken": broken})

    def _remedy(self, annotations: Iterable["Annotation"]) -> str:
        from_zero = any(min(box.written[:2]) == 0 for each in annotations for box in each.boxes)
        return ", or data.source.first_pixel=0 where pixels count from 0" if from_zero and self.first_pixel else ""


class Annotation(NamedTuple):
    """What an XML file says of its image."""

    size: tuple[int, int]  # height and width
    boxes: list[DrawnBox]
    where: str  # file and line of the size


def _check_classes(classes: Sequence[str]) -> None:
    names = isinstance(classes, Sequence) and not isinstance(classes, str) and all(isinstance(c, str) for c in classes)
    if not names or not classes or len(set(classes)) < len(classes):
        raise ValueError(
            f"classes must be a list of different names, got {classes!r} (set data.source.classes=[cat,dog], or null)"
        )


def _names(root: Path, image_set: str) -> list[str]:
    lines = read_lines(root / "ImageSets" / "Main" / f"{image_set}.txt", key="data.root or data.source.*")
    return [_name(root, line) for line in lines if line]


def _name(root: Path, line: str) -> str:
    # Sets of one class have a second column, whether it is in the image; but a name may hold spaces, too.
    return line if _annotation_file(root, line).is_file() else re.sub(r"\s+(-1|0|1)$", "", line)


def _annotation_file(root: Path, name: str) -> Path:
    return root / "Annotations" / f"{name}.xml"


def _annotation(path: Path, first_pixel: int) -> Annotation:
    file = XmlFile(path, key="data.root")
    size = file.root.find("size")
    if size is None:
        raise UserError(f"an annotation must have a <size>, got none in {path}")
    width, height = (_side(file, size, side) for side in ("width", "height"))
    boxes = []
    for each in file.root.iter("object"):
        corners = each.find("bndbox")
        if corners is None:
            raise UserError(f"<object> must have a <bndbox>, got none in {file.where(each)}")
        written = [file.number(corners, side) for side in ("xmin", "ymin", "xmax", "ymax")]
        left, top, right, bottom = written
        difficult = (each.findtext("difficult") or "0").strip() == "1"
        drawn = (left - first_pixel, top - first_pixel, right, bottom)
        boxes.append(DrawnBox(drawn, written, file.text(each, "name"), difficult, file.where(corners)))
    return Annotation((height, width), boxes, file.where(size))


def _side(file: XmlFile, size: Element, name: str) -> int:
    value = file.number(size, name)
    if not 1 <= value < math.inf:
        raise UserError(f"<{name}> must be 1 or more, got {value:g} in {file.where(size)}")
    return int(value)


def _image_files(folder: Path, names: Mapping[str, object]) -> dict[str, str]:
    """The image of each name, relative to the folder above."""
    try:
        found = {path.stem: path for path in sorted(folder.iterdir()) if path.name.lower().endswith(IMAGE_ENDINGS)}
    except OSError as error:
        raise UserError(f"images must lie in {folder}: {error.strerror} (set data.root)") from error
    for name in names:
        if name not in found:
            raise UserError(f"every annotation must have an image, got none named {name} in {folder}")
    return {name: f"{folder.name}/{found[name].name}" for name in names}
