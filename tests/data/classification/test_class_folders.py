"""Which image belongs where, by its name."""

import pytest

from attnlab.data.classification.class_folders import labelled_splits
from attnlab.errors import UserError


def test_one_more_image_moves_no_other_from_one_side_to_the_other() -> None:
    names = [f"{label}/{number}.png" for label in ("a", "b") for number in range(100)]
    before = labelled_splits(names, val_share=0.1, test_share=0.1)
    after = labelled_splits([*names, "a/new.png"], val_share=0.1, test_share=0.1)
    moved = set(before["val"]) ^ set(after["val"]) - {"a/new.png"}
    assert len(moved) <= 2  # the share's last one


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
    "names, message",
    [
        ([], "there must be images, got none"),
        (["0.png", "a/1.png", "b/2.png"], r"every image lies in the folder of its class, got 0.png"),
        (["train/0.png", "train/a/1.png"], r"every image lies in the folder of its class, got train/0.png"),
        (["train/a/1.png", "extra/a/1.png"], r"only be the folders val and test, got extra/a/1.png"),
        ([f"a/{n}.png" for n in range(9)], r"two classes or more, got \['a'\]"),
        ([f"{c}/{n}.png" for c in "ab" for n in range(2)], "got 2 of '[ab]'"),
        *(
            (
                [f"{outer}{folder}/{c}/{n}.png" for folder in folders for c in "ab" for n in range(9)],
                f"named train, val and test, and train must be there, got {', '.join(sorted(folders))} ",
            )
            for folders in (["Train", "Test"], ["training", "validation"], ["val", "test"], ["test"], ["VALID"])
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
