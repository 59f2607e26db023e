"""Boxed pictures in files: only whole ones of the size that their boxes were drawn for."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from boxed_files import SIZES, picture

from attnlab.data.detection.pictures import BoxedFile, FileSplit, whole_files
from attnlab.data.detection.sets import boxed_objects
from attnlab.errors import UserError

SETS = {"train": ["one", "two"], "val": ["three"], "test": ["four"]}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "set").mkdir()
    for name in SIZES:
        picture(name).save(tmp_path / "set" / f"{name}.png")
    return tmp_path / "set"


def _row(name: str) -> BoxedFile:
    width, height = SIZES[name]
    return BoxedFile(f"{name}.png", (height, width), boxed_objects([[1, 2, 3, 4]], [0]), f"{name}.xml, line 2")


def _whole(
    folder: Path, sets: dict[str, list[str]], *, skip_broken: bool = False
) -> tuple[dict[str, FileSplit], str, dict[str, str]]:
    rows: dict[str, Sequence[BoxedFile]] = {split: [_row(name) for name in names] for split, names in sets.items()}
    cache = folder.parent / "cache"
    splits, scan, broken = whole_files(folder, rows, channels=3, skip_broken=skip_broken, cache_dir=cache)
    return splits, scan.sha256, broken


def test_whole_pictures_keep_names_sizes_objects_and_pixels(folder: Path) -> None:
    splits, _, broken = _whole(folder, SETS)
    assert broken == {}
    for split, names in SETS.items():
        assert [splits[split].name(number) for number in range(len(splits[split]))] == [f"{name}.png" for name in names]
    assert splits["train"].size(1) == SIZES["two"][::-1]
    assert splits["train"].image(1).tobytes() == picture("two").tobytes()
    assert splits["test"].objects(0).boxes.tolist() == [[1, 2, 3, 4]]


def test_the_checksum_is_that_of_the_files_in_use(folder: Path) -> None:
    first = _whole(folder, SETS)[1]
    picture("one").save(folder / "five.png")
    assert _whole(folder, SETS)[1] == first
    picture("one").rotate(180).save(folder / "one.png")
    assert _whole(folder, SETS)[1] != first


def test_a_picture_of_another_size_than_its_boxes_is_broken(folder: Path) -> None:
    picture("one").transpose(2).save(folder / "one.png")  # by a quarter
    with pytest.raises(UserError, match=r"one.png: it is 23 by 37, its boxes were drawn for 37 by 23 in one.xml, "):
        _whole(folder, SETS)
    splits, _, broken = _whole(folder, SETS, skip_broken=True)
    assert list(broken) == ["one.png"]
    assert [splits["train"].name(number) for number in range(len(splits["train"]))] == ["two.png"]


def test_a_split_needs_a_picture_that_is_whole(folder: Path) -> None:
    (folder / "four.png").write_bytes(b"")
    with pytest.raises(UserError, match=r"^every split must have images, got none of test in .* \(set data.root\)$"):
        _whole(folder, SETS, skip_broken=True)


def test_a_picture_that_breaks_later_is_named(folder: Path) -> None:
    train = _whole(folder, SETS)[0]["train"]
    picture("four").save(folder / "two.png")
    with pytest.raises(UserError, match=r"^this image was 29 by 41 and no longer is, got 53 by 19 in .*/two.png$"):
        train.image(1)
    (folder / "two.png").write_bytes(b"words")
    with pytest.raises(UserError, match=r"^this image can't be read, got .*/two.png: of no known image format"):
        train.image(1)
