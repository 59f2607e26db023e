"""VOC folders: what is read of them, and the one line that each mistake in them gets."""

from pathlib import Path
from typing import Any

import pytest
from boxed_files import BOXES, message_of, read_voc, write_voc

from attnlab.data import VocFolder


def test_pixels_counted_from_zero_are_boxes_as_they_stand(tmp_path: Path) -> None:
    folder = write_voc(tmp_path / "set", first_pixel=0)
    message = message_of(lambda: read_voc(folder))  # a first pixel of 0 can't be counted from 1
    assert "outside the image of 37 by 23: 'dog' (0, 0, 37, 23) in " in message
    assert message.endswith("data.source.repair=true, or data.source.first_pixel=0 where pixels count from 0)")
    found = read_voc(folder, first_pixel=0)
    assert found.splits["train"].objects(0).boxes.tolist() == [list(each[1:]) for each in BOXES["one"]]
    with pytest.raises(ValueError, match=r"first_pixel must be 0 or 1, got 2 \(set data.source.first_pixel\)"):
        VocFolder(train="a", val="b", test="c", first_pixel=2)


def test_difficult_objects_are_ignored(tmp_path: Path) -> None:
    folder = write_voc(tmp_path / "set")
    path = folder / "Annotations" / "one.xml"
    path.write_text(path.read_text().replace("<difficult>0", "<difficult>1", 1))
    assert read_voc(folder).splits["train"].objects(0).ignored.tolist() == [True, False]


def test_classes_can_be_named_in_an_order_of_ones_own(tmp_path: Path) -> None:
    folder = write_voc(tmp_path / "set")
    found = read_voc(folder, classes=["emu", "dog", "cat"])
    assert found.splits["train"].objects(0).labels.tolist() == [2, 1]
    assert VocFolder(train="a", val="b", test="c", classes=["emu", "dog", "cat"]).num_classes == 3


@pytest.mark.parametrize("classes", [["cat", "dog", "cat"], [], "cat", [1, 2], [True], 7])
def test_classes_that_are_no_list_of_different_names_are_refused(classes: Any) -> None:
    with pytest.raises(ValueError, match=r"classes must be a list of different names, got .*data.source.classes="):
        VocFolder(train="a", val="b", test="c", classes=classes)


@pytest.mark.parametrize("flag", ["", " 1", "  -1"])
def test_names_may_hold_spaces(flag: str, tmp_path: Path) -> None:
    folder = write_voc(tmp_path / "set")
    for path in [*folder.rglob("one.png"), *folder.rglob("one.xml")]:
        path.rename(path.with_stem("number one 1"))
    (folder / "ImageSets/Main/train.txt").write_text(f"number one 1{flag}\ntwo{flag}\n")
    split = read_voc(folder).splits["train"]
    assert [split.name(number) for number in range(2)] == ["JPEGImages/number one 1.png", "JPEGImages/two.png"]


@pytest.mark.parametrize(
    "declared, encoding", [("gb2312", "gbk"), ("GBK", "gbk"), ("Big5", "big5"), ("utf-8", "utf-8")]
)
def test_annotations_in_any_declared_encoding_are_read(declared: str, encoding: str, tmp_path: Path) -> None:
    folder = write_voc(tmp_path / "set")
    for path in folder.rglob("*.xml"):
        text = path.read_text().replace("cat", "瑪麗")
        path.write_bytes(f"<?xml version='1.0' encoding='{declared}'?>\n{text}".encode(encoding))
    assert list(read_voc(folder).classes) == ["dog", "瑪麗"]


@pytest.mark.parametrize("declared", ["gb2312", "utf-8", "nonesuch", "hex"])
def test_an_annotation_of_another_encoding_than_it_declares_is_one_line(declared: str, tmp_path: Path) -> None:
    folder = write_voc(tmp_path / "set")
    path = folder / "Annotations" / "one.xml"
    path.write_bytes(f"<?xml version='1.0' encoding='{declared}'?>{path.read_text()}<!--".encode() + b"\xff\xff-->")
    message = message_of(lambda: read_voc(folder))
    assert message.startswith(f"an annotation must be of the encoding it declares, got {path}: ")


def test_a_sets_second_column_is_passed_over(tmp_path: Path) -> None:
    folder = write_voc(tmp_path / "set")
    (folder / "ImageSets/Main/train.txt").write_text("one  1\ntwo -1\nfive -1\n")
    assert len(read_voc(folder).splits["train"]) == 3


@pytest.mark.parametrize(
    "file, change, expected",
    [
        ("Annotations/one.xml", ("<annotation>", "<annotation"), "an annotation must be XML, got"),
        ("Annotations/one.xml", ("<width>37</width>", ""), "<size> must have a <width>, got none in"),
        ("Annotations/one.xml", ("<width>37<", "<width>wide<"), "<width> must be a number, got 'wide' in"),
        *(
            ("Annotations/one.xml", ("<width>37<", f"<width>{no}<"), f"<width> must be 1 or more, got {no} in")
            for no in ("nan", "inf", "0", "-5")
        ),
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
    assert expected in message_of(lambda: read_voc(folder))


def test_missing_sets_pictures_and_folders_are_one_line(tmp_path: Path) -> None:
    folder = write_voc(tmp_path / "set")
    (folder / "JPEGImages/one.png").unlink()
    assert "every annotation must have an image, got none named one in" in message_of(lambda: read_voc(folder))
    (folder / "ImageSets/Main/test.txt").unlink()
    assert "test.txt, which doesn't" in message_of(lambda: read_voc(folder))
    assert "a VOC folder must be named (set data.root=FOLDER)" in message_of(lambda: _read(None))


def _read(root: Path | None) -> Any:
    return VocFolder(train="train", val="val", test="test").read(channels=3, root=root, cache_dir=Path())
