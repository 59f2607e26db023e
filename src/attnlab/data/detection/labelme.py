"""Folders in the format of LabelMe: a JSON file of shapes for each image."""

import math
import posixpath
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from attnlab.data.detection.box_sanity import DrawnBox
from attnlab.data.detection.doubts import Doubts
from attnlab.data.detection.drawn import DrawnPicture, Place
from attnlab.data.detection.folders import ImagesByStem, by_split, check_trainable
from attnlab.data.detection.misread import of_any_corners
from attnlab.data.detection.rules import FileRules
from attnlab.data.detection.sets import DetectionSplits
from attnlab.data.files.json_values import parse_json
from attnlab.data.images.files import FolderFiles
from attnlab.data.origin import Origin
from attnlab.errors import UserError
from attnlab.reading.bounds import read_text
from attnlab.reading.kinds import is_of

WITHOUT_AREA = ("point", "line", "linestrip", "points")


class LabelmeFolder:
    """JSON files beside their images, or in a folder beside theirs; a box is drawn around each shape with an area.

    Rectangles, polygons, circles (a centre and a point on the edge) and masks are taken, points and lines left out and
    counted. Shapes of one `label` and `group_id` are parts of one object. A shape that is `difficult` is nothing that
    training looks for, and neither right nor wrong in scores. Splits are told by folders named train, val (or valid)
    and test; those that aren't there are held out of train. The classes are the labels found in train, sorted.

    Args:
        val_share, test_share: of train's images, chosen by their paths alone, for splits that have none.
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
        self, *, val_share: float = 0.1, test_share: float = 0.1, repair: bool = False, skip_broken: bool = False
    ) -> None:
        self.rules = FileRules(val_share=val_share, test_share=test_share, repair=repair, skip_broken=skip_broken)

    def read(self, *, channels: int, root: Path | None, cache_dir: Path) -> DetectionSplits:
        files, doubts = _found(root), Doubts()
        check_trainable(files.names)
        found = _pictures(files, files.names, doubts)
        classes = sorted({box.label for each in found["train"] for box in each.boxes})
        if not classes:
            raise UserError(f"there must be objects to learn, got none in train of {files.root} (set data.root)")
        return self._splits(files, self.rules.held_out(found), classes, channels, cache_dir, doubts)

    def read_test(
        self, classes: Sequence[str], *, whole: bool, channels: int, root: Path | None, cache_dir: Path
    ) -> DetectionSplits:
        files, doubts = _found(root), Doubts()
        wanted = ["test"] if "test" in files.names else list(files.names)
        pictures, total = self.rules.test_of(_pictures(files, wanted, doubts), classes, whole=whole)
        return self._splits(files, pictures, classes, channels, cache_dir, doubts)._replace(held_out_of=total)

    def _splits(
        self,
        files: "_Files",
        pictures: Mapping[str, Sequence[DrawnPicture]],
        classes: Sequence[str],
        channels: int,
        cache_dir: Path,
        doubts: Doubts,
    ) -> DetectionSplits:
        places = Place.in_root(files.root, {split: f"the annotations of {split}" for split in files.names})
        return self.rules.splits(
            files.root,
            pictures,
            classes,
            places=places,
            channels=channels,
            cache_dir=cache_dir,
            doubts=doubts,
            misread=of_any_corners,
        )


class _Files(NamedTuple):
    """JSON files by split, and the images that they may be of."""

    root: Path
    names: dict[str, list[str]]
    images: ImagesByStem


def _found(root: Path | None) -> _Files:
    if root is None:
        raise UserError("a LabelMe folder must be named (set data.root=FOLDER)")
    listing = FolderFiles(root).listing()
    names = by_split((name for name in listing if name.lower().endswith(".json")), what="JSON files", root=root)
    return _Files(root, names, ImagesByStem(listing))


def _pictures(files: _Files, splits: Iterable[str], doubts: Doubts) -> dict[str, list[DrawnPicture]]:
    left_out: list[str] = []
    found = {split: [_picture(files, name, left_out) for name in files.names[split]] for split in splits}
    if left_out:
        doubts.add(
            "shapes_left_out",
            f"{len(left_out)} shapes without an area are left out ({', '.join(sorted(set(left_out)))})",
        )
    return found


def _picture(files: _Files, name: str, left_out: list[str]) -> DrawnPicture:
    """The image that a JSON file is of, with a box around each of its objects."""
    path = files.root / name
    try:
        content = parse_json(read_text(path, encoding="utf-8-sig"), place=str(path), key="data.root")
    except (OSError, ValueError, RecursionError) as error:
        raise UserError(f"an annotation must be JSON, in UTF-8, got {path}: {error} (set data.root)") from error
    shapes = content.get("shapes") if isinstance(content, dict) else None
    if not isinstance(shapes, list) or not all(isinstance(each, dict) for each in shapes):
        raise UserError(
            f"a LabelMe file must have a list of objects 'shapes', got none in {path} (remove it, or set data.root)"
        )
    said = str(content.get("imagePath") or "").replace("\\", "/")
    beside = posixpath.normpath(posixpath.join(posixpath.dirname(name), said))
    image = beside if said and (files.root / beside).is_file() else files.images.of(name, said=said)
    return DrawnPicture(image or beside, _size(content), _boxes(shapes, path, left_out), str(path))


def _size(content: Mapping[str, Any]) -> tuple[int, int] | None:
    height, width = content.get("imageHeight"), content.get("imageWidth")
    known = isinstance(height, int) and isinstance(width, int) and height > 0 and width > 0
    return (height, width) if known else None  # type: ignore[return-value]  # both are whole numbers


def _boxes(shapes: Sequence[Mapping[str, Any]], path: Path, left_out: list[str]) -> list[DrawnBox]:
    """One for each shape, or for each group of them."""
    parts: dict[Any, list[DrawnBox]] = {}
    for number, shape in enumerate(shapes):
        kind = str(shape.get("shape_type") or "polygon")
        if kind in WITHOUT_AREA:
            left_out.append(kind)
            continue
        group = shape.get("group_id")
        key = number if group is None else (str(shape.get("label")), str(group))
        parts.setdefault(key, []).append(_box(shape, kind, f"{path}, shapes[{number}]"))
    return [_around(boxes) for boxes in parts.values()]


def _box(shape: Mapping[str, Any], kind: str, where: str) -> DrawnBox:
    label: Any = shape.get("label")
    points: Any = shape.get("points")
    if not isinstance(label, str) or not label.strip():
        raise UserError(f"a shape must have a label, got {label!r} in {where}")
    numbers = [value for point in points for value in point] if _are_points(points) else []
    if len(numbers) < 4:
        raise UserError(f"a {kind} must have two points or more, of two numbers each, got {points!r} in {where}")
    if kind == "circle":
        x, y = numbers[:2]
        radius = math.dist(numbers[:2], numbers[2:4])
        numbers = [x - radius, y - radius, x + radius, y + radius]
    across, down = numbers[::2], numbers[1::2]
    corners = (min(across), min(down), max(across), max(down))
    two = (numbers[0], numbers[1], numbers[2], numbers[3]) if kind == "rectangle" and len(numbers) == 4 else None
    return DrawnBox(corners, two or corners, label.strip(), shape.get("difficult") is True, where, unordered=two)


def _are_points(points: Any) -> bool:
    return isinstance(points, list) and all(
        isinstance(each, list) and len(each) == 2 and all(type(value) is float or is_of(value, float) for value in each)
        for each in points
    )


def _around(boxes: Sequence[DrawnBox]) -> DrawnBox:
    """One box around the parts of an object; of one part, that."""
    if len(boxes) == 1:
        return boxes[0]
    lefts, tops, rights, bottoms = zip(*(box.corners for box in boxes), strict=True)
    corners = (min(lefts), min(tops), max(rights), max(bottoms))
    return boxes[0]._replace(corners=corners, written=corners, unordered=None)
