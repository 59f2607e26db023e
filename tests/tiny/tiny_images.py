"""A few small pictures in class folders."""

import io
import zipfile
from pathlib import Path

import numpy as np
from PIL import Image

CLASSES = ("circle", "cross", "stripe")


def picture(label: str, number: int, size: tuple[int, int] = (13, 11)) -> Image.Image:
    """A coloured picture of (width, height), whose class shows in where it is bright."""
    width, height = size
    random = np.random.default_rng([CLASSES.index(label), number])
    pixels = random.integers(0, 60, (height, width, 3), dtype=np.uint8)
    third = width // 3
    start = CLASSES.index(label) * third
    pixels[:, start : start + third] += 180
    return Image.fromarray(pixels)


def encoded(image: Image.Image, kind: str = "PNG") -> bytes:
    """A picture's file."""
    file = io.BytesIO()
    image.save(file, kind)
    return file.getvalue()


def write_folder(root: Path, num_images: int = 10, below: tuple[str, ...] = ("",)) -> Path:
    """`root/BELOW/CLASS/NN.png` for each of `below`, sizes differing."""
    for place, folder in enumerate(below):
        for label in CLASSES:
            (root / folder / label).mkdir(parents=True)
            for number in range(num_images):
                image = picture(label, 1000 * place + number, (13 + number % 3, 11 + number % 2))
                (root / folder / label / f"{number:02}.png").write_bytes(encoded(image))
    return root


def zipped(folder: Path, path: Path, prefix: str = "") -> Path:
    """A zip archive of a folder."""
    with zipfile.ZipFile(path, "w") as archive:
        for each in sorted(folder.rglob("*")):
            archive.write(each, prefix + each.relative_to(folder).as_posix())
    return path
