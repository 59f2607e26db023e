"""One XML file in the format of PASCAL VOC."""

import math
from pathlib import Path
from typing import NamedTuple
from xml.etree.ElementTree import Element

from attnlab.data.detection.box_sanity import DrawnBox
from attnlab.data.files.xml_lines import XmlFile
from attnlab.errors import UserError

FLAGS = {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False, "": False, "unspecified": False}


class Annotation(NamedTuple):
    """What an XML file says of its image."""

    size: tuple[int, int] | None  # height and width; None where it doesn't know them
    boxes: list[DrawnBox]
    where: str  # file and line of the size
    image: str  # its name, as far as it is said


def read_annotation(path: Path, *, first_pixel: int) -> Annotation:
    """Sizes that are 0, -1 or absent are unknown: the image's file knows them.

    Raises:
        UserError: naming the line of what isn't as it must be.
    """
    file = XmlFile(path, key="data.root")
    boxes = []
    for each in file.root.iter("object"):
        corners = each.find("bndbox")
        if corners is None:
            raise UserError(f"<object> must have a <bndbox>, got none in {file.where(each)}")
        written = [file.number(corners, side) for side in ("xmin", "ymin", "xmax", "ymax")]
        left, top, right, bottom = written
        drawn = (left - first_pixel, top - first_pixel, right, bottom)
        boxes.append(DrawnBox(drawn, written, file.text(each, "name"), _difficult(file, each), file.where(corners)))
    size = file.root.find("size")
    sides = None if size is None else [_side(file, size, side) for side in ("height", "width")]
    where = file.where(file.root if size is None else size)
    known = None if sides is None or sides[0] is None or sides[1] is None else (sides[0], sides[1])
    return Annotation(known, boxes, where, (file.root.findtext("filename") or "").strip())


def _difficult(file: XmlFile, drawn: Element) -> bool:
    text = (drawn.findtext("difficult") or "").strip()
    if text.lower() not in FLAGS:
        raise UserError(f"<difficult> must be 0 or 1, got {text!r} in {file.where(drawn)}")
    return FLAGS[text.lower()]


def _side(file: XmlFile, size: Element, name: str) -> int | None:
    if not (size.findtext(name) or "").strip():
        return None
    value = file.number(size, name)
    if not math.isfinite(value):
        raise UserError(f"<{name}> must be a number, got {value:g} in {file.where(size)}")
    return int(value) if value >= 1 else None
