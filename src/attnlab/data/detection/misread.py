"""Boxes whose four numbers are of another kind than their format has: corners, a corner and sides, or a centre and
sides. Each may be a box that can be; only all together tell.
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
FAR = 0.03  # of the picture's side, by which boxes that are misread reach out, and those of a careless hand don't
MOSTLY = 0.25  # of boxes, more than a careless hand lets reach out at all
SLACK = 1.0  # pixels by which a box may reach out of its picture by rounding
TOGETHER = (
    0.5  # correlation; of a corner and the side that begins there it is below 0, as they share the picture's side
)
CURE = "mend the annotations: write width = right - left, height = bottom - top"
CORNERS_CURE = "mend the annotations: write xmax = x + width, ymax = y + height"

Column = NDArray[np.float64]
Columns = tuple[Column, ...]
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
    if num := _leaving(seen):
        return f"{start}{num} leave their image, and none does as corners ({CURE})"
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


def centres_for_corner(seen: SeenBoxes) -> str | None:
    """Whether what was read as left, top, width, height is a centre, width, height.

    So read no box leaves its picture, and as they were read many do, on the right or below.
    """
    left, top, right, bottom, _, width, height = seen.columns()
    across, down = right - left, bottom - top
    fits = _inside(left - across / 2, top - down / 2, left + across / 2, top + down / 2, width, height)
    before = (left < -SLACK) | (top < -SLACK)  # a centre's own place is in the picture
    if len(left) < MANY or not fits.all() or before.any() or not (num := _leaving(seen)):
        return None
    return (
        "bbox looks like centre, width, height, where COCO has left, top, width, height: of "
        f"{len(left)} boxes {num} leave their image, and none does about centres "
        "(mend the annotations: write left = x - width / 2, top = y - height / 2)"
    )


def of_coco(seen: SeenBoxes) -> str | None:
    """Any of these."""
    return corners_for_sides(seen) or centres_for_corner(seen) or impossible_areas(seen)


def of_yolo(seen: SeenBoxes) -> str | None:
    """Whether what was read as a centre, width, height is left, top, right, bottom, or left, top, width, height.

    So read no box leaves its picture, and as they were read many do.
    """
    left, top, right, bottom, _, width, height = seen.columns()
    x, y, across, down = (left + right) / 2, (top + bottom) / 2, right - left, bottom - top
    num = _leaving(seen)
    if len(left) < FEWEST or not num:
        return None
    start, how = "boxes look like ", f"of {len(left)} boxes {num} leave their image, and none does so"
    if ((across > x) & (down > y) & _inside(x, y, across, down, width, height)).all():
        return (
            f"{start}left, top, right, bottom, where YOLO has centre, width, height: {how} (mend the annotations: "
            "write x = (left + right) / 2, y = (top + bottom) / 2, width = right - left, height = bottom - top)"
        )
    beyond = (right > width + SLACK) | (bottom > height + SLACK)  # of a left and top there's more room on this side
    if len(left) >= MANY and _inside(x, y, x + across, y + down, width, height).all() and not beyond.any():
        return (
            f"{start}left, top, width, height, where YOLO has centre, width, height: {how} (mend the annotations: "
            "write x = left + width / 2, y = top + height / 2)"
        )
    return None


def sides_for_corners(seen: SeenBoxes) -> str | None:
    """Whether what was read as left, top, right, bottom is left, top, width, height, or shares of the picture's sides.

    So read no box leaves its picture, and as it was read some have their right side left of the left one; or none has,
    but all lie in the upper left of their pictures.
    """
    left, top, right, bottom, _, width, height = seen.columns()
    if (shares := _shares_counted_from_one(left, top, right, bottom)) is not None:
        return shares
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


def _shares_counted_from_one(*corners: NDArray[np.float64]) -> str | None:
    """Whether numbers from 0 to 1 were read as pixels of which the first is 1: boxes begin before their pictures.

    Where pixels are counted from 0 such boxes can be, if hardly; they are doubted for their size.
    """
    values = np.stack(corners)
    if not values.size or np.abs(values).max() > 1 or values.min() >= 0 or (values == values.round()).all():
        return None
    return (
        f"the numbers of all {values.shape[1]} boxes are from 0 to 1: they look like shares of the images' sides "
        "(mend the annotations: multiply x by the width and y by the height)"
    )


def centres_for_corners(seen: SeenBoxes) -> str | None:
    """Whether what was read as left, top, right, bottom is a centre, width, height.

    So read no box leaves its picture, and as it was read some have their right side left of the left one.
    """
    x, y, across, down, _, width, height = seen.columns()
    fits = _inside(x - across / 2, y - down / 2, x + across / 2, y + down / 2, width, height)
    swapped = (across < x) | (down < y)
    if len(x) < FEWEST or not fits.all() or swapped.mean() < SOME:
        return None
    return (
        f"corners look like centre, width, height: {swapped.sum()} of {len(x)} boxes have xmax below xmin or ymax "
        "below ymin (mend the annotations: write xmin = x - width / 2, xmax = x + width / 2, likewise ymin and ymax)"
    )


def of_corners(seen: SeenBoxes) -> str | None:
    """Either, of a format that has corners."""
    return sides_for_corners(seen) or centres_for_corners(seen)


def of_any_corners(seen: SeenBoxes) -> str | None:
    """The same of a format whose corners may come in any order, which a few boxes in the upper left may have, too."""
    return of_corners(seen) if len(seen.columns()[0]) >= FEWEST else None


def _inside(
    left: Column, top: Column, right: Column, bottom: Column, width: Column, height: Column
) -> NDArray[np.bool_]:
    """Which boxes lie in their picture, but for rounding."""
    return (left >= -SLACK) & (top >= -SLACK) & (right <= width + SLACK) & (bottom <= height + SLACK)


def _leaving(seen: SeenBoxes) -> int:
    """How many boxes leave their picture as they were read; 0 where it may be a careless hand."""
    left, top, right, bottom, _, width, height = seen.columns()
    outside = ~_inside(left, top, right, bottom, width, height)
    if not outside.any() or outside.mean() < SOME:
        return 0
    far = np.max([-left / width, right / width - 1, -top / height, bottom / height - 1], axis=0)[outside].mean()
    return int(outside.sum()) if far >= FAR or outside.mean() >= MOSTLY else 0


def _together(one: NDArray[np.float64], other: NDArray[np.float64]) -> float:
    """How far the values are large and small together, from -1 to 1; 0 where one never changes."""
    if one.std() < 1e-9 or other.std() < 1e-9:
        return 0.0
    return float(np.corrcoef(one, other)[0, 1])
