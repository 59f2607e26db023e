"""Which file of a folder holds which split, by its name."""

import re
from collections.abc import Sequence
from pathlib import Path

import pytest

from attnlab.data.files.split_files import lacks_training, split_files
from attnlab.errors import UserError

NONE_GIVEN = {"train": None, "val": None, "test": None}
ENDINGS = (".txt", ".conll")


def _folder(folder: Path, names: Sequence[str]) -> Path:
    for name in names:
        (folder / name).write_text("x")
    return folder


@pytest.mark.parametrize(
    "names",
    [
        ("train.txt", "dev.txt", "test.txt"),
        ("en_ewt-ud-train.conll", "en_ewt-ud-valid.conll", "en_ewt-ud-test.conll"),
        ("eng.train", "eng.testa", "eng.testb"),
        ("TRAIN.TXT", "Validation.txt", "Test.txt"),
        ("train.char.conll", "dev.char.conll", "test.char.conll"),
    ],
)
def test_a_name_says_its_split(tmp_path: Path, names: Sequence[str]) -> None:
    found = split_files(_folder(tmp_path, [*names, "README.md", "train.log"]), NONE_GIVEN, ENDINGS)
    assert found == {split: tmp_path / name for split, name in zip(("train", "val", "test"), names, strict=True)}


def test_a_lone_test_lacks_training(tmp_path: Path) -> None:
    _folder(tmp_path, ["test.txt"])
    assert lacks_training(tmp_path, NONE_GIVEN, ENDINGS)
    assert split_files(tmp_path, NONE_GIVEN, ENDINGS, splits=["test"]) == {"test": tmp_path / "test.txt"}
    _folder(tmp_path, ["dev.txt", "a.gz"])
    assert lacks_training(tmp_path, NONE_GIVEN, ENDINGS)
    assert not lacks_training(tmp_path, {**NONE_GIVEN, "train": "a"}, ENDINGS)
    assert not lacks_training(_folder(tmp_path, ["train.conll"]), NONE_GIVEN, ENDINGS)


def test_a_file_and_its_gz_are_one(tmp_path: Path) -> None:
    _folder(tmp_path, ["train.txt", "train.txt.gz", "dev.txt.gz", "test.txt"])
    assert split_files(tmp_path, NONE_GIVEN, ENDINGS) == {
        "train": tmp_path / "train.txt",
        "val": tmp_path / "dev.txt",
        "test": tmp_path / "test.txt",
    }


def test_what_is_given_is_taken_whatever_its_name(tmp_path: Path) -> None:
    _folder(tmp_path, ["train.txt", "dev.txt", "val.txt"])
    given = NONE_GIVEN | {"val": "val.txt", "test": "../elsewhere"}
    found = split_files(tmp_path, given, ENDINGS)
    assert (found["val"], found["test"]) == (tmp_path / "val.txt", tmp_path / "../elsewhere")


@pytest.mark.parametrize(
    "names, message",
    [
        (
            ["train.txt", "dev.txt", "val.txt", "test.txt"],
            "the val split must be one file, got dev.txt, val.txt in {folder} (set data.corpus.val)",
        ),
        (
            ["train.txt", "test.txt"],
            "the val split must have a file, got none of the names dev, val, valid, validation, testa (.txt, .conll, "
            "with .gz or without) in {folder}, which holds test.txt, train.txt (set data.root or data.corpus.val)",
        ),
        ([], "which holds no file (set data.root or data.corpus.train)"),
        ([f"{number}.txt" for number in range(11)], "which holds 0.txt, 1.txt, 10.txt, 2.txt, "),
        ([f"{number}.txt" for number in range(11)], "6.txt, ... (set data.root or data.corpus.train)"),
    ],
)
def test_no_file_or_more_than_one_is_refused(tmp_path: Path, names: Sequence[str], message: str) -> None:
    with pytest.raises(UserError, match=re.escape(message.format(folder=tmp_path))):
        split_files(_folder(tmp_path, names), NONE_GIVEN, ENDINGS)


def test_a_folder_that_isnt_one_is_refused(tmp_path: Path) -> None:
    with pytest.raises(
        UserError, match=r"^the files must be in a folder, got .*none, which is none \(set data.root\)$"
    ):
        split_files(tmp_path / "none", NONE_GIVEN, ENDINGS)


def test_a_file_in_the_place_of_its_folder_is_told_the_folder(tmp_path: Path) -> None:
    folder = _folder(tmp_path, ["train.txt"])
    with pytest.raises(UserError, match=rf"got the file {folder}/train.txt \(set data.root={folder}\)$"):
        split_files(folder / "train.txt", NONE_GIVEN, ENDINGS)
