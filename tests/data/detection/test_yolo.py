"""YOLO folders: what is read of their text files, and the one line that each mistake in them gets."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from boxed_files import BOXES, SETS, SIZES, message_of, picture

from attnlab.data import YoloFolder
from attnlab.data.detection.sets import DetectionSplits
from attnlab.data.detection.yolo import _label_file

CLASSES = ["cat", "dog"]


def _write(root: Path, *, images: str = "{split}/images", labels: str = "{split}/labels") -> Path:
    """The sets as Roboflow exports them, or elsewhere."""
    for split, names in SETS.items():
        for part in (images, labels):
            (root / part.format(split=split)).mkdir(parents=True, exist_ok=True)
        for name in names:
            picture(name).save(root / images.format(split=split) / f"{name}.png")
            lines = "".join(_line(name, *box) for box in BOXES[name])
            (root / labels.format(split=split) / f"{name}.txt").write_text(lines)
    (root / "data.yaml").write_text(f"names: {CLASSES}\nnc: 2\n")
    return root


def _line(name: str, label: str, left: float, top: float, right: float, bottom: float) -> str:
    width, height = SIZES[name]
    shares = ((left + right) / 2 / width, (top + bottom) / 2 / height, (right - left) / width, (bottom - top) / height)
    return " ".join([str(CLASSES.index(label)), *(f"{each:.6f}" for each in shares)]) + "\n"


def _read(root: Path, **arguments: Any) -> DetectionSplits:
    return YoloFolder(**arguments).read(channels=3, root=root, cache_dir=root.parent / "cache")


@pytest.mark.parametrize(
    "images, labels",
    [
        ("{split}/images", "{split}/labels"),
        ("images/{split}", "labels/{split}"),
        ("{split}", "{split}"),
    ],
)
def test_every_picture_and_box_is_read_wherever_splits_and_labels_lie(images: str, labels: str, tmp_path: Path) -> None:
    found = _read(_write(tmp_path / "set", images=images, labels=labels))
    assert list(found.classes) == CLASSES
    assert not found.warnings
    for split, names in SETS.items():
        part = found.splits[split]
        assert sorted(Path(part.name(number)).stem for number in range(len(part))) == sorted(names)
        for number in range(len(part)):
            name = Path(part.name(number)).stem
            assert part.size(number) == SIZES[name][::-1]
            objects = part.objects(number)
            assert np.allclose(objects.boxes, np.array([each[1:] for each in BOXES[name]]).reshape(-1, 4), atol=1e-3)
            assert [CLASSES[label] for label in objects.labels] == [each[0] for each in BOXES[name]]


@pytest.mark.parametrize("repair", [False, True])
def test_classes_counted_from_1_are_told_and_not_repaired(repair: bool, tmp_path: Path) -> None:
    root = _write(tmp_path / "set")
    for path in root.rglob("labels/*.txt"):
        path.write_text("".join(f"{int(line[0]) + 1}{line[1:]}\n" for line in path.read_text().splitlines()))
    message = message_of(lambda: _read(root, repair=repair))
    assert "got no box of class 0 and some of class 2 in" in message
    cure = "names: {1: cat, 2: dog}"
    assert f"(write {cure} into the YAML file, or count from 0)" in message
    (root / "data.yaml").write_text(f"{cure}\n")
    assert list(_read(root).classes) == CLASSES


def test_a_polygon_is_boxed_and_keypoints_are_passed_over(tmp_path: Path) -> None:
    root = _write(tmp_path / "set")
    (root / "train/labels/two.txt").write_text("1 0.2 0.3 0.6 0.4 0.5 0.9\n")
    width, height = SIZES["two"]
    expected = [0.2 * width, 0.3 * height, 0.6 * width, 0.9 * height]
    found = _read(root).splits["train"]
    row = [Path(found.name(number)).stem for number in range(3)].index("two")
    assert np.allclose(found.objects(row).boxes, [expected])
    for path in root.rglob("labels/*.txt"):
        path.write_text("".join(f"{line} 0.1 0.2 2\n" for line in path.read_text().splitlines() if "0.9" not in line))
    (root / "data.yaml").write_text("names: [cat, dog]\nkpt_shape: [1, 3]\n")
    found = _read(root).splits["train"]
    row = [Path(found.name(number)).stem for number in range(3)].index("one")
    assert np.allclose(found.objects(row).boxes, [each[1:] for each in BOXES["one"]], atol=1e-3)


@pytest.mark.parametrize("repair", [False, True])
def test_corners_in_place_of_a_centre_and_sides_are_told_and_not_repaired(repair: bool, tmp_path: Path) -> None:
    root = _write(tmp_path / "set")
    for split, names in SETS.items():
        for name in names:
            lines = [f"0 {0.1 + 0.04 * n} {0.2 + 0.02 * n} {0.3 + 0.05 * n} {0.45 + 0.03 * n}\n" for n in range(7)]
            (root / split / "labels" / f"{name}.txt").write_text("".join(lines))
    message = message_of(lambda: _read(root, repair=repair))
    assert "boxes look like left, top, right, bottom, where YOLO has centre, width, height: of 35 boxes " in message
    assert "write x = (left + right) / 2" in message
    assert "repair" not in message


@pytest.mark.parametrize(
    "line, expected",
    [
        ("cat 0.5 0.5 0.1 0.1", "a box must be a class and its coordinates, all numbers, got 'cat 0.5 0.5 0.1 0.1' in"),
        ("0 0.5 0.5 0.1", "a class and the x and y of three corners or more, got 4 numbers in"),
        ("0 0.5 0.5 0.1 0.1 0.87", "(the sixth is a confidence, of predictions)"),
        ("0 18 11 17 12", "coordinates must be shares of the image's sides, from 0 to 1, got 18 in"),
        (
            "0 18 11 17 12",
            "(divide what is in pixels: x and widths by the image's width, y and heights by its height)",
        ),
        ("0 0.9 0.5 0.3 0.2", "outside the image of 29 by 41: 'cat' (0.9, 0.5, 0.3, 0.2) in"),
        ("7 0.5 0.5 0.1 0.1", "unknown class: 'class 7' (0.5, 0.5, 0.1, 0.1) in"),
        ("0.5 0.5 0.5 0.1 0.1", "unknown class: 'class 0.5'"),
        ("nan 0.5 0.5 0.1 0.1", "unknown class: 'class nan'"),
    ],
)
def test_a_line_that_cannot_be_is_named(line: str, expected: str, tmp_path: Path) -> None:
    root = _write(tmp_path / "set")
    (root / "train/labels/two.txt").write_text(f"1 0.5 0.5 0.2 0.2\n{line}\n")
    message = message_of(lambda: _read(root))
    assert expected in message
    assert "train/labels/two.txt, line 2" in message


def test_images_without_a_text_file_have_no_objects_and_are_counted(tmp_path: Path) -> None:
    root = _write(tmp_path / "set")
    (root / "train/labels/two.txt").unlink()
    [warning] = _read(root).warnings
    assert warning["message"].startswith("1 of 5 images have no text file of boxes, train/images/two.png for one: ")
    for path in root.rglob("labels/*.txt"):
        path.unlink()
    assert message_of(lambda: _read(root)).startswith("images must have text files of boxes, got none for 5 images, ")


def test_a_lone_test_folder_tests_a_trained_model_by_the_names_of_its_classes(tmp_path: Path) -> None:
    root = _write(tmp_path / "set")
    for split in ("train", "val"):
        for path in sorted((root / split).rglob("*"), reverse=True):
            path.rmdir() if path.is_dir() else path.unlink()
    found = YoloFolder().read_test(
        ["dog", "emu", "cat"], whole=False, channels=3, root=root, cache_dir=tmp_path / "cache"
    )
    assert found.splits["test"].objects(0).labels.tolist() == [0]
    assert message_of(lambda: _read(root)) == "there must be a folder train, got test alone (set data.root)"


def test_broken_pictures_are_named_or_left_out(tmp_path: Path) -> None:
    root = _write(tmp_path / "set")
    (root / "train/images/two.png").write_bytes(b"words")
    message = message_of(lambda: _read(root))
    assert "train/images/two.png: of no known image format (mend or remove them, or set data.source.skip_" in message
    assert len(_read(root, skip_broken=True).splits["train"]) == 2


@pytest.mark.parametrize("images, labels", [("images", "labels"), ("Images", "Labels"), ("IMAGES", "LABELS")])
def test_labels_stand_where_images_do_in_the_same_case(images: str, labels: str) -> None:
    assert _label_file(f"{images}/train/a.png") == f"{labels}/train/a.txt"
