"""What annotations say becomes splits: shares become pixels, the file's size counts where none is said."""

from pathlib import Path

import pytest
from boxed_files import SIZES, picture

from attnlab.data.detection.box_sanity import BoxSanity, DrawnBox
from attnlab.data.detection.doubts import Doubts
from attnlab.data.detection.drawn import DrawnPicture, Handling, Place, boxed_splits, rows_checksum
from attnlab.data.detection.sets import DetectionSplits
from attnlab.errors import UserError


def _splits(root: Path, drawn: dict[str, DrawnPicture]) -> DetectionSplits:
    root.mkdir(exist_ok=True)
    for name in SIZES:
        picture(name).save(root / f"{name}.png")
    place = Place("the file", root, "data.source.train", "data.root")
    handling = Handling(BoxSanity(repair=False), False, 3, root.parent / "cache", Doubts())
    return boxed_splits(
        root,
        {split: [each] for split, each in drawn.items()},
        ["cat", "dog"],
        places=dict.fromkeys(drawn, place),
        handling=handling,
        checksum=rows_checksum,
    )


def _drawn(name: str, *boxes: tuple[float, float, float, float], in_shares: bool = False) -> DrawnPicture:
    drawn = [DrawnBox(each, each, "dog", False, "a line") for each in boxes]
    return DrawnPicture(f"{name}.png", None, drawn, "a file", in_shares)


def test_shares_are_of_the_files_own_size(tmp_path: Path) -> None:
    found = _splits(tmp_path / "set", {"train": _drawn("one", (0.25, 0.5, 1, 1), in_shares=True)})
    assert found.splits["train"].size(0) == (23, 37)
    assert found.splits["train"].objects(0).boxes.tolist() == [[9.25, 11.5, 37, 23]]


def test_what_may_be_wrong_is_on_record(tmp_path: Path) -> None:
    box = (1.0, 2.0, 3.0, 4.0)
    found = _splits(tmp_path / "set", {"train": _drawn("one", box, box), "val": _drawn("two"), "test": _drawn("one")})
    assert dict(found.most_objects) == {"train": 2, "val": 0, "test": 0}
    kinds = ["boxes_twice", "shared_images", "classes_without_boxes", "no_objects", "no_objects"]
    assert [each["kind"] for each in found.warnings] == kinds


def test_boxes_that_are_all_of_a_pixel_are_warned_of(tmp_path: Path) -> None:
    small = {"train": _drawn("one", (0.1, 0.2, 0.6, 1.0))}
    assert "tiny_boxes" in [each["kind"] for each in _splits(tmp_path / "set", small).warnings]
    small["train"] = _drawn("one", (0.1, 0.2, 0.6, 1.0), (1, 2, 3, 4))
    assert "tiny_boxes" not in [each["kind"] for each in _splits(tmp_path / "set", small).warnings]


def test_the_checksum_changes_with_boxes_splits_and_pictures(tmp_path: Path) -> None:
    box, wider = (1.0, 2.0, 3.0, 4.0), (1.0, 2.0, 5.0, 4.0)
    drawn = [
        {"train": _drawn("one", box), "val": _drawn("two")},
        {"train": _drawn("one", wider), "val": _drawn("two")},
        {"train": _drawn("one", box), "test": _drawn("two")},
        {"train": _drawn("one", box), "val": _drawn("three")},
    ]
    checksums = [_splits(tmp_path / "set", each).checksum for each in [*drawn, drawn[0]]]
    assert len(set(checksums)) == 4
    assert checksums[0] == checksums[-1]


def test_nothing_to_learn_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"^there must be objects to learn, got none in the file \(set data.source.tra"):
        _splits(tmp_path / "set", {"train": _drawn("one"), "val": _drawn("two", (1, 2, 3, 4))})
