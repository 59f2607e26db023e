"""Pictures and boxes as docs/image_data.md has them lie, by its own blocks where it shows what a file holds."""

import json
from collections.abc import Callable
from pathlib import Path

import tiny_images
from page_lines import of_language
from PIL import Image

SIZE = (640, 480)  # of the page's pictures
SHADES = {"train": 40, "val": 90, "valid": 90, "test": 140}


def write_pictures(folder: Path, data: str) -> None:
    """`data.root` of a `data=` that reads the reader's own pictures."""
    WRITERS[data](folder)


def _classes(folder: Path) -> None:
    tiny_images.write_folder(folder, 10)


def _voc(folder: Path) -> None:
    (xml,) = of_language("xml")
    for split, shade in [("train", 40), ("val", 90), ("test", 140)]:
        _picture(folder / "JPEGImages" / f"{split}.jpg", shade)
        _text(folder / "Annotations" / f"{split}.xml", xml.text)
        _text(folder / "ImageSets" / "Main" / f"{split}.txt", f"{split}\n")


def _coco(folder: Path) -> None:
    (block,) = (each for each in of_language("json") if each.page == "docs/image_data.md")
    for split in ("train", "val", "test"):
        _picture(folder / split / "1.jpg", SHADES[split])
        _text(folder / f"{split}.json", block.text)


def _yolo(folder: Path) -> None:
    _text(folder / "data.yaml", "names: [cat, dog]\n")
    for split in ("train", "val", "test"):
        _picture(folder / "images" / split / "1.jpg", SHADES[split])
        _text(folder / "labels" / split / "1.txt", "1 0.5 0.5 0.25 0.5\n")


def _labelme(folder: Path) -> None:
    shape = {"label": "cat", "points": [[11, 29], [200, 180]], "shape_type": "rectangle", "group_id": None}
    marked = {"shapes": [shape], "imagePath": "1.jpg", "imageWidth": SIZE[0], "imageHeight": SIZE[1]}
    for split in ("train", "val", "test"):
        _picture(folder / split / "1.jpg", SHADES[split])
        _text(folder / split / "1.json", json.dumps(marked))


def _csv(folder: Path) -> None:
    (block,) = (each for each in of_language("") if "filename,width" in each.text)
    for split in ("train", "valid", "test"):
        _picture(folder / split / "1.jpg", SHADES[split])
        _text(folder / split / "_annotations.csv", block.text.partition("\n\n")[2])


def _picture(path: Path, shade: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", SIZE, (shade, 2 * shade % 256, 200)).save(path)


def _text(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


WRITERS: dict[str, Callable[[Path], None]] = {
    "image_folder": _classes,
    "voc": _voc,
    "coco": _coco,
    "yolo": _yolo,
    "labelme": _labelme,
    "boxes_csv": _csv,
}
