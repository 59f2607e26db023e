"""Small data sets of boxed pictures in files, in the formats that are read."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from attnlab.data import CocoFolder, VocFolder
from attnlab.data.detection.sets import DetectionSplits
from attnlab.errors import UserError

SIZES = {"one": (37, 23), "two": (29, 41), "three": (31, 31), "four": (53, 19), "five": (19, 53)}  # width, height
SETS = {"train": ["one", "two", "five"], "val": ["three"], "test": ["four"]}
# Label, left, top, right, bottom: continuous, from 0.
BOXES: dict[str, list[tuple[str, float, float, float, float]]] = {
    "one": [("cat", 3, 5, 20, 17), ("dog", 0, 0, 37, 23)],
    "two": [("dog", 7, 11, 13, 37)],
    "three": [("cat", 1, 2, 30, 29), ("cat", 4, 4, 9, 11)],
    "four": [("dog", 10, 3, 41, 18)],
    "five": [],
}


def picture(name: str) -> Image.Image:
    """Noise, of its own for each name."""
    width, height = SIZES[name]
    random = np.random.default_rng(len(name) + width)
    return Image.fromarray(random.integers(0, 256, (height, width, 3), dtype=np.uint8))


def write_voc(folder: Path, *, first_pixel: int = 1, boxes: dict[str, Any] | None = None) -> Path:
    """The sets as a VOC folder."""
    for part in ("Annotations", "ImageSets/Main", "JPEGImages"):
        (folder / part).mkdir(parents=True)
    for name, (width, height) in SIZES.items():
        picture(name).save(folder / "JPEGImages" / f"{name}.png")
        objects = "".join(_xml(*each, first_pixel=first_pixel) for each in (boxes or BOXES)[name])
        (folder / "Annotations" / f"{name}.xml").write_text(
            f"<annotation>\n<size><width>{width}</width><height>{height}</height></size>\n{objects}</annotation>\n"
        )
    for split, names in SETS.items():
        (folder / "ImageSets" / "Main" / f"{split}.txt").write_text("".join(f"{name}\n" for name in names))
    return folder


def _xml(label: str, left: float, top: float, right: float, bottom: float, *, first_pixel: int) -> str:
    return (
        f"<object>\n<name>{label}</name>\n<difficult>0</difficult>\n<bndbox>\n<xmin>{left + first_pixel}</xmin>"
        f"<ymin>{top + first_pixel}</ymin><xmax>{right}</xmax><ymax>{bottom}</ymax></bndbox>\n</object>\n"
    )


def coco_file(names: list[str], boxes: dict[str, Any] | None = None) -> dict[str, Any]:
    """The content of a COCO file of those images; category ids are 3 for dog and 8 for cat."""
    categories = {"dog": 3, "cat": 8}
    images = [
        {"id": 10 * number, "file_name": f"{name}.png", "width": SIZES[name][0], "height": SIZES[name][1]}
        for number, name in enumerate(names)
    ]
    annotations = [
        {
            "id": 100 * number + place,
            "image_id": 10 * number,
            "category_id": categories.get(label, 99),
            "bbox": [left, top, right - left, bottom - top],
            "iscrowd": 0,
        }
        for number, name in enumerate(names)
        for place, (label, left, top, right, bottom) in enumerate((boxes or BOXES)[name])
    ]
    named = [{"id": number, "name": label} for label, number in sorted(categories.items())]
    return {"info": {"year": 2026}, "images": images, "annotations": annotations, "categories": named}


def write_coco(folder: Path, *, boxes: dict[str, Any] | None = None) -> Path:
    """The sets as a COCO folder, an entry a line."""
    for split, names in SETS.items():
        (folder / split).mkdir(parents=True)
        for name in names:
            picture(name).save(folder / split / f"{name}.png")
        (folder / f"{split}.json").write_text(json.dumps(coco_file(names, boxes), indent=1))
    return folder


COCO_FILES = {
    "train": "train.json",
    "val": "val.json",
    "test": "test.json",
    "train_images": "train",
    "val_images": "val",
    "test_images": "test",
}


def read_voc(folder: Path, **arguments: Any) -> DetectionSplits:
    """A folder that `write_voc` wrote."""
    source = VocFolder(train="train", val="val", test="test", **arguments)
    return source.read(channels=3, root=folder, cache_dir=folder / "cache")


def read_coco(folder: Path, **arguments: Any) -> DetectionSplits:
    """A folder that `write_coco` wrote."""
    return CocoFolder(**COCO_FILES, **arguments).read(channels=3, root=folder, cache_dir=folder / "cache")


def message_of(read: Callable[[], Any]) -> str:
    """The one line that the user's mistake gets."""
    with pytest.raises(UserError) as caught:
        read()
    text = str(caught.value)
    assert "\n" not in text
    return text
