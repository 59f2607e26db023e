"""One COCO file, apart from its images: ids and their order, and boxes around outlines."""

import json
from pathlib import Path
from typing import Any

import pytest
from boxed_files import SETS, coco_file, message_of

from attnlab.data.detection.coco_file import CocoFile


def _file(folder: Path, content: Any, *, merge: bool = False) -> CocoFile:
    (folder / "file.json").write_text(json.dumps(content))
    return CocoFile(folder / "file.json", key="data.source.train", merge=merge)


def test_categories_are_in_the_order_of_their_ids_numbers_first(tmp_path: Path) -> None:
    names = {"b": "emu", 10: "cat", "a": "cow", 9: "dog"}
    content = coco_file([]) | {"categories": [{"id": key, "name": name} for key, name in names.items()]}
    assert list(_file(tmp_path, content).categories.values()) == ["dog", "cat", "cow", "emu"]


def test_names_are_stripped_and_no_crowd_may_be_null(tmp_path: Path) -> None:
    content = coco_file(SETS["train"])
    content["categories"] = [{"id": 1, "name": "cat "}, {"id": 2, "name": "cat"}]
    content["annotations"][0]["iscrowd"] = None
    assert "no two entries may have one name, got 'cat' in" in message_of(lambda: _file(tmp_path, content))
    assert not _file(tmp_path, content, merge=True).pictures("train")[0].boxes[0].ignored
    content["annotations"][0]["image_id"] = "1"
    assert "got image_id '1' in" in message_of(lambda: _file(tmp_path, content, merge=True).pictures("train"))


def test_sizes_are_known_where_both_sides_are(tmp_path: Path) -> None:
    content = coco_file(SETS["train"])
    content["images"][0]["width"] = 0
    content["images"][1]["width"] = 29.0
    assert [each.size for each in _file(tmp_path, content).pictures("train")] == [None, (41, 29), (53, 19)]


@pytest.mark.parametrize("area, known", [(67.5, 67.5), (0, 0), (-1, 0), ("big", 0), (None, 0), (float("nan"), 0)])
def test_an_area_that_is_none_is_unknown(area: Any, known: float, tmp_path: Path) -> None:
    content = coco_file(SETS["train"])
    content["annotations"][0]["area"] = area
    assert [box.area for box in _file(tmp_path, content).pictures("train")[0].boxes] == [known, 0]


@pytest.mark.parametrize("segmentation", [None, [], [[]], [[1, 2]], {"counts": "x"}, {"size": [3], "counts": [1]}, "x"])
def test_what_is_no_outline_is_named(segmentation: Any, tmp_path: Path) -> None:
    content = coco_file(SETS["train"])
    del content["annotations"][2]["bbox"]
    content["annotations"][2]["segmentation"] = segmentation
    message = message_of(lambda: _file(tmp_path, content).pictures("train"))
    assert message.startswith("an annotation must have a bbox, or a segmentation to draw one around, got none in ")
    assert message.endswith("file.json, line 1 (annotations[2])")


@pytest.mark.parametrize("key", ["bbox", "area", "width"])
@pytest.mark.parametrize("number", ["1" + "0" * 400, "1" * 5000], ids=["beyond floats", "beyond Python's own bound"])
def test_numbers_beyond_all_bounds_are_a_line(key: str, number: str, tmp_path: Path) -> None:
    content = coco_file(SETS["train"])
    entry = content["images"][0] if key == "width" else content["annotations"][0]
    entry[key] = ["HERE", 1, 5, 5] if key == "bbox" else "HERE"
    path = tmp_path / "file.json"
    path.write_text(json.dumps(content).replace('"HERE"', number))

    def read() -> None:
        CocoFile(path, key="data.source.train", merge=False).pictures("train")

    if key == "area" and len(number) < 1000:
        read()  # as one that isn't known
    else:
        assert "must be" in message_of(read)
