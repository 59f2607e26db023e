"""Boxes in CSV files, in a folder of each split or for all."""

from pathlib import Path
from typing import Any

from boxed_files import BOXES, SETS, SIZES, message_of, picture

from attnlab.data import BoxesCsv
from attnlab.data.detection.sets import DetectionSplits

HEADER = "filename,width,height,class,xmin,ymin,xmax,ymax\n"


def _lines(name: str) -> str:
    start = f"{name}.png,{SIZES[name][0]},{SIZES[name][1]}"
    return "".join(f"{start},{','.join(map(str, box))}\n" for box in BOXES[name]) or f"{start},,,,,\n"


def _write(root: Path) -> Path:
    """As Roboflow exports them."""
    for split, names in SETS.items():
        (root / split).mkdir(parents=True)
        for name in names:
            picture(name).save(root / split / f"{name}.png")
        (root / split / "_annotations.csv").write_text(HEADER + "".join(map(_lines, names)))
    return root


def _read(root: Path, **arguments: Any) -> DetectionSplits:
    files = {split: f"{split}/_annotations.csv" for split in SETS}
    return BoxesCsv(**{**files, **arguments}).read(channels=3, root=root, cache_dir=root.parent / "cache")


def test_every_picture_and_box_is_read_also_those_without_objects(tmp_path: Path) -> None:
    found = _read(_write(tmp_path / "set"))
    assert list(found.classes) == ["cat", "dog"]
    for split, names in SETS.items():
        part = found.splits[split]
        assert [part.name(number) for number in range(len(part))] == [f"{split}/{name}.png" for name in names]
        for number, name in enumerate(names):
            assert part.objects(number).boxes.tolist() == [list(each[1:]) for each in BOXES[name]]


def test_one_file_for_all_is_shared_out_and_images_may_lie_elsewhere(tmp_path: Path) -> None:
    root = _write(tmp_path / "set")
    (root / "images").mkdir()
    for name in SIZES:
        picture(name).save(root / "images" / f"{name}.png")
    (root / "all.csv").write_text(HEADER + "".join(map(_lines, SIZES)))
    found = _read(root, train="all.csv", val=None, test=None, train_images="images")
    assert {split: len(part) for split, part in found.splits.items()} == {"train": 3, "val": 1, "test": 1}
    source = BoxesCsv(train="all.csv", val=None, test=None, train_images="images")
    alone = source.read_test(["dog", "cat"], whole=False, channels=3, root=root, cache_dir=tmp_path / "cache")
    assert alone.splits["test"].name(0) == found.splits["test"].name(0)


def test_a_column_may_say_the_split(tmp_path: Path) -> None:
    root = _write(tmp_path / "set")
    (root / "images").mkdir()
    for name in SIZES:
        picture(name).save(root / "images" / f"{name}.png")
    lines = {name: (split, _lines(name).splitlines()) for split, names in SETS.items() for name in names}
    rows = "".join(f"{line},{split}\n" for split, each in lines.values() for line in each)
    (root / "all.csv").write_text(HEADER.replace("\n", ",Split\n") + rows)
    arguments = {"train": "all.csv", "val": None, "test": None, "train_images": "images"}
    found = _read(root, **arguments)
    for split, names in SETS.items():
        part = found.splits[split]
        assert [part.name(number) for number in range(len(part))] == [f"images/{name}.png" for name in names]
    assert "got test in" in (said := message_of(lambda: _read(root, **arguments | {"test": "test/_annotations.csv"})))
    assert said.endswith("which is train's (set data.source.test=null, or drop the column)")
    (root / "all.csv").write_text((root / "all.csv").read_text().replace(",train\n", ",some\n"))
    assert "a split must be train, val or test, got 'some' in" in message_of(lambda: _read(root, **arguments))


def test_wrong_folders_and_files_without_boxes_are_one_line(tmp_path: Path) -> None:
    root = _write(tmp_path / "set")
    expected = f"none of the 3 images of train/_annotations.csv is in {root}/pics, looked for as pics/one.png (set "
    expected += "data.source.train_images, or mend the names in the annotations)"
    assert message_of(lambda: _read(root, train_images="pics")) == expected
    (root / "none.csv").write_text(HEADER + _lines("five"))
    message = message_of(lambda: _read(root, train="none.csv"))
    assert message == "there must be objects to learn, got none in none.csv (set data.source.train)"
