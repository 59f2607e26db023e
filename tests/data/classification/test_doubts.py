"""Copies in two splits or classes, and names of classes that are hardly meant to be two, are told."""

import shutil
from pathlib import Path

from tiny_images import CLASSES, write_folder

from attnlab.data import ImageFolderDataModule


def _prepared(root: Path) -> ImageFolderDataModule:
    module = ImageFolderDataModule(root=str(root), image_size=8, num_workers=0, cache_dir="cache")
    module.prepare_data()
    return module


def test_classes_that_are_hardly_meant_to_be_two_are_warned_of(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "images", 4)
    assert "alike_classes" not in {each["kind"] for each in _prepared(folder).warnings}
    for each in folder.rglob(CLASSES[0]):
        shutil.copytree(each, each.with_name(f"{CLASSES[0].title()} "))
    found = {each["kind"]: each["message"] for each in _prepared(folder).warnings}
    assert f": '{CLASSES[0].title()} '/{CLASSES[0]} (" in found["alike_classes"]


def test_the_same_image_in_two_splits_or_classes_is_warned_of(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "images", 4, ("train", "test"))
    train, test = ([*sorted((folder / split).rglob("*.png"))] for split in ("train", "test"))
    shutil.copy(train[0], test[0])
    shutil.copy(train[0], train[-1])
    found = {each["kind"]: each["message"] for each in _prepared(folder).warnings}
    assert found["shared_images"].startswith("train and test share 1 images, ")
    assert f"({CLASSES[0]}, {CLASSES[-1]})" in found["images_in_two_classes"]
