"""Pictures of which one known patch decides the class."""

from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from attnlab.data.classification.sets import Bytes, LabelledImages
from attnlab.data.origin import Origin
from attnlab.errors import at_least, between
from attnlab.reading.data_root import check_no_files

SIDE = 8  # pixels of a patch
STEP = 4  # patches begin at its multiples, as the cells of most models do
DARKEST, BRIGHT, NOISE = 60, 230, 60  # of 255


class _Pictures(NamedTuple):
    """Images (N, 1, H, W), labels (N,), and where patches that decide begin (N, 2)."""

    images: Bytes
    labels: Bytes
    corners: Bytes


class SyntheticClassification:
    """Made up, so that it is known where the class is to be seen: one patch of 8 by 8 pixels is textured.

    The textures, horizontal or vertical stripes, a checkerboard, a frame, a plus, are the classes; plain patches of the
    same brightness distract, and all stand on noise. No texture is another's mirror image, so that images may be
    flipped. Nothing of it depends on the run's seed.

    Args:
        num_train, num_test: images, equally many a class.
        num_distractors: plain patches in each; none touches the textured one.
        image_seed: of all of it.

    Raises:
        ValueError: a number out of its range.
    """

    origin = Origin.MADE_UP
    classes = ("horizontal", "vertical", "checkered", "frame", "plus")
    channels, height, width = 1, 28, 28

    def __init__(
        self, *, num_train: int = 4000, num_test: int = 500, num_distractors: int = 2, image_seed: int = 0
    ) -> None:
        between(len(self.classes), 10**6, "data.images", num_train=num_train, num_test=num_test)
        at_least(0, "data.images", num_distractors=num_distractors, image_seed=image_seed)
        if num_distractors > (most := 4):
            raise ValueError(
                f"at most {most} distractors have room, got {num_distractors} (set data.images.num_distractors)"
            )
        self.counts = {"train": num_train, "test": num_test}
        self.num_distractors, self.image_seed = num_distractors, image_seed

    def read(self, *, root: Path | None, cache_dir: Path) -> dict[str, LabelledImages]:
        check_no_files(root)
        return {
            split: LabelledImages(
                torch.from_numpy(found.images),
                torch.from_numpy(found.labels.astype(np.int64)),
                [f"{split}/{number:05d}" for number in range(len(found.labels))],
            )
            for split, found in self._pictures.items()
        }

    def deciding(self, split: str, number: int) -> Tensor:
        """The pixels (H, W) of the textured patch, bool."""
        top, left = self._pictures[split].corners[number].tolist()
        pixels = torch.zeros(self.height, self.width, dtype=torch.bool)
        pixels[top : top + SIDE, left : left + SIDE] = True
        return pixels

    @cached_property
    def _pictures(self) -> Mapping[str, _Pictures]:
        return {split: self._made(count, part) for part, (split, count) in enumerate(self.counts.items())}

    def _made(self, count: int, part: int) -> _Pictures:
        random = np.random.default_rng([self.image_seed, part])
        images = random.integers(0, NOISE, (count, 1, self.height, self.width), dtype=np.uint8)
        labels = (np.arange(count) % len(self.classes)).astype(np.uint8)
        corners = np.zeros((count, 2), dtype=np.uint8)
        textures = _textures()
        plain = np.full((SIDE, SIDE), (DARKEST + BRIGHT) // 2, dtype=np.uint8)
        for image, label, corner in zip(images, labels, corners, strict=True):
            places = self._places(random)
            corner[:] = places[0]
            for place, patch in zip(places, [textures[label], *[plain] * self.num_distractors], strict=True):
                top, left = place
                image[0, top : top + SIDE, left : left + SIDE] = patch
        return _Pictures(images, labels, corners)

    def _places(self, random: np.random.Generator) -> list[tuple[int, int]]:
        """Corners of patches that don't overlap, the textured one's first."""
        corners = [
            (top, left)
            for top in range(0, self.height - SIDE + 1, STEP)
            for left in range(0, self.width - SIDE + 1, STEP)
        ]
        while True:
            chosen = [corners[place] for place in random.permutation(len(corners))[: 1 + self.num_distractors]]
            if all(_apart(one, other) for place, one in enumerate(chosen) for other in chosen[:place]):
                return chosen


def _apart(one: tuple[int, int], other: tuple[int, int]) -> bool:
    return max(abs(one[0] - other[0]), abs(one[1] - other[1])) >= SIDE


def _textures() -> list[Bytes]:
    """In the order of the classes; about half of each is bright."""
    rows, columns = np.indices((SIDE, SIDE))
    edge = np.minimum(np.minimum(rows, columns), SIDE - 1 - np.maximum(rows, columns))
    middle = [np.abs(2 * each - (SIDE - 1)) <= SIDE // 4 + 1 for each in (rows, columns)]
    bright = [
        rows // 2 % 2 == 0,
        columns // 2 % 2 == 0,
        (rows // 2 + columns // 2) % 2 == 0,
        edge < 1,
        middle[0] | middle[1],
    ]
    return [np.where(each, BRIGHT, DARKEST).astype(np.uint8) for each in bright]
