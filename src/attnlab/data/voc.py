"""Folders in the format of PASCAL VOC: an XML file of boxes beside each image."""

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from attnlab.data.box_sanity import BoxSanity, DrawnBox
from attnlab.data.detection_sets import SPLITS, DetectionSplits
from attnlab.data.lines import read_lines
from attnlab.data.pictures import BoxedFile, whole_files
from attnlab.data.xml_lines import XmlFile
from attnlab.errors import UserError
from attnlab.file_endings import IMAGE_ENDINGS


class VocFolder:
    """`Annotations/*.xml`, `JPEGImages/*` and `ImageSets/Main/*.txt`, in a folder (Everingham et al., 2010).

    An image set is a list of names, one a line. Objects marked difficult are neither trained on nor right or wrong.
    Pixels count from 1 in VOC and a box holds its last pixel; other tools that write this format count from 0 and end
    where the box ends: `first_pixel` says which.

    Args:
        train, val, test: names of image sets.
        classes: names in the order of labels; None for those found in train, sorted.
        first_pixel: 1 or 0.
        repair: mend boxes that can't be, or drop them, counted; False: they are an error.
        skip_broken: go on without damaged images, named and counted; False: they are an error.

    Raises:
        ValueError: another first pixel.
    """

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
        self.sets = dict(zip(SPLITS, (train, val, test), strict=True))
        self.classes = list(classes) if classes is not None else None
        self.num_classes = len(classes) if classes is not None else None
        self.first_pixel, self.repair, self.skip_broken = first_pixel, repair, skip_broken

    def read(self, *, channels: int, root: Path | None, cache_dir: Path) -> DetectionSplits:
        if root is None:
            raise UserError("a VOC folder must be named (set data.root=FOLDER)")
        names = {split: _names(root / "ImageSets" / "Main" / f"{each}.txt") for split, each in self.sets.items()}
        annotations = {
            name: _annotation(root / "Annotations" / f"{name}.xml", self.first_pixel)
            for name in sorted({name for each in names.values() for name in each})
        }
        classes = self.classes or sorted({box.label for name in names["train"] for box in annotations[name].boxes})
        labels = {label: number for number, label in enumerate(classes)}
        sanity = BoxSanity(repair=self.repair)
        files = _image_files(root / "JPEGImages", annotations)
        rows = {
            name: BoxedFile(
                files[name],
                each.size,
                sanity.check(each.boxes, width=each.size[1], height=each.size[0], labels=labels),
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


class Annotation(NamedTuple):
    """What an XML file says of its image."""

    size: tuple[int, int]  # height and width
    boxes: list[DrawnBox]


def _names(path: Path) -> list[str]:
    # Sets of one class have a second column, whether it is in the image.
    return [line.split()[0] for line in read_lines(path, key="data.root or data.source.*") if line]


def _annotation(path: Path, first_pixel: int) -> Annotation:
    file = XmlFile(path, key="data.root")
    size = file.root.find("size")
    if size is None:
        raise UserError(f"an annotation must have a <size>, got none in {path}")
    width, height = int(file.number(size, "width")), int(file.number(size, "height"))
    boxes = []
    for each in file.root.iter("object"):
        corners = each.find("bndbox")
        if corners is None:
            raise UserError(f"<object> must have a <bndbox>, got none in {file.where(each)}")
        left, top, right, bottom = (file.number(corners, side) for side in ("xmin", "ymin", "xmax", "ymax"))
        difficult = (each.findtext("difficult") or "0").strip() == "1"
        drawn = (left - first_pixel, top - first_pixel, right, bottom)
        boxes.append(DrawnBox(drawn, file.text(each, "name"), difficult, file.where(corners)))
    return Annotation((height, width), boxes)


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
