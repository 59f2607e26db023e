"""Batches of images straight from their files."""

import math
from collections.abc import Mapping

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from attnlab.data.classification.class_folders import Labelled
from attnlab.data.images.augmentation import Augmentation
from attnlab.data.images.batch import RawImages
from attnlab.data.images.codec import ImageCodec
from attnlab.data.images.files import ImageFiles, load_image
from attnlab.data.images.reading import BrokenImage, as_tensor
from attnlab.data.loading.stream import Wanted
from attnlab.errors import UserError

ASPECTS = (3 / 4, 4 / 3)  # of a random crop, width over height
CROP_TRIES = 10  # before the whole is taken


class ImageReader:
    """Reads batches, here or in another process.

    Args:
        splits: the images of each split, by name.
        min_crop: least share of a picture's area in a random crop of a training image; 1 for none.
        seed: of crops and augmentation.
    """

    def __init__(
        self,
        files: ImageFiles,
        splits: Mapping[str, Labelled],
        codec: ImageCodec,
        *,
        augmentation: Augmentation,
        min_crop: float,
        seed: int,
    ) -> None:
        self.files, self.codec, self.augmentation = files, codec, augmentation
        self.min_crop, self.seed = min_crop, seed
        self.names = {split: list(labelled) for split, labelled in splits.items()}
        self.labels = {
            split: torch.tensor([codec.classes.index(label) for label in labelled.values()])
            for split, labelled in splits.items()
        }

    def __call__(self, wanted: Wanted) -> RawImages:
        """The images wanted.

        Raises:
            UserError: one of them can no longer be read.
        """
        split, rows, place = wanted
        images, draws = [], None
        for row in rows.tolist():
            picture = self._picture(split, row)
            if place is not None and self.min_crop < 1:
                random = np.random.default_rng([self.seed, place[0], row])
                box = random_box(picture.size, min_share=self.min_crop, random=random)
                size = (self.codec.width, self.codec.height)
                images.append(as_tensor(picture.resize(size, Image.Resampling.BILINEAR, box=box)))
            else:
                images.append(self.codec.prepare(picture))
        if place is not None:
            draws = self.augmentation.draw(len(rows), key=(self.seed, *place))
        ids = torch.from_numpy(rows)
        names = None if place is not None else [self.names[split][row] for row in rows.tolist()]
        return RawImages(ids, torch.stack(images), self.labels[split][ids], draws, names)

    def image(self, split: str, row: int) -> Tensor:
        """An image (C, H, W) as in evaluation, uint8."""
        return self.codec.prepare(self._picture(split, row))

    def _picture(self, split: str, row: int) -> Image.Image:
        name = self.names[split][row]
        try:
            return load_image(self.files, name, channels=self.codec.channels)
        except BrokenImage as error:
            raise UserError(f"this image was whole and no longer is, got {self.files.root}/{name}: {error}") from error


def random_box(
    size: tuple[int, int], *, min_share: float, random: np.random.Generator
) -> tuple[float, float, float, float]:
    """Left, top, right and bottom of a part of a picture of `size` (width, height), of random area, aspect and place.

    The area's share is uniform in [`min_share`, 1], the aspect's logarithm in that of ASPECTS (Szegedy et al., 2015).
    """
    width, height = size
    for _ in range(CROP_TRIES):
        area = random.uniform(min_share, 1) * width * height
        aspect = math.exp(random.uniform(math.log(ASPECTS[0]), math.log(ASPECTS[1])))
        across, down = math.sqrt(area * aspect), math.sqrt(area / aspect)
        if across <= width and down <= height:
            left, top = random.uniform(0, width - across), random.uniform(0, height - down)
            return left, top, left + across, top + down
    return 0.0, 0.0, float(width), float(height)
