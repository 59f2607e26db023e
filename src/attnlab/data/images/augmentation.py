"""Moved and mirrored images, a batch at a time and on the batch's device."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from attnlab.errors import at_least


class Draws(NamedTuple):
    """What is done to each image of a batch."""

    shifts: Tensor  # (B, 2) int64: rows and columns by which the window moves down and to the right
    flips: Tensor  # (B,) bool: mirrored left to right


class Augmentation:
    """Shifts an image by up to `max_shift` pixels each way, black where nothing was, and mirrors every other one.

    That is a random crop after padding by `max_shift` (He et al., 2016, section 4.2). What is drawn depends on a key
    alone, so that a resumed run sees the same images.

    Raises:
        ValueError: a negative shift.
    """

    def __init__(self, *, max_shift: int, horizontal_flip: bool) -> None:
        at_least(0, "data", max_shift=max_shift)
        self.max_shift, self.horizontal_flip = max_shift, horizontal_flip

    def draw(self, num_images: int, *, key: Sequence[int]) -> Draws | None:
        """A function of `key`: whole numbers from 0 up, such as seed, pass and batch. None: images stay as they are."""
        if not self.max_shift and not self.horizontal_flip:
            return None
        random = np.random.default_rng([*key])
        shifts = random.integers(-self.max_shift, self.max_shift, size=(num_images, 2), endpoint=True)
        flips = random.random(num_images) < (0.5 if self.horizontal_flip else 0.0)
        return Draws(torch.from_numpy(shifts), torch.from_numpy(flips))


def augment(images: Tensor, draws: Draws) -> Tensor:
    """The images (B, C, H, W) moved and mirrored as drawn; zero where nothing was."""
    height, width = images.shape[2:]
    rows = torch.arange(height, device=images.device) + draws.shifts[:, :1]  # (B, H) where each row comes from
    columns = torch.arange(width, device=images.device) + draws.shifts[:, 1:]  # (B, W)
    columns = torch.where(draws.flips[:, None], columns.flip(1), columns)
    inside = _within(rows, height)[:, :, None] & _within(columns, width)[:, None, :]  # (B, H, W)
    places = rows.clamp(0, height - 1)[:, :, None] * width + columns.clamp(0, width - 1)[:, None, :]  # (B, H, W)
    # Twice as fast on a CPU as indexing by row and column.
    moved = images.flatten(2).gather(2, places.flatten(1)[:, None].expand(-1, images.size(1), -1))
    return moved.view_as(images) * inside[:, None]


def _within(places: Tensor, size: int) -> Tensor:
    return (places >= 0) & (places < size)
