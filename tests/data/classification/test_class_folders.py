"""Which image belongs where, by its name."""

import pytest

from attnlab.data.classification.class_folders import (
    NO_CLASS,
    SPLIT_WORDS,
    labelled_splits,
    lacking_classes,
    laid_out,
    shared_folders,
)
from attnlab.errors import UserError


def test_one_more_image_moves_no_other_from_one_side_to_the_other() -> None:
    names = [f"{label}/{number}.png" for label in ("a", "b") for number in range(100)]
    before = labelled_splits(names, val_share=0.1, test_share=0.1)
    after = labelled_splits([*names, "a/new.png"], val_share=0.1, test_share=0.1)
    moved = set(before["val"]) ^ set(after["val"]) - {"a/new.png"}
    assert len(moved) <= 2  # the share's last one


@pytest.mark.parametrize("label, cure", [("Dog ", "train has 'dog': rename it"), ("emu", "add some to train")])
def test_a_class_that_train_has_otherwise_is_told_by_its_name_there(label: str, cure: str) -> None:
    names = [f"train/{each}/{number}.png" for each in ("cat", "dog") for number in range(9)]
    with pytest.raises(UserError, match=f"got none of '{label}'.*{cure}"):
        labelled_splits([*names, f"test/{label}/0.png"], val_share=0.1, test_share=0.1)


def test_shares_are_of_the_whole_class() -> None:
    names = [f"{label}/{number}.png" for label in ("a", "b") for number in range(100)]
    splits = labelled_splits(names, val_share=0.1, test_share=0.1)
    assert {split: len(labelled) for split, labelled in splits.items()} == {"train": 160, "val": 20, "test": 20}


def test_a_class_may_be_named_as_a_split_beside_others() -> None:
    names = [f"{label}/{number}.png" for label in ("Bus", "Train") for number in range(9)]
    assert set(labelled_splits(names, val_share=0.1, test_share=0.1)["train"].values()) == {"Bus", "Train"}


def test_outer_folders_and_deeper_ones_dont_count() -> None:
    names = [f"outer/more/{label}/deep/{number}.png" for label in ("a", "b") for number in range(9)]
    splits = labelled_splits(names, val_share=0.1, test_share=0.1)
    assert set(splits["train"].values()) == {"a", "b"}


@pytest.mark.parametrize(
    "folders",
    [
        ("train", "valid", "test"),
        ("Train", "Test"),
        ("training", "validation", "testing"),
        ("train", "dev"),
        ("TRAIN", "eval"),
    ],
)
def test_folders_of_splits_may_have_other_usual_names(folders: tuple[str, ...]) -> None:
    names = [f"outer/{folder}/{label}/{number}.png" for folder in folders for label in "ab" for number in range(9)]
    splits = labelled_splits(names, val_share=0.1, test_share=0.1)
    for folder in folders:
        split = SPLIT_WORDS[folder.lower()]
        own = {name for name in names if name.startswith(f"outer/{folder}/")}
        assert set(splits[split]) == own if split != "train" else set(splits[split]) <= own
    assert laid_out(names).outer == "outer/"


@pytest.mark.parametrize("folder", ["", "faces/", "train/", "a/b/"])
def test_images_in_no_class_are_of_one_kind(folder: str) -> None:
    names = [f"{folder}{number}.png" for number in range(10)]
    splits = labelled_splits(names, val_share=0.4, test_share=0.4)
    assert {split: len(labelled) for split, labelled in splits.items()} == {"train": 2, "val": 4, "test": 4}
    label = {"": NO_CLASS, "train/": NO_CLASS, "faces/": "faces", "a/b/": "b"}[folder]
    assert {each for labelled in splits.values() for each in labelled.values()} == {label}


@pytest.mark.parametrize("outer", ["", "outer/"])
def test_folders_of_classes_without_images_are_known(outer: str) -> None:
    names = [f"{outer}{label}/{number}.png" for label in "ab" for number in range(3)]
    folders = [f"{outer}{each}" for each in ("a", "b", "b/deep", "bird", "bird/deep")]
    assert lacking_classes(folders, laid_out(names)) == {"train": ["bird"]}
    split = [f"{outer}{folder}/{name}" for folder in ("train", "valid") for name in ("a/1.png", "b/1.png")][:-1]
    folders = [f"{outer}{each}" for each in ("train", "train/a", "train/b", "train/fish", "valid", "valid/b")]
    assert lacking_classes(folders, laid_out(split)) == {"train": ["fish"], "val": ["b"]}
    assert lacking_classes(["a", "notes"], laid_out(["1.png", "2.png"])) == {}


def test_classes_that_hold_the_same_folders_may_be_splits() -> None:
    names = [f"{split}/{label}/{number}.png" for split in ("one", "two") for label in "ab" for number in range(9)]
    assert shared_folders(laid_out(names)) == ["a", "b"]
    assert shared_folders(laid_out([f"train/{name}" for name in names])) == ["a", "b"]
    assert shared_folders(laid_out([*names, "one/c/1.png"])) == []
    assert shared_folders(laid_out(["a/1.png", "b/1.png"])) == []
    assert set(laid_out([f"{each}_set/{c}/1.png" for each in ("training", "test") for c in "ab"]).splits) == {
        "train",
        "test",
    }


@pytest.mark.parametrize(
    "names, message",
    [
        ([], "there must be images, got none"),
        (["0.png", "a/1.png", "b/2.png"], r"every image lies in the folder of its class, got 0.png"),
        (["train/0.png", "train/a/1.png"], r"every image lies in the folder of its class, got train/0.png"),
        (["train/a/1.png", "extra/a/1.png"], r"only be the folders val and test, got extra "),
        (["train/1.png", "car/1.png", "bus/1.png"], r"got bus, car \(.*; a class that is called train must be renamed"),
        (
            ["train/a/1.png", "test/1.png"],
            r"every image lies in the folder of its class, got test/1.png, which doesn't",
        ),
        (
            ["train/a/1.png", "val/a/1.png", "valid/a/2.png"],
            r"one folder, got val and valid for val \(move one, or set",
        ),
        (["train/a/1.png", "3.png"], r"beside folders of splits there may be no images, got 3.png"),
        ([f"{c}/{n}.png" for c in "ab" for n in range(2)], "got 2 of '[ab]'"),
        *(
            (
                [f"{outer}{folder}/{c}/{n}.png" for folder in folders for c in "ab" for n in range(9)],
                f"named train, val and test, and train must be there, got {', '.join(sorted(folders))} ",
            )
            for folders in (["val", "test"], ["test"], ["VALID"], ["Dev"], ["testing", "validation"])
            for outer in ("", "outer/")
        ),
        (
            [f"train/{c}/{n}.png" for c in "ab" for n in range(9)] + ["test/c/0.png"],
            "got none of 'c', which test/c/0.png is of",
        ),
    ],
)
def test_a_folder_laid_out_otherwise_is_refused_by_name(names: list[str], message: str) -> None:
    with pytest.raises(UserError, match=message):
        labelled_splits(names, val_share=0.1, test_share=0.1)
