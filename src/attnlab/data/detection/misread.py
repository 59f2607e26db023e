"""Boxes whose four numbers are of another kind than their format has: corners for a corner and sides, or these for
corners. Each may be a box that can be; only all together tell.
"""

from array import array
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

FEW = 5  # boxes that tell anything if some can't be
FEWEST = 10  # that tell it otherwise
MANY = 20  # that tell it where none of them is impossible
MOST = 0.9  # of boxes: a few may be wrong
SOME = 0.1  # of boxes, more than are mistakes of a hand
NEAR = 0.05  # of an area, for another to be the same
SLACK = 1.0  # pixels by which a box may reach out of its picture by rounding
TOGETHER = (
    0.5  # correlation; of a corner and the side that begins there it is below 0, as they share the picture's side
)
CURE = "mend the annotations: write width and height"
CORNERS_CURE = "mend the annotations: write xmax = x + width, ymax = y + height"

Columns = tuple[NDArray[np.float64], ...]
Misreading = Callable[["SeenBoxes"], str | None]
"""What boxes look like that they shouldn't be, or None."""


class SeenBoxes:
    """All boxes of a set as they were read, with the sizes of their pictures."""

    def __init__(self) -> None:
        self._values = array("d")

    def add(self, corners: tuple[float, float, float, float], area: float, width: float, height: float) -> None:
        """One more; `area` as annotated, else 0."""
        self._values.extend((*corners, area, width, height))

    def columns(self) -> Columns:
        """Left, top, right, bottom, area, width and height of the picture, of those that are of numbers."""
        rows = np.frombuffer(self._values, dtype=np.float64).reshape(-1, 7) if self._values else np.zeros((0, 7))
        return tuple(rows[np.isfinite(rows).all(axis=1)].T)


def anything(seen: SeenBoxes) -> None:
    """Of a format that isn't mistaken for another."""


def corners_for_sides(seen: SeenBoxes) -> str | None:
    """Whether what was read as left, top, width, height is left, top, right, bottom.

    Each third number is above the first and each fourth above the second, and so read no box leaves its picture.
    Besides, either the annotated areas are those of corners, or many leave it as they were read, or first and third
    numbers are large and small together, which corners are and a corner and a side aren't.
    """
    left, top, right, bottom, area, width, height = seen.columns()
    across, down = right - left, bottom - top
    inside = (across > left) & (down > top) & (across <= width + SLACK) & (down <= height + SLACK)
    if len(left) < FEWEST or inside.mean() < 1:
        return None
    start = (
        f"bbox looks like left, top, right, bottom, where COCO has left, top, width, height: of {len(left):,} boxes "
    )
    said = area > 0
    as_corners, as_sides = (across - left) * (down - top), across * down
    fits = said & (np.abs(area - as_corners) <= NEAR * area)
    if fits.sum() >= max(FEWEST, MOST * said.sum()) and not (said & (np.abs(area - as_sides) <= NEAR * area)).any():
        return f"{start}{fits.sum()} have the area of corners ({CURE})"
    outside = (right > width + SLACK) | (bottom > height + SLACK)
    if outside.mean() >= SOME:
        return f"{start}{outside.sum()} leave their image, and none does as corners ({CURE})"
    together = min(_together(left / width, across / width), _together(top / height, down / height))
    if len(left) >= MANY and together > TOGETHER:
        return f"{start}all have the third and fourth numbers above the first two ({CURE})"
    return None


def impossible_areas(seen: SeenBoxes) -> str | None:
    """Whether most annotated areas are larger than their boxes, which no outline within a box has."""
    left, top, right, bottom, area, *_ = seen.columns()
    larger = area > (1 + SOME) * np.abs((right - left) * (bottom - top))
    if larger.sum() < max(FEWEST, MOST * (area > 0).sum()):
        return None
    return (
        f"area is larger than width times height in {larger.sum():,} of {len(left):,} boxes: area or bbox may be of "
        "another image size, or not what COCO has (mend the annotations)"
    )


def of_coco(seen: SeenBoxes) -> str | None:
    """Either."""
    return corners_for_sides(seen) or impossible_areas(seen)


def sides_for_corners(seen: SeenBoxes) -> str | None:
    """Whether what was read as left, top, right, bottom is left, top, width, height.

    So read no box leaves its picture, and as it was read some have their right side left of the left one; or none has,
    but all lie in the upper left of their pictures.
    """
    left, top, right, bottom, _, width, height = seen.columns()
    fits = (right > 0) & (bottom > 0) & (left + right <= width + SLACK) & (top + bottom <= height + SLACK)
    swapped = (right < left) | (bottom < top)
    if len(left) < FEW or fits.mean() < 1:
        return None
    start = "corners look like x, y, width, height: "
    if swapped.mean() >= SOME:
        what = f"{swapped.sum():,} of {len(left):,} boxes have xmax below xmin or ymax below ymin"
        return f"{start}{what} ({CORNERS_CURE})"
    apart = max(_together(left / width, right / width), _together(top / height, bottom / height))
    if len(left) >= MANY and not swapped.any() and apart < 0:
        return f"{start}all {len(left):,} boxes lie in the upper left of their images ({CORNERS_CURE})"
    return None


def _together(one: NDArray[np.float64], other: NDArray[np.float64]) -> float:
    """How far the values are large and small together, from -1 to 1; 0 where one never changes."""
    if one.std() < 1e-9 or other.std() < 1e-9:
        return 0.0
    return float(np.corrcoef(one, other)[0, 1])
