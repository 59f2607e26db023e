"""Splits by the names of folders, and the image that goes with an annotation."""

from pathlib import Path

import pytest
from boxed_files import message_of

from attnlab.data.detection.folders import ImagesByStem, by_split, check_trainable


@pytest.mark.parametrize("train, val", [("train", "valid"), ("Training", "Validation"), ("images/train", "images/dev")])
def test_the_first_folder_named_as_a_split_counts(train: str, val: str) -> None:
    names = [f"{train}/test.xml", f"{train}/val/b.xml", f"x/{val}/c.xml"]
    assert by_split(names, what="XML files", root=Path("scenes")) == {"train": names[:2], "val": names[2:]}


def test_without_such_folders_all_is_to_train_on() -> None:
    assert by_split(["train.xml", "cats/a.xml"], what="XML files", root=Path("scenes")) == {
        "train": ["train.xml", "cats/a.xml"]
    }


def test_files_beside_splits_and_splits_without_train_are_refused() -> None:
    message = message_of(lambda: by_split(["train/a.xml", "cats/b.xml"], what="XML files", root=Path("scenes")))
    assert message.startswith("XML files must all lie in folders of splits or none, got 1 beside train, cats/b.xml for")
    assert (
        message_of(lambda: by_split([], what="XML files", root=Path("scenes")))
        == "there must be XML files, got none in scenes (set data.root)"
    )
    assert "got val and test alone" in message_of(lambda: check_trainable(["val", "test"]))


@pytest.mark.parametrize(
    "images, annotation, said, expected",
    [
        (["a/x.jpg", "x.png"], "a/x.xml", "", "a/x.jpg"),
        (["images/x.b.JPG"], "Annotations/x.b.xml", "", "images/x.b.JPG"),
        (["s/images/c/x.jpg"], "s/labels/c/x.json", "", "s/images/c/x.jpg"),
        (["x.jpg", "y.jpg"], "a.xml", "C:\\pics\\y.jpg", "y.jpg"),
        (["x.jpg", "x.png"], "x.xml", "x.png", "x.png"),
        (["b/x.jpg"], "a/x.xml", "", None),
    ],
)
def test_an_image_lies_beside_its_annotation_or_in_the_folder_that_stands_for_it(
    images: list[str], annotation: str, said: str, expected: str | None
) -> None:
    assert ImagesByStem([*images, "x.txt"]).of(annotation, said=said) == expected


def test_of_several_one_must_be_said() -> None:
    message = message_of(lambda: ImagesByStem(["x.jpg", "x.png"]).of("x.xml"))
    assert message == "every annotation must have one image, got x.jpg and x.png for x.xml (remove one)"
