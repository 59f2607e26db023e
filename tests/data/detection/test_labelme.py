"""LabelMe folders: a box around each shape, and the one line that each mistake gets."""

import json
from pathlib import Path
from typing import Any

import pytest
from boxed_files import BOXES, SETS, SIZES, message_of, picture

from attnlab.data import LabelmeFolder
from attnlab.data.detection.sets import DetectionSplits


def _write(root: Path, folder: str = "{split}", **changes: Any) -> Path:
    """The sets, a JSON file beside each image; changes are to the first shape of one."""
    for split, names in SETS.items():
        place = root / folder.format(split=split)
        place.mkdir(parents=True, exist_ok=True)
        for name in names:
            picture(name).save(place / f"{name}.png")
            shapes = [
                {"label": label, "points": [[right, bottom], [left, top]], "group_id": None, "shape_type": "rectangle"}
                for label, left, top, right, bottom in BOXES[name]
            ]
            if name == "one":
                shapes[0] |= changes
            sizes = {"imageHeight": SIZES[name][1], "imageWidth": SIZES[name][0]}
            content = {"version": "5.4.1", "shapes": shapes, "imagePath": f"{name}.png", "imageData": None, **sizes}
            (place / f"{name}.json").write_text(json.dumps(content))
    return root


def _read(root: Path, **arguments: Any) -> DetectionSplits:
    return LabelmeFolder(**arguments).read(channels=3, root=root, cache_dir=root.parent / "cache")


def _first(found: DetectionSplits) -> list[list[float]]:
    split = found.splits["train"]
    [row] = [number for number in range(len(split)) if "one" in split.name(number)]
    boxes: list[list[float]] = split.objects(row).boxes.tolist()
    return boxes


def test_rectangles_are_read_whatever_corner_comes_first(tmp_path: Path) -> None:
    found = _read(_write(tmp_path / "set"))
    assert list(found.classes) == ["cat", "dog"]
    assert _first(found) == [list(each[1:]) for each in BOXES["one"]]
    assert {split: len(part) for split, part in found.splits.items()} == {"train": 3, "val": 1, "test": 1}
    assert not found.warnings


@pytest.mark.parametrize(
    "shape, box",
    [
        ({"shape_type": "polygon", "points": [[3, 5], [20, 7.5], [9, 17]]}, [3, 5, 20, 17]),
        ({"shape_type": "circle", "points": [[10, 9], [13, 13]]}, [5, 4, 15, 14]),
        ({"shape_type": "mask", "points": [[3, 5], [20, 17]], "mask": "iVBO"}, [3, 5, 20, 17]),
        ({"group_id": 1, "shape_type": None}, [3, 5, 20, 17]),
    ],
)
def test_a_box_is_drawn_around_any_shape_with_an_area(shape: dict[str, Any], box: list[float], tmp_path: Path) -> None:
    assert _first(_read(_write(tmp_path / "set", **shape)))[0] == box


def test_shapes_of_a_group_are_one_object_and_those_without_area_are_counted(tmp_path: Path) -> None:
    root = _write(tmp_path / "set", group_id=3)
    path = root / "train/one.json"
    content = json.loads(path.read_text())
    content["shapes"].append({"label": "cat", "points": [[22, 3], [30, 9], [25, 20]], "group_id": 3})
    content["shapes"].append({"label": "cat", "points": [[2, 3]], "shape_type": "point"})
    path.write_text(json.dumps(content))
    found = _read(root)
    assert _first(found)[0] == [3, 3, 30, 20]
    assert [each["message"] for each in found.warnings] == ["1 shapes without an area are left out (point)"]


def test_one_folder_is_shared_out_and_annotations_may_lie_apart(tmp_path: Path) -> None:
    root = _write(tmp_path / "set", "images")
    (root / "labels").mkdir()
    for path in sorted((root / "images").glob("*.json")):
        content = json.loads(path.read_text()) | {"imagePath": f"..\\elsewhere\\{path.stem}.png", "imageWidth": None}
        (root / "labels" / path.name).write_text(json.dumps(content))
        path.unlink()
    found = _read(root)
    names = [part.name(number) for part in found.splits.values() for number in range(len(part))]
    assert sorted(names) == sorted(f"images/{name}.png" for name in SIZES)
    classes = list(found.classes)
    alone = LabelmeFolder().read_test(classes, whole=False, channels=3, root=root, cache_dir=tmp_path / "cache")
    assert alone.splits["test"].name(0) == found.splits["test"].name(0)


@pytest.mark.parametrize(
    "change, expected",
    [
        ({"label": ""}, "a shape must have a label, got '' in"),
        ({"points": [[1, 2]]}, "a rectangle must have two points or more, of two numbers each, got [[1, 2]] in"),
        ({"points": "1 2 3 4"}, "a rectangle must have two points or more"),
        ({"points": [[3, 5], [40, 17]]}, "outside the image of 37 by 23: 'cat' (3, 5, 40, 17) in"),
        ({"points": [[40, 17], [3, 5]]}, "outside the image of 37 by 23: 'cat' (40, 17, 3, 5) in"),
    ],
)
def test_a_shape_that_cannot_be_is_named(change: dict[str, Any], expected: str, tmp_path: Path) -> None:
    message = message_of(lambda: _read(_write(tmp_path / "set", **change)))
    assert expected in message
    assert "train/one.json, shapes[0]" in message


def test_other_json_and_missing_images_are_one_line(tmp_path: Path) -> None:
    root = _write(tmp_path / "set")
    (root / "train/notes.json").write_text("{}")
    assert "a LabelMe file must have a list of objects 'shapes', got none in" in message_of(lambda: _read(root))
    (root / "train/notes.json").write_text("{")
    assert "an annotation must be JSON, in UTF-8, got" in message_of(lambda: _read(root))
    (root / "train/notes.json").unlink()
    (root / "train/two.png").unlink()
    assert "train/two.png: No such file or directory" in message_of(lambda: _read(root))
    (tmp_path / "empty").mkdir()
    assert (
        message_of(lambda: _read(tmp_path / "empty"))
        == f"there must be JSON files, got none in {tmp_path / 'empty'} (set data.root)"
    )
