"""Pictures zoomed, mirrored and recoloured, their boxes along with them."""

import math
from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor
from torchvision.transforms.v2 import functional as transforms
from torchvision.tv_tensors import BoundingBoxes, Image

from attnlab.models.detectors.boxes import visible_shares, within

RGB = 3


class DetectionAugmentation:
    """Shows a random window of a picture at the picture's size, maybe mirrored, with other light and colours.

    What is drawn depends on a key alone, so that a resumed run sees the same pictures. The transformations are
    torchvision's (v2).

    Args:
        horizontal_flip, vertical_flip: mirror every other picture, left to right or upside down.
        min_window, max_window: sides of the window in shares of the picture's, evenly drawn in ratio. Below 1 it zooms
            in on a random part; above 1 it zooms out, with black around the picture. Both 1: the whole picture.
        min_visible: an object of whose box less than this share is left in the window is dropped.
        brightness, contrast, saturation: greatest change, as a share; 0 for none. Grey pictures have no saturation.
        hue: greatest turn of the hue, as a share of the circle, at most 0.5.

    Raises:
        ValueError: a number out of its range.
    """

    def __init__(
        self,
        *,
        horizontal_flip: bool = True,
        vertical_flip: bool = False,
        min_window: float = 1.0,
        max_window: float = 1.0,
        min_visible: float = 0.3,
        brightness: float = 0.0,
        contrast: float = 0.0,
        saturation: float = 0.0,
        hue: float = 0.0,
    ) -> None:
        if not 0 < min_window <= max_window:
            raise ValueError(
                f"windows must lie between min_window above 0 and a greater max_window, got {min_window} and "
                f"{max_window} (set data.augmentation.min_window)"
            )
        shares = (
            ("min_visible", min_visible, 1.0),
            ("brightness", brightness, 1.0),
            ("contrast", contrast, 1.0),
            ("saturation", saturation, 1.0),
            ("hue", hue, 0.5),
        )
        for key, value, most in shares:
            if not 0 <= value <= most:
                raise ValueError(f"{key} must lie from 0 to {most:g}, got {value} (set data.augmentation.{key})")
        self.horizontal_flip, self.vertical_flip = horizontal_flip, vertical_flip
        self.windows, self.min_visible = (min_window, max_window), min_visible
        self.light, self.colour = (brightness, contrast), (saturation, hue)

    def __call__(
        self, picture: Tensor, boxes: Tensor, labels: Tensor, *, key: Sequence[int]
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Bytes (C, h, w), corners (N, 4) and labels (N,) made anew; a function of `key`, whole numbers from 0 up."""
        random = np.random.default_rng([*key])
        size = picture.shape[1], picture.shape[2]
        image, boxed = Image(picture), BoundingBoxes(boxes, format="XYXY", canvas_size=size)
        kept = torch.ones(len(labels), dtype=torch.bool)
        if self.windows != (1.0, 1.0):
            top, left, height, width = self._window(size, random)
            image = transforms.resized_crop(image, top, left, height, width, list(size), antialias=True)
            boxed = transforms.resized_crop(boxed, top, left, height, width, list(size))
            boxed = BoundingBoxes(
                within(boxed.as_subclass(Tensor), torch.tensor(size)), format="XYXY", canvas_size=size
            )
            shares = visible_shares(boxes - torch.tensor([left, top, left, top]), torch.tensor([height, width]))
            kept = shares >= max(self.min_visible, 1e-6)
        if self.horizontal_flip and random.random() < 0.5:
            image, boxed = transforms.horizontal_flip(image), transforms.horizontal_flip(boxed)
        if self.vertical_flip and random.random() < 0.5:
            image, boxed = transforms.vertical_flip(image), transforms.vertical_flip(boxed)
        image = self._recoloured(image.as_subclass(Tensor), random)
        return image, boxed.as_subclass(Tensor)[kept], labels[kept]

    def _window(self, size: tuple[int, int], random: np.random.Generator) -> tuple[int, int, int, int]:
        """Top, left, height and width, in pixels, of a window that lies in the picture, or around it."""
        low, high = self.windows
        share = math.exp(random.uniform(math.log(low), math.log(high)))
        height, width = (max(1, round(share * side)) for side in size)
        top, left = (
            int(random.integers(min(0, room), max(0, room), endpoint=True))
            for room in (size[0] - height, size[1] - width)
        )
        return top, left, height, width

    def _recoloured(self, image: Tensor, random: np.random.Generator) -> Tensor:
        brightness, contrast = self.light
        saturation, hue = self.colour if image.shape[0] == RGB else (0.0, 0.0)
        if brightness:
            image = transforms.adjust_brightness(image, random.uniform(1 - brightness, 1 + brightness))
        if contrast:
            image = transforms.adjust_contrast(image, random.uniform(1 - contrast, 1 + contrast))
        if saturation:
            image = transforms.adjust_saturation(image, random.uniform(1 - saturation, 1 + saturation))
        if hue:
            image = transforms.adjust_hue(image, random.uniform(-hue, hue))
        return image
