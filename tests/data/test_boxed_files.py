"""VOC and COCO folders: what is read of them, and the one line that each mistake in them gets."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from boxed_files import BOXES, SETS, SIZES, coco_file, picture, write_coco, write_voc
from PIL import Image

from attnlab.data import CocoFolder, VocFolder
from attnlab.data.detection_sets import DetectionSplits
from attnlab.data.json_places import line_of_entry
from attnlab.errors import UserError

COCO = {
    "train": "train.json",
    "val": "val.json",
    "test": "test.json",
    "train_images": "train",
    "val_images": "val",
    "test_images": "test",
}


def _read_voc(folder: Path, **arguments: Any) -> DetectionSplits:
    source = VocFolder(train="train", val="val", test="test", **arguments)
    return source.read(channels=3, root=folder, cache_dir=folder / "cache")


def _read_coco(folder: Path, **arguments: Any) -> DetectionSplits:
    return CocoFolder(**COCO, **arguments).read(channels=3, root=folder, cache_dir=folder / "cache")


FORMATS: dict[str, tuple[Callable[..., Path], Callable[..., DetectionSplits], list[str]]] = {
    "voc": (write_voc, _read_voc, ["cat", "dog"]),
    "coco": (write_coco, _read_coco, ["dog", "cat"]),  # by their ids
}
BOTH = pytest.mark.parametrize("kind", FORMATS)


def _message(read: Callable[[], Any]) -> str:
    with pytest.raises(UserError) as caught:
        read()
    text = str(caught.value)
    assert "\n" not in text
    return text


@BOTH
def test_every_picture_and_box_is_read(kind: str, tmp_path: Path) -> None:
    write, read, classes = FORMATS[kind]
    found = read(write(tmp_path / "set"))
    assert list(found.classes) == classes
    assert found.summary == {"repaired": {}, "broken": {}}
    for split, names in SETS.items():
        part = found.splits[split]
        assert len(part) == len(names)
        for number, name in enumerate(names):
            assert part.name(number).endswith(f"/{name}.png")
            assert part.size(number) == SIZES[name][::-1]
            assert np.array_equal(np.asarray(part.image(number)), np.asarray(picture(name)))
            objects = part.objects(number)
            assert objects.boxes.tolist() == [list(each[1:]) for each in BOXES[name]]
            assert [classes[label] for label in objects.labels] == [each[0] for each in BOXES[name]]
            assert not objects.ignored.any()
            assert objects.boxes.shape == (len(BOXES[name]), 4)


@BOTH
def test_the_checksum_is_of_pictures_and_boxes(kind: str, tmp_path: Path) -> None:
    write, read, _ = FORMATS[kind]
    first = read(write(tmp_path / "first")).checksum
    assert read(write(tmp_path / "again")).checksum == first
    moved = BOXES | {"one": [("cat", 3, 5, 20, 18), BOXES["one"][1]]}
    assert read(write(tmp_path / "moved", boxes=moved)).checksum != first
    folder = write(tmp_path / "repainted")
    path = next(folder.rglob("two.png"))
    Image.new("RGB", SIZES["two"], "red").save(path)
    assert read(folder).checksum != first


FAULTY = {
    "outside": ("dog", 7, 11, 30, 37),
    "swapped": ("dog", 13, 11, 7, 37),
    "empty": ("dog", 7, 11, 7, 37),
    "away": ("dog", 70, 11, 90, 37),
}
FAULTS = {
    "outside": "outside the image of 29 by 41",
    "swapped": "swapped corners",
    "empty": "zero area",
    "away": "outside the image of 29 by 41",
}
REPAIRED = {
    "outside": ([[7, 11, 29, 37]], {"cut: outside the image": 1}),
    "swapped": ([[7, 11, 13, 37]], {"swapped: swapped corners": 1}),
    "empty": ([], {"dropped: zero area": 1}),
    "away": ([], {"dropped: outside the image": 1}),
}


@BOTH
@pytest.mark.parametrize("fault", FAULTY)
def test_a_box_that_cannot_be_is_named_with_file_and_line_or_mended(kind: str, fault: str, tmp_path: Path) -> None:
    write, read, _ = FORMATS[kind]
    folder = write(tmp_path / "set", boxes=BOXES | {"two": [FAULTY[fault]]})
    message = _message(lambda: read(folder))
    corners = ", ".join(str(each) for each in FAULTY[fault][1:])
    assert f"got {FAULTS[fault]}: 'dog' ({corners}) in " in message
    assert "(mend the file, or set data.source.repair=true)" in message
    file, line = re.search(r"in (\S+), line (\d+)", message).groups()  # type: ignore[union-attr]  # it must match
    shown = Path(file).read_text().splitlines()[int(line) - 1 :]
    if kind == "voc":
        assert shown[0] == "<bndbox>"
    else:
        assert json.loads(" ".join(shown[0:]).split("}")[0] + "}")["bbox"][0] == FAULTY[fault][1]
    mended = read(folder, repair=True)
    boxes, counted = REPAIRED[fault]
    assert mended.splits["train"].objects(1).boxes.tolist() == boxes
    assert mended.summary["repaired"] == counted


@BOTH
def test_an_unknown_class_is_named_or_dropped(kind: str, tmp_path: Path) -> None:
    write, read, _ = FORMATS[kind]
    folder = write(tmp_path / "set", boxes=BOXES | {"four": [("emu", 10, 3, 41, 18), *BOXES["four"]]})
    name = "'emu'" if kind == "voc" else "'category_id 99'"
    assert f"unknown class: {name} (10, 3, 41, 18) in " in _message(lambda: read(folder))
    mended = read(folder, repair=True)
    assert len(mended.splits["test"].objects(0).labels) == 1
    assert mended.summary["repaired"] == {"dropped: unknown class": 1}


@BOTH
def test_of_many_faults_some_are_named_and_all_counted(kind: str, tmp_path: Path) -> None:
    write, read, _ = FORMATS[kind]
    folder = write(tmp_path / "set", boxes=BOXES | {"one": [("cat", 5, 5, 5, 9)] * 7})
    message = _message(lambda: read(folder))
    assert message.count("zero area") == 5
    assert "; and 2 more (mend" in message
    assert read(folder, repair=True).summary["repaired"] == {"dropped: zero area": 7}


@BOTH
@pytest.mark.parametrize("content", [b"", b"no picture", None])
def test_broken_pictures_are_named_or_left_out_and_counted(kind: str, content: bytes | None, tmp_path: Path) -> None:
    write, read, _ = FORMATS[kind]
    folder = write(tmp_path / "set")
    path = next(folder.rglob("two.png"))
    path.write_bytes(path.read_bytes()[:200] if content is None else content)
    message = _message(lambda: read(folder))
    assert message.startswith("every image must be whole, got 1 of 5 that aren't: ")
    assert f"{path.parent.name}/two.png: " in message
    found = read(folder, skip_broken=True)
    assert [found.splits["train"].name(number) for number in range(2)] == [
        f"{path.parent.name}/{name}.png" for name in ("one", "five")
    ]
    assert list(found.summary["broken"]) == [f"{path.parent.name}/two.png"]


@BOTH
def test_a_picture_of_another_size_than_its_boxes_is_refused_when_it_is_read(kind: str, tmp_path: Path) -> None:
    write, read, _ = FORMATS[kind]
    folder = write(tmp_path / "set")
    path = next(folder.rglob("one.png"))
    Image.new("RGB", (23, 37)).save(path)
    found = read(folder)
    message = _message(lambda: found.splits["train"].image(0))
    assert message.startswith(
        "an image must have the size that its boxes were drawn for, got 23 by 37 and not 37 by 23"
    )
    assert str(path) in message


@BOTH
def test_pictures_of_any_kind_are_read_upright(kind: str, tmp_path: Path) -> None:
    """A picture lying on its side, as EXIF says; grey, see-through and of 16 bits."""
    write, read, _ = FORMATS[kind]
    folder = write(tmp_path / "set")
    path = next(folder.rglob("one.png"))
    lying = picture("one").transpose(Image.Transpose.ROTATE_90)
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned by 90 degrees clockwise
    lying.save(path, exif=exif)
    width, height = SIZES["two"]
    deep = np.full((height, width), 0x8080, dtype=np.uint16)
    Image.fromarray(deep).save(next(folder.rglob("two.png")))
    Image.new("RGBA", SIZES["five"], (10, 20, 30, 0)).save(next(folder.rglob("five.png")))
    split = read(folder).splits["train"]
    assert np.array_equal(np.asarray(split.image(0)), np.asarray(picture("one")))
    assert np.array_equal(np.asarray(split.image(1)), np.full((height, width, 3), 0x80))
    assert np.array_equal(np.asarray(split.image(2)), np.full((53, 19, 3), 255))


# VOC


def test_pixels_counted_from_zero_are_boxes_as_they_stand(tmp_path: Path) -> None:
    folder = write_voc(tmp_path / "set", first_pixel=0)
    assert "outside the image" in _message(lambda: _read_voc(folder))  # a first pixel of 0 can't be counted from 1
    found = _read_voc(folder, first_pixel=0)
    assert found.splits["train"].objects(0).boxes.tolist() == [list(each[1:]) for each in BOXES["one"]]
    with pytest.raises(ValueError, match=r"first_pixel must be 0 or 1, got 2 \(set data.source.first_pixel\)"):
        VocFolder(train="a", val="b", test="c", first_pixel=2)


def test_difficult_objects_are_ignored(tmp_path: Path) -> None:
    folder = write_voc(tmp_path / "set")
    path = folder / "Annotations" / "one.xml"
    path.write_text(path.read_text().replace("<difficult>0", "<difficult>1", 1))
    assert _read_voc(folder).splits["train"].objects(0).ignored.tolist() == [True, False]


def test_classes_can_be_named_in_an_order_of_ones_own(tmp_path: Path) -> None:
    folder = write_voc(tmp_path / "set")
    found = _read_voc(folder, classes=["emu", "dog", "cat"])
    assert found.splits["train"].objects(0).labels.tolist() == [2, 1]
    assert VocFolder(train="a", val="b", test="c", classes=["emu", "dog", "cat"]).num_classes == 3


def test_a_sets_second_column_is_passed_over(tmp_path: Path) -> None:
    folder = write_voc(tmp_path / "set")
    (folder / "ImageSets/Main/train.txt").write_text("one  1\ntwo -1\nfive -1\n")
    assert len(_read_voc(folder).splits["train"]) == 3


@pytest.mark.parametrize(
    "file, change, expected",
    [
        ("Annotations/one.xml", ("<annotation>", "<annotation"), "an annotation must be XML, got"),
        ("Annotations/one.xml", ("<width>37</width>", ""), "<size> must have a <width>, got none in"),
        ("Annotations/one.xml", ("<width>37<", "<width>wide<"), "<width> must be a number, got 'wide' in"),
        ("Annotations/one.xml", ("<name>cat</name>", "<name> </name>"), "<object> must have a <name>, got none in"),
        ("Annotations/one.xml", ("<bndbox>", "<box>"), "an annotation must be XML, got"),
        ("ImageSets/Main/val.txt", ("three", "seven"), "an annotation must be readable, got"),
    ],
)
def test_what_an_annotation_lacks_is_one_line(
    file: str, change: tuple[str, str], expected: str, tmp_path: Path
) -> None:
    folder = write_voc(tmp_path / "set")
    text = (folder / file).read_text()
    assert change[0] in text
    (folder / file).write_text(text.replace(*change, 1))
    assert expected in _message(lambda: _read_voc(folder))


def test_missing_sets_pictures_and_folders_are_one_line(tmp_path: Path) -> None:
    folder = write_voc(tmp_path / "set")
    (folder / "JPEGImages/one.png").unlink()
    assert "every annotation must have an image, got none named one in" in _message(lambda: _read_voc(folder))
    (folder / "ImageSets/Main/test.txt").unlink()
    assert "test.txt, which doesn't" in _message(lambda: _read_voc(folder))
    assert "a VOC folder must be named (set data.root=FOLDER)" in _message(lambda: _read(None))


def _read(root: Path | None) -> Any:
    return VocFolder(train="train", val="val", test="test").read(channels=3, root=root, cache_dir=Path())


# COCO


def test_crowds_are_ignored(tmp_path: Path) -> None:
    folder = write_coco(tmp_path / "set")
    content = coco_file(SETS["train"])
    content["annotations"][1]["iscrowd"] = 1
    (folder / "train.json").write_text(json.dumps(content))
    assert _read_coco(folder).splits["train"].objects(0).ignored.tolist() == [False, True]


@pytest.mark.parametrize(
    "change, expected",
    [
        (lambda c: c.pop("images"), "a COCO file must have a list of objects 'images', got none in"),
        (lambda c: c["annotations"][2].pop("image_id"), "image_id must be a whole number, got None in"),
        (lambda c: c["annotations"][2].update(image_id=7), "every box must be in one of the images, got image_id 7 in"),
        (lambda c: c["annotations"][2].update(bbox=[1, 2, 3]), "bbox must be four numbers, got [1, 2, 3] in"),
        (lambda c: c["images"][1].update(width="wide"), "width must be a whole number, got 'wide' in"),
        (lambda c: c["categories"][0].update(name=5), "name must be text, got 5 in"),
    ],
)
def test_what_a_coco_file_lacks_is_one_line(
    change: Callable[[dict[str, Any]], Any], expected: str, tmp_path: Path
) -> None:
    folder = write_coco(tmp_path / "set")
    content = coco_file(SETS["train"])
    change(content)
    (folder / "train.json").write_text(json.dumps(content, indent=1))
    assert expected in _message(lambda: _read_coco(folder))


def test_a_file_that_is_no_json_is_one_line(tmp_path: Path) -> None:
    folder = write_coco(tmp_path / "set")
    (folder / "val.json").write_text('{"images": [\n1,\n]}')
    assert f"annotations must be JSON, got {folder}/val.json, line 3: " in _message(lambda: _read_coco(folder))
    (folder / "val.json").write_text("[]")
    assert "a COCO file must be an object, got list in" in _message(lambda: _read_coco(folder))
    (folder / "val.json").unlink()
    assert "annotations must be readable, got" in _message(lambda: _read_coco(folder))


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
