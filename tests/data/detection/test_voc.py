"""VOC folders: what is read of them, and the one line that each mistake in them gets."""

import re
import shutil
from pathlib import Path
from typing import Any

import pytest
from boxed_files import BOXES, SETS, message_of, picture, read_voc, write_voc

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


def test_shares_of_the_sides_are_called_so_once(tmp_path: Path) -> None:
    folder = write_voc(tmp_path / "set")
    for path in folder.rglob("*.xml"):
        pixels = path.read_text()
        path.write_text(re.sub(r"<([xy]m..)>(\d+)<", lambda each: f"<{each[1]}>{int(each[2]) / 50:g}<", pixels))
    for repair in (False, True):
        message = message_of(lambda repair=repair: read_voc(folder, repair=repair))
        assert message.startswith("every box must lie in its image, got outside the image of ")
        assert message.count("outside") == 1
        assert message.endswith(
            "boxes are from 0 to 1: they look like shares of the images' sides (mend the annotations: multiply x by "
            "the width and y by the height)"
        )


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
        ("Annotations/one.xml", ("<width>37<", "<width>wide<"), "<width> must be a number, got 'wide' in"),
        *(
            ("Annotations/one.xml", ("<width>37<", f"<width>{no}<"), f"<width> must be a number, got {no} in")
            for no in ("nan", "inf")
        ),
        ("Annotations/one.xml", ("<name>cat</name>", "<name> </name>"), "<object> must have a <name>, got none in"),
        ("Annotations/one.xml", ("<difficult>0<", "<difficult>maybe<"), "<difficult> must be 0 or 1, got 'maybe' in"),
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


@pytest.mark.parametrize(
    "word, ignored", [("True", True), ("yes", True), ("1", True), ("Unspecified", False), ("", False)]
)
def test_difficult_may_be_a_word(word: str, ignored: bool, tmp_path: Path) -> None:
    folder = write_voc(tmp_path / "set")
    path = folder / "Annotations" / "one.xml"
    path.write_text(path.read_text().replace("<difficult>0", f"<difficult>{word}", 1))
    assert read_voc(folder).splits["train"].objects(0).ignored.tolist() == [ignored, False]


@pytest.mark.parametrize(
    "size", ["<size><width>0</width><height>0</height></size>", "<size><width>-1</width></size>", ""]
)
def test_sizes_that_a_file_doesnt_say_are_the_images_own(size: str, tmp_path: Path) -> None:
    folder = write_voc(tmp_path / "set")
    path = folder / "Annotations" / "one.xml"
    path.write_text(path.read_text().replace("<size><width>37</width><height>23</height></size>", size))
    split = read_voc(folder).splits["train"]
    assert split.size(0) == (23, 37)
    assert split.objects(0).boxes.tolist() == [list(each[1:]) for each in BOXES["one"]]


def test_sets_may_name_what_lies_in_folders(tmp_path: Path) -> None:
    folder = write_voc(tmp_path / "set")
    for part, ending in (("Annotations", "xml"), ("JPEGImages", "png")):
        (folder / part / "cam.1").mkdir()
        (folder / part / f"one.{ending}").rename(folder / part / "cam.1" / f"one.{ending}")
    (folder / "ImageSets/Main/train.txt").write_text("cam.1\\one.png\ntwo\n")
    split = read_voc(folder).splits["train"]
    assert [split.name(number) for number in range(2)] == ["JPEGImages/cam.1/one.png", "JPEGImages/two.png"]


def test_of_two_images_of_a_name_the_one_that_is_said_counts(tmp_path: Path) -> None:
    folder = write_voc(tmp_path / "set")
    picture("one").save(folder / "JPEGImages" / "one.bmp")
    message = message_of(lambda: read_voc(folder))
    assert message.startswith("every annotation must have one image, got JPEGImages/one.bmp and JPEGImages/one.png for")
    path = folder / "Annotations" / "one.xml"
    path.write_text(path.read_text().replace("<annotation>", "<annotation><filename>one.bmp</filename>"))
    assert read_voc(folder).splits["train"].name(0) == "JPEGImages/one.bmp"


def test_a_set_that_lists_a_name_twice_is_warned_of(tmp_path: Path) -> None:
    folder = write_voc(tmp_path / "set")
    (folder / "ImageSets/Main/test.txt").write_text("four\nfour\n")
    [warning] = read_voc(folder).warnings
    assert warning["message"].startswith("test lists 1 of its 2 images again, JPEGImages/four.png for one: ")


def test_a_folder_above_the_set_and_sets_that_arent_there_are_refused(tmp_path: Path) -> None:
    folder = write_voc(tmp_path / "kit" / "VOC2012")
    assert message_of(lambda: read_voc(tmp_path / "kit")) == (
        f"a folder that holds ImageSets must be named, got {tmp_path / 'kit'}, around VOC2012 (set data.root={folder})"
    )
    (folder / "ImageSets/Main").rename(folder / "ImageSets/Layout")
    assert "must be lists in ImageSets/Main, got no such folder" in message_of(lambda: read_voc(folder))
    shutil.rmtree(folder / "ImageSets")
    source = VocFolder(train="trainval", val=None, test=None)
    assert "got data.source.train=trainval and no such folder" in message_of(
        lambda: source.read(channels=3, root=folder, cache_dir=tmp_path)
    )


def test_sets_may_list_paths_of_images(tmp_path: Path) -> None:
    folder = write_voc(tmp_path / "set")
    path = folder / "ImageSets/Main/train.txt"
    names = path.read_text().split()
    path.write_text("".join(f"/content/VOC/JPEGImages/{name}.png\n" for name in names))
    assert len(read_voc(folder).splits["train"]) == len(names)


def _beside(folder: Path, folders: dict[str, str]) -> Path:
    """XML files beside their images, in a folder for each split."""
    write_voc(folder / "whole")
    for split, names in SETS.items():
        for name in names:
            place = folder / "set" / folders[split]
            place.mkdir(parents=True, exist_ok=True)
            shutil.copy(folder / "whole/Annotations" / f"{name}.xml", place)
            shutil.copy(folder / "whole/JPEGImages" / f"{name}.png", place)
    return folder / "set"


def test_without_image_sets_annotations_lie_beside_images(tmp_path: Path) -> None:
    root = _beside(tmp_path, {"train": "train", "val": "valid", "test": "test"})
    (root / "train" / "unlabelled.png").write_bytes(b"")
    found = read_voc(root)
    for split, names in SETS.items():
        part = found.splits[split]
        expected = {name: [list(each[1:]) for each in BOXES[name]] for name in names}
        assert {Path(part.name(n)).stem: part.objects(n).boxes.tolist() for n in range(len(part))} == expected
    shutil.rmtree(root / "valid")
    assert {split: len(part) for split, part in read_voc(root).splits.items()} == {"train": 2, "val": 1, "test": 1}
    shutil.rmtree(root / "train")
    assert message_of(lambda: read_voc(root)) == "there must be a folder train, got test alone (set data.root)"
    alone = VocFolder(train="train", val="val", test="test").read_test(
        ["emu", "dog"], whole=False, channels=3, root=root, cache_dir=tmp_path
    )
    assert alone.splits["test"].objects(0).labels.tolist() == [1]


def test_one_folder_of_annotations_and_images_is_shared_out(tmp_path: Path) -> None:
    found = read_voc(_beside(tmp_path, dict.fromkeys(SETS, "all")))
    assert {split: len(part) for split, part in found.splits.items()} == {"train": 3, "val": 1, "test": 1}
    again = read_voc(tmp_path / "set")
    assert [again.splits["test"].name(0)] == [found.splits["test"].name(0)]


def test_image_sets_that_are_null_are_held_out(tmp_path: Path) -> None:
    folder = write_voc(tmp_path / "set")
    source = VocFolder(train="train", val="val", test=None, test_share=0.3)
    found = source.read(channels=3, root=folder, cache_dir=tmp_path / "cache")
    assert {split: len(part) for split, part in found.splits.items()} == {"train": 2, "val": 1, "test": 1}
