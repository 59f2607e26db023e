"""COCO folders: what is read of them, and the one line that each mistake in them gets."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from boxed_files import COCO_FILES, SETS, coco_file, message_of, picture, read_coco, write_coco

from attnlab.data import CocoFolder
from attnlab.data.files.json_places import line_of_entry


def test_crowds_are_ignored(tmp_path: Path) -> None:
    folder = write_coco(tmp_path / "set")
    content = coco_file(SETS["train"])
    content["annotations"][1]["iscrowd"] = 1
    (folder / "train.json").write_text(json.dumps(content))
    assert read_coco(folder).splits["train"].objects(0).ignored.tolist() == [False, True]


@pytest.mark.parametrize(
    "images", ["train/", "./train", "train/../train", "{root}/train", "../set/train", ".hidden", "{root}/.hidden"]
)
@pytest.mark.parametrize("name", ["{}.png", "./{}.png", "..\\{images}\\{}.png", "{root}/train/{}.png"])
def test_pictures_are_found_however_their_paths_are_written(images: str, name: str, tmp_path: Path) -> None:
    folder = write_coco(tmp_path / "set")
    shutil.copytree(folder / "train", folder / ".hidden")
    images = images.format(root=folder)
    content = coco_file(SETS["train"])
    for each in content["images"]:
        each["file_name"] = name.format(Path(each["file_name"]).stem, root=folder, images=Path(images).name)
    (folder / "train.json").write_text(json.dumps(content))
    split = (
        CocoFolder(**COCO_FILES | {"train_images": images})
        .read(channels=3, root=folder, cache_dir=folder / "cache")
        .splits["train"]
    )
    for number, stem in enumerate(SETS["train"]):
        assert np.array_equal(np.asarray(split.image(number)), np.asarray(picture(stem)))
    if "root" not in name and images in ("train/", "./train", "train/../train"):
        assert split.name(0) == "train/one.png"


@pytest.mark.parametrize("name", ["nowhere.png", "/nowhere/one.png", "C:\\images\\one.png", "", "a\0b.png"])
def test_pictures_that_arent_there_are_named_or_left_out_and_counted(name: str, tmp_path: Path) -> None:
    folder = write_coco(tmp_path / "set")
    content = coco_file(SETS["train"])
    content["images"][1]["file_name"] = name
    (folder / "train.json").write_text(json.dumps(content))
    (folder / "train/five.png").unlink()
    message = message_of(lambda: read_coco(folder))
    assert message.startswith("every image must be whole, got 2 of 5 that aren't: ")
    assert "train/five.png: No such file or directory" in message
    found = read_coco(folder, skip_broken=True)
    assert [len(found.splits[split]) for split in SETS] == [1, 1, 1]
    assert len(found.summary["broken"]) == 2


@pytest.mark.parametrize(
    "change, expected",
    [
        (lambda c: c.pop("images"), "a COCO file must have a list of objects 'images', got none in"),
        (lambda c: c["annotations"][2].pop("image_id"), "image_id must be a whole number, got None in"),
        (lambda c: c["annotations"][2].update(image_id=7), "every box must be in one of the images, got image_id 7 in"),
        (lambda c: c["annotations"][2].update(bbox=[1, 2, 3]), "bbox must be four numbers, got [1, 2, 3] in"),
        (lambda c: c["images"][1].update(width="wide"), "width must be a whole number, got 'wide' in"),
        (lambda c: c["categories"][0].update(name=5), "name must be text, got 5 in"),
        (lambda c: c["images"][1].update(height=0), "height must be 1 or more, got 0 in"),
        (lambda c: c["annotations"][2].update(iscrowd="0"), "iscrowd must be 0 or 1, got '0' in"),
        (lambda c: c["categories"][0].update(id=3), "no two entries may have one id, got 3 in"),
        (lambda c: c["categories"][0].update(name="dog"), "no two entries may have one name, got 'dog' in"),
        (lambda c: c["images"][2].update(id=10), "no two entries may have one id, got 10 in"),
    ],
)
def test_what_a_coco_file_lacks_is_one_line(
    change: Callable[[dict[str, Any]], Any], expected: str, tmp_path: Path
) -> None:
    folder = write_coco(tmp_path / "set")
    content = coco_file(SETS["train"])
    change(content)
    (folder / "train.json").write_text(json.dumps(content, indent=1))
    assert expected in message_of(lambda: read_coco(folder))


def test_a_file_that_is_no_json_is_one_line(tmp_path: Path) -> None:
    folder = write_coco(tmp_path / "set")
    (folder / "val.json").write_text('{"images": [\n1,\n]}')
    assert f"annotations must be JSON, got {folder}/val.json, line 3: " in message_of(lambda: read_coco(folder))
    (folder / "val.json").write_text("[]")
    assert "a COCO file must be an object, got list in" in message_of(lambda: read_coco(folder))
    (folder / "val.json").unlink()
    assert "annotations must be readable, got" in message_of(lambda: read_coco(folder))


@pytest.mark.parametrize("indent", [None, 1])
def test_the_line_of_an_entry_is_found_in_any_layout(indent: int | None) -> None:
    content = {"info": {"a": [1, "}"]}, "images": [{"id": 1}], "annotations": [{"id": n, "x": "],{"} for n in range(4)]}
    text = json.dumps(content, indent=indent)
    for number in range(4):
        line = line_of_entry(text, "annotations", number)
        rest = "\n".join(text.splitlines()[line - 1 :])
        assert f'"id": {number}' in rest if indent is None else rest.lstrip().startswith("{\n")
        assert line == (1 if indent is None else text.count("\n", 0, text.index(f'"id": {number},')))
    assert line_of_entry(text, "nothing", 0) == 1
