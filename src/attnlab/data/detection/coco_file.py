"""One JSON file in the format of COCO."""

import json
import posixpath
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from attnlab.data.detection.box_sanity import DrawnBox
from attnlab.data.detection.drawn import DrawnPicture
from attnlab.data.detection.folders import unreadable
from attnlab.data.files.json_places import line_of_entry
from attnlab.data.files.json_values import parse_json
from attnlab.errors import UserError
from attnlab.reading.bounds import TEXT, read_text
from attnlab.reading.kinds import is_of

Id = int | float | str


class CocoFile:
    """What is in the file; UserError, with the line, for what isn't as it must be.

    Ids are numbers or texts. Sizes that are 0, -1 or absent are unknown: the image's file knows them. A box that isn't
    given is the one around its segmentation.

    Args:
        merge: categories of one name are one class; False: they are an error.
    """

    def __init__(self, path: Path, *, key: str, merge: bool) -> None:
        self.path, self.key = path, key
        try:
            self.text = read_text(path, encoding="utf-8-sig", mib=TEXT)
            content = parse_json(self.text, place=str(path), key=key)
        except OSError as error:
            raise unreadable(path, error, key=key) from error
        except UnicodeDecodeError as error:
            raise UserError(f"annotations must be UTF-8, got {path} (set {key})") from error
        except json.JSONDecodeError as error:
            raise UserError(
                f"annotations must be JSON, got {path}, line {error.lineno}: {error.msg} (set {key})"
            ) from error
        except (ValueError, RecursionError) as error:  # a number of thousands of digits, for one
            said = "nested too deeply" if isinstance(error, RecursionError) else error
            raise UserError(f"annotations must be JSON, got {path}: {said} (set {key})") from error
        if not isinstance(content, dict):
            raise UserError(f"a COCO file must be an object, got {type(content).__name__} in {path} (set {key})")
        self.lists = {name: self._list(content, name) for name in ("images", "annotations", "categories")}
        self.categories = self._categories(merge)

    def _categories(self, merge: bool) -> dict[Id, str]:
        """Names by ids, in the order of these: numbers first."""
        ids = self._ids("categories")
        names = [str(self._take("categories", number, "name", str)).strip() for number in self._all("categories")]
        first: dict[str, int] = {}
        for number, name in enumerate(names):
            if name in first and not merge:
                raise UserError(
                    f"no two entries may have one name, got {name!r} in {_Where(self, 'categories', first[name])} and "
                    f"{_Where(self, 'categories', number)} (mend the file, or set data.source.repair=true to make them "
                    "one class)"
                )
            first.setdefault(name, number)
        return dict(sorted(zip(ids, names, strict=True), key=lambda each: (isinstance(each[0], str), each[0])))

    def parents(self) -> set[str]:
        """Categories that others name as what they are a kind of."""
        said = [(each.get("supercategory"), each["name"].strip()) for each in self.lists["categories"]]
        return {parent for parent, name in said if isinstance(parent, str) and parent != name}

    def pictures(self, folder: str) -> list[DrawnPicture]:
        """Every image with its boxes; `folder` is what its file's name is relative to."""
        ids = self._ids("images")
        images = {image: number for number, image in enumerate(ids)}
        sizes = [self._size(number) for number in self._all("images")]
        boxes: list[list[DrawnBox]] = [[] for _ in ids]
        for number in self._all("annotations"):
            image = self._id("annotations", number, "image_id")
            if image not in images:
                where = _Where(self, "annotations", number)
                raise UserError(f"every box must be in one of the images, got image_id {image!r} in {where}")
            boxes[images[image]].append(self._drawn(number, sizes[images[image]]))
        return [
            DrawnPicture(self._file(number, folder), sizes[number], boxes[number], _Where(self, "images", number))
            for number in self._all("images")
        ]

    def _file(self, number: int, folder: str) -> str:
        name = self._take("images", number, "file_name", str).replace("\\", "/")  # as Windows writes it
        return posixpath.normpath(posixpath.join(folder, name))

    def _size(self, number: int) -> tuple[int, int] | None:
        """Height and width, if both are known."""
        height, width = (self._side(number, name) for name in ("height", "width"))
        return None if height is None or width is None else (height, width)

    def _side(self, number: int, name: str) -> int | None:
        value = self.lists["images"][number].get(name)
        if value is None:
            return None
        if not is_of(value, float) or value % 1:
            raise UserError(f"{name} must be a whole number, got {value!r} in {_Where(self, 'images', number)}")
        return int(value) if value >= 1 else None

    def _drawn(self, number: int, size: tuple[int, int] | None) -> DrawnBox:
        entry, where = self.lists["annotations"][number], _Where(self, "annotations", number)
        box = entry.get("bbox") or _around(entry.get("segmentation"), size)
        if box is None:
            raise UserError(
                f"an annotation must have a bbox, or a segmentation to draw one around, got none in {where}"
            )
        if not isinstance(box, list) or len(box) != 4 or not _are_numbers(box):
            raise UserError(f"bbox must be four numbers, got {box} in {where}")
        left, top, width, height = (float(each) for each in box)
        category = self._id("annotations", number, "category_id")
        label = self.categories.get(category, f"category_id {category!r}")
        crowd = entry.get("iscrowd") or 0
        if crowd not in (0, 1):
            raise UserError(f"iscrowd must be 0 or 1, got {crowd!r} in {where}")
        corners = (left, top, left + width, top + height)
        return DrawnBox(corners, box, label, bool(crowd), where, _area(entry.get("area")))

    def _list(self, content: dict[str, Any], name: str) -> list[Any]:
        found = content.get(name)
        if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
            raise UserError(
                f"a COCO file must have a list of objects {name!r}, got none in {self.path} (set {self.key})"
            )
        return found

    def _all(self, name: str) -> range:
        return range(len(self.lists[name]))

    def _ids(self, name: str) -> list[Id]:
        """The id of each entry, no two of them the same."""
        found: dict[Id, int] = {}
        for number in self._all(name):
            value = self._id(name, number, "id")
            if value in found:
                raise UserError(
                    f"no two entries may have one id, got {value!r} in {_Where(self, name, found[value])} and "
                    f"{_Where(self, name, number)}"
                )
            found[value] = number
        return list(found)

    def _id(self, name: str, number: int, key: str) -> Id:
        found = self.lists[name][number].get(key)
        if isinstance(found, bool) or not isinstance(found, (int, float, str)) or found != found:
            raise UserError(f"{key} must be a number or text, got {found!r} in {_Where(self, name, number)}")
        return found

    def _take(self, name: str, number: int, key: str, kind: type) -> Any:
        found = self.lists[name][number].get(key)
        if not isinstance(found, kind):
            raise UserError(f"{key} must be text, got {found!r} in {_Where(self, name, number)}")
        return found


class _Where:
    """File and line of an entry, found out only if somebody asks."""

    def __init__(self, file: CocoFile, name: str, number: int) -> None:
        self.file, self.name, self.number = file, name, number

    def __str__(self) -> str:
        line = line_of_entry(self.file.text, self.name, self.number)
        return f"{self.file.path}, line {line} ({self.name}[{self.number}])"


def _are_numbers(values: Sequence[Any]) -> bool:
    return all(type(each) is float or is_of(each, float) for each in values)  # NaN is said where boxes are seen through


def _area(value: Any) -> float:
    """0 for what is no area, as tools write where they don't know it."""
    return float(value) if is_of(value, float) and value > 0 else 0.0


def _around(segmentation: Any, size: tuple[int, int] | None) -> list[float] | None:
    """Left, top, width and height of what surrounds polygons, or a run-length encoded mask; None if it is neither."""
    if isinstance(segmentation, dict):
        return _around_mask(segmentation, size)
    polygons = segmentation if isinstance(segmentation, list) else []
    if polygons and _are_numbers(polygons):  # one that isn't in a list of its own
        polygons = [polygons]
    if not polygons or not all(isinstance(each, list) and len(each) >= 4 and _are_numbers(each) for each in polygons):
        return None
    across, down = ([value for each in polygons for value in each[start::2]] for start in (0, 1))
    return [min(across), min(down), max(across) - min(across), max(down) - min(down)]


def _around_mask(segmentation: dict[str, Any], size: tuple[int, int] | None) -> list[float] | None:
    from faster_coco_eval.core import mask  # only for the few sets that need it

    counts, own = segmentation.get("counts"), segmentation.get("size") or (size and list(size))
    if not isinstance(own, list) or len(own) != 2 or not isinstance(counts, (list, str)):
        return None
    try:
        encoded = mask.frPyObjects(segmentation | {"size": own}, *own) if isinstance(counts, list) else segmentation
        return [float(each) for each in mask.toBbox([encoded])[0]]
    except Exception:  # damaged runs make the library raise almost anything
        return None
