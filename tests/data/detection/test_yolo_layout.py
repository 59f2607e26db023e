"""YOLO folders as tools lay them out: what names their classes, and where their images are."""

from pathlib import Path

import pytest
from boxed_files import message_of

from attnlab.data.detection.yolo_layout import read_layout

IMAGES = {"train": ["a.png", "b.png"], "val": ["c.png"], "test": ["d.png"]}


def _write(root: Path, folder: str, yaml: str | None = None) -> Path:
    for split, names in IMAGES.items():
        place = root / folder.format(split=split)
        place.mkdir(parents=True, exist_ok=True)
        for name in names:
            (place / name).touch()
    if yaml is not None:
        (root / "data.yaml").write_text(yaml)
    return root


@pytest.mark.parametrize(
    "folder, yaml",
    [
        ("images/{split}", "path: ../datasets/mine\ntrain: images/train\nval: images/val\ntest: images/test\n"),
        ("{split}/images", "train: ../train/images\nval: ../val/images\ntest: ../test/images\n"),
        (
            "{split}/images",
            "path: /nowhere/on/this/machine\ntrain: train/images\nval: val/images\ntest: [test/images]\n",
        ),
        ("images/{split}", "train: train.txt\nval: images/val\ntest: images/test\n"),
        ("images/{split}", ""),
    ],
)
@pytest.mark.parametrize("names", ["names: [cat, dog]", "names:\n  0: cat\n  1: dog"])
def test_a_yaml_file_says_where_splits_are_or_folders_do(folder: str, yaml: str, names: str, tmp_path: Path) -> None:
    root = _write(tmp_path / "set", folder, yaml + names)
    (root / "train.txt").write_text(f"./images/train/a.png\n{root}/images/train/b.png\n")
    layout = read_layout(root, file=None)
    assert layout.names == {0: "cat", 1: "dog"}
    expected = {split: [f"{folder.format(split=split)}/{name}" for name in names] for split, names in IMAGES.items()}
    assert layout.images == expected


@pytest.mark.parametrize("names", ["[yes, no, 007]", "{0: yes, 1: no, 2: 007}"])
def test_names_are_what_is_written_not_what_yaml_takes_them_for(names: str, tmp_path: Path) -> None:
    root = _write(tmp_path / "set", "images/{split}", f"names: {names}\n")
    assert read_layout(root, file=None).names == {0: "yes", 1: "no", 2: "007"}


def test_classes_may_be_listed_as_labelimg_and_cvat_do(tmp_path: Path) -> None:
    root = _write(tmp_path / "labelimg", "images")
    (root / "classes.txt").write_text("cat\ndog\n\n")
    layout = read_layout(root, file=None)
    assert (layout.names, list(layout.images)) == ({0: "cat", 1: "dog"}, ["train"])
    assert len(layout.images["train"]) == 4
    (root / "classes.txt").write_text("cat\n\ndog\n")
    assert message_of(lambda: read_layout(root, file=None)).startswith(
        "every line must name a class, got none in line 2"
    )
    cvat = _write(tmp_path / "cvat", "obj_train_data")
    (cvat / "obj.names").write_text("cat\n")
    (cvat / "train.txt").write_text("data/obj_train_data/a.png\ndata/obj_train_data/c.png\n")
    assert read_layout(cvat, file=None).images == {"train": ["obj_train_data/a.png", "obj_train_data/c.png"]}


def test_images_may_lie_elsewhere(tmp_path: Path) -> None:
    _write(tmp_path / "pictures", "{split}/images")
    (tmp_path / "set").mkdir()
    (tmp_path / "set/data.yaml").write_text(f"path: {tmp_path}/pictures\ntrain: train/images\nnames: [cat]\n")
    [first, _] = read_layout(tmp_path / "set", file=None).images["train"]
    assert first == f"{tmp_path}/pictures/train/images/a.png"


@pytest.mark.parametrize(
    "yaml, expected",
    [
        (None, "classes must be named, by names in a YAML file, classes.txt or obj.names, got none of these in"),
        ("names: [cat, cat]", "no two classes may have one name, got ['cat', 'cat'] in"),
        ("names: 7", "names must be a list of classes, or say one for each number, got 7 in"),
        ("names: [cat\ntrain: [", "a description must be YAML, got"),
        (
            "names: [cat]\ntrain: nowhere",
            "train must be a folder of images or a list of them, got nowhere, which isn't in",
        ),
        ("names: [cat]\ntrain: empty", "every split must have images, got none of train in empty of"),
    ],
)
def test_what_a_description_lacks_is_one_line(yaml: str | None, expected: str, tmp_path: Path) -> None:
    root = _write(tmp_path / "set", "images/{split}", yaml)
    (root / "empty").mkdir()
    assert expected in message_of(lambda: read_layout(root, file=None))


def test_of_two_descriptions_one_must_be_named(tmp_path: Path) -> None:
    root = _write(tmp_path / "set", "images/{split}", "names: [cat]")
    (root / "other.yaml").write_text("names: [dog]")
    assert message_of(lambda: read_layout(root, file=None)).endswith("data.yaml, other.yaml (set data.source.file)")
    assert read_layout(root, file="other.yaml").names == {0: "dog"}
    assert "a description must be readable, got" in message_of(lambda: read_layout(root, file="nowhere.yaml"))


@pytest.mark.parametrize(
    "yaml, key, line",
    [
        ("names:\n  0: cat\n  1: dog\n  1: eel\n", "1", 4),
        ("names: [cat]\nval: images/val\nnames: [dog]\n", "names", 1),
    ],
)
def test_a_key_that_stands_twice_is_refused(yaml: str, key: str, line: int, tmp_path: Path) -> None:
    root = _write(tmp_path / "set", "images/{split}", yaml)
    said = message_of(lambda: read_layout(root, file=None))
    assert said.startswith(f"a key must stand once, got '{key}' more than once in {root}/data.yaml, line ")


def test_aliases_that_multiply_are_refused(tmp_path: Path) -> None:
    laughs = "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}' if n else 'ha'] * 9)}]\n" for n in range(30))
    root = _write(tmp_path / "set", "images/{split}", laughs + "names: [cat, dog]")
    message = message_of(lambda: read_layout(root, file=None))
    assert message.startswith("a description must be plain YAML, got ")
    assert message.endswith("aliases aren't read, got *a0 (write it out)")
