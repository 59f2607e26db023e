"""The user's own text files."""

import gzip
from pathlib import Path
from typing import Any

import pytest

from attnlab.data import TextFiles
from attnlab.errors import UserError

LINES = "".join(f"line {number}\n" for number in range(1000))


def _folder(root: Path) -> Path:
    (root / "more").mkdir()
    (root / "b.txt").write_text(LINES)
    (root / "more" / "a.txt").write_bytes(LINES.replace("\n", "\r\n").encode())
    (root / "c.txt.gz").write_bytes(gzip.compress(b"packed\n"))
    (root / "notes.md").write_text("no text of it")
    return root


def _read(root: Path, **arguments: Any) -> Any:
    return TextFiles(**{"train": "."} | arguments).read(root=root, cache_dir=root)


def test_a_folder_is_its_text_files_and_their_ends_are_held_out(tmp_path: Path) -> None:
    splits = _read(_folder(tmp_path), val_share=0.1, test_share=0.2)
    assert splits["train"].names == ["b.txt", "c.txt.gz", "more/a.txt"]
    for number in (0, 2):
        parts = [splits[split].texts[number] for split in ("train", "val", "test")]
        assert "".join(parts) == LINES
        assert all(part.endswith("\n") for part in parts)
        assert [round(len(part) / len(LINES), 2) for part in parts] == [0.7, 0.1, 0.2]


@pytest.mark.parametrize(
    "name, found", [("b.txt", ["b.txt"]), ("*.txt", ["b.txt"]), ("**/*.txt", ["b.txt", "more/a.txt"])]
)
def test_a_name_is_a_file_or_a_pattern(name: str, found: list[str], tmp_path: Path) -> None:
    assert _read(_folder(tmp_path), train=name)["train"].names == found


def test_files_of_their_own_are_whole_and_then_nothing_is_held_out_of_training(tmp_path: Path) -> None:
    splits = _read(_folder(tmp_path), train="b.txt", val="more", test=["c.txt"])
    assert splits["train"].texts == splits["val"].texts == [LINES]
    assert splits["test"].texts == ["packed\n"]
    only = TextFiles(train="nowhere.txt", test="c.txt")
    assert only.read_split("test", root=tmp_path, cache_dir=tmp_path).texts == ["packed\n"]


def test_what_is_held_out_by_name_is_read_nowhere_else(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (_folder(tmp_path) / "linked.txt").symlink_to("b.txt")
    splits = _read(tmp_path, val=["c.txt", "more"], test=str(tmp_path / "more" / ".." / "more" / "a.txt"))
    assert splits["train"].names == ["b.txt"]  # once, though it is found twice
    assert splits["val"].texts == ["packed\n"]
    assert splits["test"].texts == [LINES]
    assert [each.getMessage() for each in caplog.records] == [
        "left out 2 files of train, held out by name: c.txt.gz, more/a.txt",
        "left out 1 files of val, held out by name: more/a.txt",
    ]
    caplog.clear()
    assert _read(tmp_path, test="linked.txt")["train"].names == ["c.txt.gz", "more/a.txt"]
    assert _read(tmp_path, train="b.txt", test="more")["train"].names == ["b.txt"]
    assert len(caplog.records) == 1


@pytest.mark.parametrize(
    "names, message",
    [
        ({"train": "b.txt", "val": "b.txt"}, r"train must have files of its own, got those of val alone \(set data\."),
        ({"val": "more", "test": "."}, r"train must have files of its own, got those of val and test alone"),
        ({"train": "c.txt", "val": "b.txt", "test": "*.txt"}, r"val must have files of its own, got those of test"),
    ],
)
def test_a_split_of_which_all_is_held_out_for_another_is_refused(
    names: dict[str, str], message: str, tmp_path: Path
) -> None:
    with pytest.raises(UserError, match=message):
        _read(_folder(tmp_path), **names)


@pytest.mark.parametrize(
    "train, message",
    [
        ("none.txt", r"a text file must exist, got .*none\.txt"),
        ("*.csv", r"a pattern must fit a file, got none for .*\*\.csv \(set data\.root or data\.corpus\.train\)"),
        ("empty", r"a folder must hold files that end in \.txt, got none in .*empty"),
    ],
)
def test_what_isnt_there_is_said_in_one_line(train: str, message: str, tmp_path: Path) -> None:
    (_folder(tmp_path) / "empty").mkdir()
    with pytest.raises(UserError, match=message):
        _read(tmp_path, train=train)


@pytest.mark.parametrize(
    "changes, message",
    [
        ({"val_share": 0.0}, r"val must have files or a share of train's, got neither"),
        ({"test_share": 1.0}, r"test_share must lie in \[0, 1\), got 1\.0"),
        ({"val_share": 0.5, "test_share": 0.5}, r"must leave something to train, got 0\.5 and 0\.5"),
        ({"encoding": "klingon"}, r"encoding must be one that Python knows"),
    ],
)
def test_a_value_that_cant_be_is_refused_with_its_key(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        TextFiles(train=".", **changes)
