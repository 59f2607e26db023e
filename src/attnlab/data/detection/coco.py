"""Folders in the format of COCO: one JSON file of boxes for each split."""

import hashlib
import json
import posixpath
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from attnlab.data.detection.box_sanity import BoxSanity, DrawnBox
from attnlab.data.detection.pictures import BoxedFile, whole_files
from attnlab.data.detection.sets import SPLITS, DetectionSplits
from attnlab.data.files.json_places import line_of_entry
from attnlab.errors import UserError


class CocoFolder:
    """A JSON file and a folder of images for each split (Lin et al., 2014). Paths are relative to `data.root`.

    A file's `images` have `id`, `file_name`, `width`, `height`; its `annotations` have `image_id`, `category_id`,
    `bbox` (left, top, width, height) and maybe `iscrowd`; its `categories` have `id` and `name`. The classes are those
    of train, in the order of their ids; in val and test they are known by name. Crowds are nothing that training looks
    for (their places are background), and neither right nor wrong in scores.

    Args:
        train, val, test: the JSON files.
        train_images, val_images, test_images: the folders.
        repair: mend boxes that can't be, or drop them, counted; False: they are an error.
        skip_broken: go on without images that are missing, damaged or of another size than annotated, named and
            counted; False: they are an error.
    """

    num_classes = None
    channels = None

    def __init__(
        self,
        *,
        train: str,
        val: str,
        test: str,
        train_images: str,
        val_images: str,
        test_images: str,
        repair: bool = False,
        skip_broken: bool = False,
    ) -> None:
        self.files = dict(zip(SPLITS, ((train, train_images), (val, val_images), (test, test_images)), strict=True))
        self.repair, self.skip_broken = repair, skip_broken

    def read(self, *, channels: int, root: Path | None, cache_dir: Path) -> DetectionSplits:
        if root is None:
            raise UserError("a COCO folder must be named (set data.root=FOLDER)")
        tables = {split: _CocoFile(root / file, key=f"data.source.{split}") for split, (file, _) in self.files.items()}
        classes = list(tables["train"].categories.values())
        if not classes:
            raise UserError(
                f"there must be categories to learn, got none in {tables['train'].path} (set data.source.train)"
            )
        sanity = BoxSanity(repair=self.repair)
        digest = hashlib.sha256()
        rows = {}
        for split, (_, folder) in self.files.items():
            rows[split] = tables[split].rows(folder, classes, sanity)
            digest.update(tables[split].text.encode())
        repaired = sanity.report()
        splits, sha256, broken = whole_files(
            root, rows, channels=channels, skip_broken=self.skip_broken, cache_dir=cache_dir
        )
        digest.update(sha256.encode())
        return DetectionSplits(classes, splits, digest.hexdigest(), {"repaired": repaired, "broken": broken})


class _CocoFile:
    """One JSON file; UserError, with the line, for what isn't as it must be."""

    def __init__(self, path: Path, *, key: str) -> None:
        self.path, self.key = path, key
        try:
            self.text = path.read_text(encoding="utf-8-sig")
            content = json.loads(self.text)
        except OSError as error:
            raise UserError(f"annotations must be readable, got {path}: {error.strerror} (set {key})") from error
        except UnicodeDecodeError as error:
            raise UserError(f"annotations must be UTF-8, got {path} (set {key})") from error
        except json.JSONDecodeError as error:
            raise UserError(
                f"annotations must be JSON, got {path}, line {error.lineno}: {error.msg} (set {key})"
            ) from error
        if not isinstance(content, dict):
            raise UserError(f"a COCO file must be an object, got {type(content).__name__} in {path} (set {key})")
        self.lists = {name: self._list(content, name) for name in ("images", "annotations", "categories")}
        ids, names = self._once("categories", "id", int), self._once("categories", "name", str)
        self.categories: dict[int, str] = dict(sorted(zip(ids, names, strict=True)))

    def rows(self, folder: str, classes: Sequence[str], sanity: BoxSanity) -> list[BoxedFile]:
        """Every image with its objects."""
        labels = {label: number for number, label in enumerate(classes)}
        boxes: dict[int, list[DrawnBox]] = {image: [] for image in self._once("images", "id", int)}
        for number in self._all("annotations"):
            image = self._take("annotations", number, "image_id", int)
            if image not in boxes:
                where = _Where(self, "annotations", number)
                raise UserError(f"every box must be in one of the images, got image_id {image} in {where}")
            boxes[image].append(self._drawn(number))
        found = []
        for number in self._all("images"):
            width, height = (self._side(number, name) for name in ("width", "height"))
            objects = sanity.check(
                boxes[self._take("images", number, "id", int)], width=width, height=height, labels=labels
            )
            name = self._take("images", number, "file_name", str).replace("\\", "/")  # as Windows writes it
            path = posixpath.normpath(posixpath.join(folder, name))
            found.append(BoxedFile(path, (height, width), objects, _Where(self, "images", number)))
        return found

    def _side(self, number: int, name: str) -> int:
        value: int = self._take("images", number, name, int)
        if value < 1:
            raise UserError(f"{name} must be 1 or more, got {value} in {_Where(self, 'images', number)}")
        return value

    def _drawn(self, number: int) -> DrawnBox:
        where = _Where(self, "annotations", number)
        box = self._take("annotations", number, "bbox", list)
        if len(box) != 4 or not all(isinstance(each, (int, float)) and not isinstance(each, bool) for each in box):
            raise UserError(f"bbox must be four numbers, got {box} in {where}")
        left, top, width, height = (float(each) for each in box)
        category = self._take("annotations", number, "category_id", int)
        label = self.categories.get(category, f"category_id {category}")
        crowd = self.lists["annotations"][number].get("iscrowd", 0)
        if crowd not in (0, 1):
            raise UserError(f"iscrowd must be 0 or 1, got {crowd!r} in {where}")
        corners = (left, top, left + width, top + height)
        return DrawnBox(corners, corners, label, bool(crowd), where)

    def _list(self, content: dict[str, Any], name: str) -> list[Any]:
        found = content.get(name)
        if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
            raise UserError(
                f"a COCO file must have a list of objects {name!r}, got none in {self.path} (set {self.key})"
            )
        return found

    def _all(self, name: str) -> range:
        return range(len(self.lists[name]))

    def _once(self, name: str, key: str, kind: type) -> list[Any]:
        """What each entry has at `key`, no two of them the same."""
        found: dict[Any, int] = {}
        for number in self._all(name):
            value = self._take(name, number, key, kind)
            if value in found:
                raise UserError(
                    f"no two entries may have one {key}, got {value!r} in {_Where(self, name, found[value])} and "
                    f"{_Where(self, name, number)}"
                )
            found[value] = number
        return list(found)

    def _take(self, name: str, number: int, key: str, kind: type) -> Any:
        found = self.lists[name][number].get(key)
        if not isinstance(found, kind) or isinstance(found, bool):
            words = {int: "a whole number", str: "text", list: "a list"}[kind]
            raise UserError(f"{key} must be {words}, got {found!r} in {_Where(self, name, number)}")
        return found


class _Where:
    """File and line of an entry, found out only if somebody asks."""

    def __init__(self, file: _CocoFile, name: str, number: int) -> None:
        self.file, self.name, self.number = file, name, number

    def __str__(self) -> str:
        line = line_of_entry(self.file.text, self.name, self.number)
        return f"{self.file.path}, line {line} ({self.name}[{self.number}])"
