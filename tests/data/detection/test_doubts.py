"""What may be wrong with a set is said once, with its number, and kept for the record."""

import logging
from pathlib import Path

import pytest

from attnlab.data.detection.doubts import Doubts
from attnlab.data.detection.pictures import BoxedFile, FileSplit
from attnlab.data.detection.sets import boxed_objects
from attnlab.data.images.files import FolderFiles

SIZE = (41, 29)
KEYS = {"train": "data.source.train", "val": "data.source.val"}


def _row(name: str, *labels: int, size: tuple[int, int] = SIZE, said: bool = True, ignored: bool = False) -> BoxedFile:
    objects = boxed_objects([[1, 2, 3, 4]] * len(labels), labels, [ignored] * len(labels))
    return BoxedFile(f"{name}.png", size, objects, None, said)


def _messages(doubts: Doubts, caplog: pytest.LogCaptureFixture) -> list[str]:
    said = [each.getMessage() for each in caplog.records if each.levelno == logging.WARNING]
    assert said == [each["message"] for each in doubts.found]
    return said


def test_pictures_and_boxes_that_are_there_twice_are_counted(caplog: pytest.LogCaptureFixture) -> None:
    doubts = Doubts()
    one, two, three = _row("one", 0), _row("two", 0), _row("three", 0)
    doubts.of_doubles({"train": [one, two], "val": [three]}, 0, copies={}, keys=KEYS)
    assert not doubts.found
    doubts.of_doubles(
        {"train": [one, two, one, one], "val": [three], "test": [two, _row("copy", 0), one]},
        7,
        copies={"copy.png": "three.png"},
        keys=KEYS,
    )
    assert [message.split(":")[0] for message in _messages(doubts, caplog)] == [
        "train lists 2 of its 4 images again, one.png for one",
        "7 boxes are there twice, with the same corners and class",
        "train and test share 2 images",
        "val and test share 1 images",
    ]
    assert doubts.found[-1]["message"].endswith("(set data.source.val)")


def test_classes_without_a_box_to_learn_from_are_named(caplog: pytest.LogCaptureFixture) -> None:
    doubts = Doubts()
    doubts.of_classes([_row("one", 0, 2), _row("two", 1, ignored=True)], ["cat", "dog", "emu", "fox"])
    assert _messages(doubts, caplog) == ["no box of dog, fox in train: what it is can't be learnt"]


def test_classes_that_are_hardly_meant_to_be_two_are_named(caplog: pytest.LogCaptureFixture) -> None:
    doubts = Doubts()
    doubts.of_names(["cat", "dog", "hot-dog"])
    assert not doubts.found
    doubts.of_names(["cat", "dog", "Cat", "hot_dog", "hot-dog"])
    (said,) = _messages(doubts, caplog)
    assert ": Cat/cat, hot-dog/hot_dog (" in said


@pytest.mark.parametrize(
    "row, turn, told",
    [
        (_row("one", 0), 3, True),
        (_row("one", 0), 6, False),  # another size would have told
        (_row("one", 0, said=False), 6, True),
        (_row("one", 0, size=(31, 31)), 8, True),
        (_row("one"), 3, False),  # no box to be off
    ],
)
def test_pictures_turned_under_their_boxes_are_told_where_no_size_tells(
    row: BoxedFile, turn: int, told: bool, tmp_path: Path
) -> None:
    doubts = Doubts()
    doubts.of_turned({"train": FileSplit(FolderFiles(tmp_path), [row], 3)}, {"one.png": turn, "other.png": 3})
    assert [each["kind"] for each in doubts.found] == ["turned_images"] * told


def test_splits_without_objects_are_told() -> None:
    doubts = Doubts()
    doubts.of_empty({"train": 3, "val": 0, "test": 0})
    assert [each["message"].split()[0] for each in doubts.found] == ["val", "test"]
