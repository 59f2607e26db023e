"""Scenes composed on the fly of real images of garments, with the exact box of what can be seen of each."""

import hashlib
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from attnlab.data.classification.sets import FASHION_CLASSES, FashionMnistSmall, checksum
from attnlab.data.detection.sets import SPLITS, BoxedObjects, DetectionSplits, boxed_objects
from attnlab.data.origin import Origin
from attnlab.errors import at_least, between

VERSION = 1  # raise it when the same numbers give other scenes
SIDE = 96
MOST_OBJECTS = 6
SMALLEST, LARGEST = 18, 48  # pixels of a garment's longer side, evenly drawn in ratio
LEAST_VISIBLE = 0.5  # of a garment's pixels, once all others are in place
TRIES = 8  # to find a garment a place before the scene goes without it
BLACK = 10  # the brightest that counts as beside the garment: the images have faint specks
VAL_SHARE = 0.1  # of the training images, held out for val

Bytes = NDArray[np.uint8]


class Garment(NamedTuple):
    """An image cut to what isn't black, and which of its pixels belong to the garment."""

    pixels: Image.Image  # grey
    shape: Image.Image  # 255 on the garment, 0 beside it
    label: int


class FashionScenes:
    """A composite set: from 1 to 6 garments of `fashion_mnist_small` on a made-up texture, 96 by 96, grey.

    The garments are real images (Xiao et al., 2017), scaled, dimmed and laid over each other at random; at least half
    of each can be seen, and its box is exactly that of its visible pixels. Scenes of train are made of nine tenths of
    the training images, those of val of the others, those of test of the test images. A scene is a function of
    `scene_seed`, its split and its number alone, so nothing is stored.

    Args:
        num_train, num_val, num_test: scenes of each split; a pass over train is that long.
        scene_seed: another one gives other scenes; it is not the run's seed, so that runs share their test.

    Raises:
        ValueError: a number out of its range.
    """

    origin = Origin.BUNDLED
    num_classes = len(FASHION_CLASSES)
    channels = 1

    def __init__(self, *, num_train: int, num_val: int, num_test: int, scene_seed: int = 0) -> None:
        between(1, 10**6, "data.source", num_train=num_train, num_val=num_val, num_test=num_test)
        at_least(0, "data.source", scene_seed=scene_seed)
        self.counts = dict(zip(SPLITS, (num_train, num_val, num_test), strict=True))
        self.scene_seed = scene_seed

    def read(self, *, channels: int, root: Path | None, cache_dir: Path) -> DetectionSplits:
        images = FashionMnistSmall().read(root=root, cache_dir=cache_dir)
        train, test = ((part.images[:, 0].numpy(), part.labels.numpy()) for part in (images["train"], images["test"]))
        held = _held_out(train[1])
        wardrobes = {
            "train": _garments(train[0][~held], train[1][~held]),
            "val": _garments(train[0][held], train[1][held]),
            "test": _garments(*test),
        }
        splits = {
            split: SceneSplit(wardrobes[split], self.counts[split], (self.scene_seed, number))
            for number, split in enumerate(SPLITS)
        }
        settings = json.dumps([VERSION, self.scene_seed, self.counts, checksum(images)])
        most = dict.fromkeys(SPLITS, MOST_OBJECTS)
        return DetectionSplits(FASHION_CLASSES, splits, hashlib.sha256(settings.encode()).hexdigest(), {}, most)


@dataclass
class SceneSplit:
    """Scenes composed of these garments when they are asked for."""

    garments: list[Garment]
    num_scenes: int
    key: tuple[int, int]
    _last: tuple[int, Image.Image, BoxedObjects] | None = field(default=None, repr=False)

    def __len__(self) -> int:
        return self.num_scenes

    def name(self, number: int) -> str:
        return f"scene {number}"

    def size(self, number: int) -> tuple[int, int]:
        return SIDE, SIDE

    def image(self, number: int) -> Image.Image:
        return self._composed(number)[1]

    def objects(self, number: int) -> BoxedObjects:
        return self._composed(number)[2]

    def _composed(self, number: int) -> tuple[int, Image.Image, BoxedObjects]:
        if self._last is None or self._last[0] != number:  # image and objects are asked for one after the other
            pixels, objects = compose_scene(self.garments, np.random.default_rng([*self.key, number]))
            self._last = (number, Image.fromarray(pixels), objects)
        return self._last


def compose_scene(garments: list[Garment], random: np.random.Generator) -> tuple[Bytes, BoxedObjects]:
    """A scene (96, 96) and the garments in it, the first laid down lowest."""
    canvas = _texture(random)
    owner = np.full((SIDE, SIDE), -1, dtype=np.int8)  # which garment shows at each pixel
    sizes: list[int] = []  # pixels of each garment, hidden ones included
    labels: list[int] = []
    for _ in range(random.integers(1, MOST_OBJECTS, endpoint=True)):
        garment = garments[random.integers(len(garments))]
        pixels, alpha = _scaled(garment, SMALLEST * (LARGEST / SMALLEST) ** random.random())
        height, width = pixels.shape
        solid = alpha >= 128
        dim = random.uniform(0.6, 1.0)
        for _ in range(TRIES):
            top, left = random.integers(SIDE - height, endpoint=True), random.integers(SIDE - width, endpoint=True)
            here = (slice(top, top + height), slice(left, left + width))
            if _leaves_enough(owner, owner[here][solid], sizes):
                break
        else:
            continue
        opacity = alpha * np.float32(1 / 255)
        canvas[here] += (pixels * np.float32(dim) - canvas[here]) * opacity
        owner[here][solid] = len(sizes)
        sizes.append(int(solid.sum()))
        labels.append(garment.label)
    boxes = [_box(owner == number) for number in range(len(sizes))]
    return np.clip(canvas, 0, 255).astype(np.uint8), boxed_objects(boxes, labels)


def _texture(random: np.random.Generator) -> NDArray[np.float32]:
    """Slow waves of light, stripes and grain, darker than most garments."""
    coarse = random.normal(random.uniform(30, 90), random.uniform(5, 25), size=(6, 6)).astype(np.float32)
    light = np.asarray(Image.fromarray(coarse).resize((SIDE, SIDE), Image.Resampling.BICUBIC))
    angle, period = random.uniform(0, np.pi), random.uniform(4, 24)
    line = np.arange(SIDE, dtype=np.float32) * np.float32(2 * np.pi / period)
    down, across = line * np.float32(np.cos(angle)) + np.float32(random.uniform(0, 6)), line * np.float32(np.sin(angle))
    # sin(a + b) of all pairs, from the sines of the lines alone.
    stripes = np.outer(np.sin(down), np.cos(across)) + np.outer(np.cos(down), np.sin(across))
    grain = random.random((SIDE, SIDE), dtype=np.float32) - np.float32(0.5)
    canvas: NDArray[np.float32] = light + stripes * np.float32(random.uniform(0, 15))
    return canvas + grain * np.float32(random.uniform(0, 30))


def _leaves_enough(owner: NDArray[np.int8], covered: NDArray[np.int8], sizes: list[int]) -> bool:
    """Whether enough of each garment would be left if the pixels whose owners are `covered` were laid over."""
    if not sizes:
        return True
    hidden = np.bincount(covered + 1, minlength=len(sizes) + 1)[1:]
    if not hidden.any():
        return True
    shown = np.bincount(owner.ravel() + 1, minlength=len(sizes) + 1)[1:]
    return bool((shown - hidden >= LEAST_VISIBLE * np.asarray(sizes)).all())


def _scaled(garment: Garment, longer_side: float) -> tuple[NDArray[np.float32], Bytes]:
    """Grey values and opacity (h, w) of a garment of that size."""
    width, height = garment.pixels.size
    scale = longer_side / max(width, height)
    size = (max(2, round(width * scale)), max(2, round(height * scale)))
    pixels, shape = (each.resize(size, Image.Resampling.BILINEAR) for each in (garment.pixels, garment.shape))
    return np.asarray(pixels, dtype=np.float32), np.asarray(shape)


def _box(mask: NDArray[np.bool_]) -> tuple[int, int, int, int]:
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1


def _garments(images: Bytes, labels: NDArray[np.int64]) -> list[Garment]:
    """Every image, cut out; pixels between bright ones, in their row and in their column, belong to the garment."""
    bright = images > BLACK
    between = np.ones_like(bright)
    for axis in (1, 2):
        before = np.logical_or.accumulate(bright, axis=axis)
        after = np.flip(np.logical_or.accumulate(np.flip(bright, axis), axis=axis), axis)
        between &= before & after
    garments = []
    for pixels, shape, label in zip(images, between, labels.tolist(), strict=True):
        left, top, right, bottom = _box(shape)
        cut = (slice(top, bottom), slice(left, right))
        garments.append(
            Garment(Image.fromarray(pixels[cut]), Image.fromarray(shape[cut].astype(np.uint8) * 255), int(label))
        )
    return garments


def _held_out(labels: NDArray[np.int64]) -> NDArray[np.bool_]:
    """The last tenth of each class."""
    held = np.zeros(len(labels), dtype=np.bool_)
    for label in range(len(FASHION_CLASSES)):
        [rows] = np.nonzero(labels == label)
        held[rows[-round(len(rows) * VAL_SHARE) :]] = True
    return held
