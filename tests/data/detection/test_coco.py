"""COCO folders: what is read of them, and the one line that each mistake in them gets."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from boxed_files import BOXES, COCO_FILES, SETS, SIZES, coco_file, message_of, picture, read_coco, write_coco

from attnlab.data import CocoFolder
from attnlab.data.files.json_places import line_of_entry


def test_crowds_are_ignored(tmp_path: Path) -> None:
    folder = write_coco(tmp_path / "set")
    content = coco_file(SETS["train"])
    content["annotations"][1]["iscrowd"] = 1
    (folder / "train.json").write_text(json.dumps(content))
    assert read_coco(folder).splits["train"].objects(0).ignored.tolist() == [False, True]


def test_what_all_boxes_look_like_is_warned_of(tmp_path: Path) -> None:
    folder = write_coco(tmp_path / "set")
    content = coco_file(SETS["train"])
    first = content["annotations"][0]
    first |= {"bbox": [1, 2, 4, 7], "area": 3 * 5}  # as corners
    numbers = range(100, 120)
    content["annotations"] = [first | {"id": number, "image_id": first["image_id"]} for number in numbers]
    (folder / "train.json").write_text(json.dumps(content))
    for split in ("val", "test"):
        (folder / f"{split}.json").write_text(json.dumps(coco_file(SETS[split]) | {"annotations": []}))
    found = {each["kind"]: each["message"] for each in read_coco(folder).warnings}
    assert "of 20 boxes 20 have the area of corners" in found["misread_boxes"]


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
        (lambda c: c["annotations"][2].pop("image_id"), "image_id must be a number or text, got None in"),
        (lambda c: c["annotations"][2].update(image_id=7), "every box must be in one of the images, got image_id 7 in"),
        (lambda c: c["annotations"][2].update(bbox=[1, 2, 3]), "bbox must be four numbers, got [1, 2, 3] in"),
        (lambda c: c["images"][1].update(width="wide"), "width must be a whole number, got 'wide' in"),
        (lambda c: c["categories"][0].update(name=5), "name must be text, got 5 in"),
        (lambda c: c["images"][1].update(height=2.5), "height must be a whole number, got 2.5 in"),
        (
            lambda c: c["annotations"][2].pop("bbox"),
            "must have a bbox, or a segmentation to draw one around, got none in",
        ),
        (lambda c: c["images"][1].update(id=True), "id must be a number or text, got True in"),
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


def _coco(folder: Path, change: Callable[[dict[str, Any]], Any], split: str = "train") -> Path:
    """The sets, one file of them changed."""
    write_coco(folder)
    content = coco_file(SETS[split])
    change(content)
    (folder / f"{split}.json").write_text(json.dumps(content))
    return folder


def _renumbered(content: dict[str, Any], ids: Callable[[int], Any]) -> None:
    for image in content["images"]:
        image["id"] = ids(image["id"])
    for each in content["annotations"]:
        each["image_id"] = ids(each["image_id"])


@pytest.mark.parametrize("ids", [lambda n: f"img_{n}", lambda n: n + 0.5, lambda n: float(n)])
def test_ids_may_be_texts_or_fractions(ids: Callable[[int], Any], tmp_path: Path) -> None:
    folder = _coco(tmp_path / "set", lambda c: _renumbered(c, ids))
    assert read_coco(folder).splits["train"].objects(0).boxes.tolist() == [list(each[1:]) for each in BOXES["one"]]


@pytest.mark.parametrize("repair", [False, True])
def test_corners_of_which_a_few_leave_their_images_are_told_and_not_repaired(repair: bool, tmp_path: Path) -> None:
    """Most of them are boxes that can be, as they are read, too."""

    def corners(content: dict[str, Any]) -> None:
        first = content["annotations"][0]
        bottoms = (9, 9, 10, 10, 10, 11, 11, 12, 13, 16, 17, 18)  # in an image of 23 rows
        content["annotations"] = [
            first | {"id": number, "bbox": [5, 8, 20, bottom]} for number, bottom in enumerate(bottoms)
        ]

    message = message_of(lambda: read_coco(_coco(tmp_path / "set", corners), repair=repair))
    assert "got outside the image of 37 by 23: 'cat' (5, 8, 20, 16) in " in message
    assert "bbox looks like left, top, right, bottom, where COCO has left, top, width, height: of " in message
    assert "write width = right - left, height = bottom - top" in message
    assert "repair" not in message


@pytest.mark.parametrize("change", [{"width": 0, "height": 0}, {"width": -1}, {"height": None}])
def test_sizes_that_a_file_doesnt_say_are_the_images_own(change: dict[str, Any], tmp_path: Path) -> None:
    found = read_coco(_coco(tmp_path / "set", lambda c: c["images"][0].update(change)))
    assert found.splits["train"].size(0) == SIZES["one"][::-1]
    assert len(found.splits["train"].objects(0).labels) == 2
    outside = _coco(
        tmp_path / "out", lambda c: (c["images"][0].update(change), c["annotations"][0].update(bbox=[1, 2, 40, 5]))
    )
    assert "outside the image of 37 by 23: 'cat' (1, 2, 40, 5) in" in message_of(lambda: read_coco(outside))


@pytest.mark.parametrize(
    "segmentation",
    [
        [[3, 5, 20, 5, 20, 17]],
        [3, 5, 20, 17, 3, 17],
        [[3, 5, 8, 9, 3, 9], [19, 10, 20, 17, 15, 12]],
        {"size": [23, 37], "counts": [3 * 23 + 5, 12, *[11, 12] * 16, 17 * 23 + 6]},
    ],
)
@pytest.mark.parametrize("bbox", [None, []])
def test_a_box_that_isnt_given_is_drawn_around_the_segmentation(segmentation: Any, bbox: Any, tmp_path: Path) -> None:
    change = {"segmentation": segmentation, "bbox": bbox}
    found = read_coco(_coco(tmp_path / "set", lambda c: c["annotations"][0].update(change)))
    assert found.splits["train"].objects(0).boxes[0].tolist() == [3, 5, 20, 17]


def test_categories_of_one_name_become_one_under_repair(tmp_path: Path) -> None:
    folder = _coco(tmp_path / "set", lambda c: c["categories"].append({"id": 9, "name": "dog"}))
    assert message_of(lambda: read_coco(folder)).endswith("or set data.source.repair=true to make them one class)")
    content = json.loads((folder / "train.json").read_text())
    content["annotations"][2]["category_id"] = 9
    (folder / "train.json").write_text(json.dumps(content))
    found = read_coco(folder, repair=True)
    assert list(found.classes) == ["dog", "cat"]
    assert found.splits["train"].objects(1).labels.tolist() == [0]


def test_without_any_box_in_train_there_is_nothing_to_learn(tmp_path: Path) -> None:
    folder = _coco(tmp_path / "set", lambda c: c.update(annotations=[]))
    expected = "there must be objects to learn, got none in train.json (set data.source.train)"
    assert message_of(lambda: read_coco(folder)) == expected
    crowded = _coco(tmp_path / "crowds", lambda c: [each.update(iscrowd=1) for each in c["annotations"]])
    assert message_of(lambda: read_coco(crowded)) == expected


def test_a_category_that_others_are_kinds_of_is_no_class_unless_it_has_boxes(tmp_path: Path) -> None:
    def rooted(content: dict[str, Any]) -> None:
        content["categories"] = [{"id": 0, "name": "pets", "supercategory": "none"}] + [
            each | {"supercategory": "pets"} for each in content["categories"]
        ]

    found = read_coco(_coco(tmp_path / "set", rooted))
    assert list(found.classes) == ["dog", "cat"]
    assert [each["kind"] for each in found.warnings] == ["category_left_out"]
    used = _coco(tmp_path / "used", lambda c: (rooted(c), c["annotations"][0].update(category_id=0)))
    assert list(read_coco(used).classes) == ["pets", "dog", "cat"]


def test_a_category_without_a_box_in_train_is_told(tmp_path: Path) -> None:
    found = read_coco(_coco(tmp_path / "set", lambda c: c["categories"].append({"id": 9, "name": "emu"})))
    [warning] = found.warnings
    assert warning["message"].startswith("no box of emu in train: ")


def test_a_wrong_folder_of_images_is_told_from_a_few_missing_ones(tmp_path: Path) -> None:
    folder = write_coco(tmp_path / "set")

    def read(**changes: Any) -> str:
        source = CocoFolder(**COCO_FILES | changes)
        return message_of(lambda: source.read(channels=3, root=folder, cache_dir=folder / "cache"))

    expected = f"none of the 3 images of train.json is in {folder}/imgs_wrong, looked for as imgs_wrong/one.png "
    expected += "(set data.source.train_images, or mend the names in the annotations)"
    assert read(train_images="imgs_wrong") == read(train_images="imgs_wrong", skip_broken=True) == expected
    content = coco_file(SETS["train"])
    for each in content["images"]:
        each["file_name"] = f"..\\upload\\x{each['file_name']}"
    (folder / "train.json").write_text(json.dumps(content))
    assert f"is in {folder}/train, looked for as upload/xone.png (set data.source.train_images, or " in read()


@pytest.mark.parametrize(
    "start",
    [
        "..\\..\\media\\1\\",
        "/content/data/",
        "C:\\photos\\",
        "https://example.com/a%20b/",
        "images/train/",
        "ONE/",
    ],
)
def test_paths_of_another_machine_are_known_by_their_last_part(start: str, tmp_path: Path) -> None:
    folder = write_coco(tmp_path / "set")
    content = coco_file(SETS["train"])
    for each in content["images"]:
        each["file_name"] = f"{start}{each['file_name'].upper()}"
    (folder / "train.json").write_text(json.dumps(content))
    part = read_coco(folder).splits["train"]
    assert [part.name(number) for number in range(len(part))] == [f"train/{name}.png" for name in SETS["train"]]


def test_one_file_for_all_is_shared_out_by_the_images_paths(tmp_path: Path) -> None:
    folder = write_coco(tmp_path / "set")
    content = coco_file(list(SIZES))
    for name, image in zip(SIZES, content["images"], strict=True):
        image["file_name"] = f"{name}.png"
        picture(name).save(folder / "train" / f"{name}.png")
    (folder / "train.json").write_text(json.dumps(content))

    def read(**changes: Any) -> Any:
        source = CocoFolder(
            **COCO_FILES | {"val": None, "test": None, "val_images": None, "test_images": None} | changes
        )
        return source, source.read(channels=3, root=folder, cache_dir=folder / "cache")

    source, found = read(val_share=0.4)
    names = {split: [part.name(n) for n in range(len(part))] for split, part in found.splits.items()}
    assert {split: len(each) for split, each in names.items()} == {"train": 2, "val": 2, "test": 1}
    assert len({name for each in names.values() for name in each}) == 5
    content["images"].reverse()
    (folder / "train.json").write_text(json.dumps(content))
    again = read(val_share=0.4)[1]
    assert sorted(again.splits["val"].name(n) for n in range(2)) == sorted(names["val"])
    alone = source.read_test(["cat", "dog"], whole=False, channels=3, root=folder, cache_dir=folder / "cache")
    assert [alone.splits["test"].name(0)] == names["test"]
    with pytest.raises(ValueError, match=r"val_share must lie between 0 and 1, got 1 \(set data.source.val_share\)"):
        CocoFolder(**COCO_FILES, val_share=1)
    assert message_of(lambda: read(val_share=0.9)).endswith("set data.source.val_share and data.source.test_share)")


def test_a_trained_model_is_tested_on_a_lone_file_by_the_names_of_its_classes(tmp_path: Path) -> None:
    folder = _coco(
        tmp_path / "set",
        lambda c: (
            c.update(categories=[{"id": 1, "name": "cat"}, {"id": 2, "name": "dog"}]),
            [each.update(category_id=2) for each in c["annotations"]],
        ),
        "test",
    )
    for other in ("train", "val"):
        (folder / f"{other}.json").unlink()
    source = CocoFolder(**COCO_FILES)
    found = source.read_test(["dog", "cat"], whole=False, channels=3, root=folder, cache_dir=folder / "cache")
    assert list(found.splits) == ["test"]
    assert found.splits["test"].objects(0).labels.tolist() == [0]
    message = message_of(
        lambda: source.read_test(["cat"], whole=False, channels=3, root=folder, cache_dir=folder / "cache")
    )
    assert message.startswith("the model knows the classes cat, got also dog (set data.source.repair=true to leave")
