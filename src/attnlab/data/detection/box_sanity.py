"""Boxes that can't be: found with file and line, and mended if that is wished."""

import logging
import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from attnlab.data.detection.misread import Misreading, SeenBoxes, anything
from attnlab.data.detection.sets import BoxedObjects, boxed_objects
from attnlab.errors import UserError

log = logging.getLogger(__name__)

NAMED = 5  # faults that a message shows; all are counted
# How far a box may reach out of its picture without a word, in pixels and in shares of the picture's side: of boxes
# written as shares with six digits, or added up in floating point, those that touch an edge do so half the time.
ROUNDING, ROUNDING_SHARE = 0.01, 1e-4
MANY = 0.1  # of boxes: where so many are mended alike, and all are misread, no repair makes them right


class DrawnBox(NamedTuple):
    """A box as a file has it."""

    corners: tuple[float, float, float, float]  # left, top, right, bottom
    written: Sequence[float]  # the file's own numbers, for messages
    label: str
    ignored: bool
    where: object  # file and line, as text once a message needs it
    area: float = 0.0  # of the object's outline, where that is said
    unordered: tuple[float, float, float, float] | None = None  # two corners that may come in any order, as they came


@dataclass
class BoxSanity:
    """Checks boxes against their picture and the classes.

    A box must have its corners in order, an area, no part outside the picture, and a known class. Where it hasn't,
    `repair` swaps corners, cuts off what lies outside, and drops what has no area (left) or no known class; all of it
    is counted by kind. Without `repair` the first such boxes are the user's error. What reaches out by rounding is cut
    without a word. `doubles` counts boxes that are there once more, of the same class. Where many reach out or have
    their corners swapped because all are `misread`, nothing is repaired, and where any does no repair is offered.

    Args:
        remedy: what else may cure them.
        numbers: what the file's own numbers are, where they aren't corners.
        misread: tells what kind of numbers the boxes are, if not those of the format.
    """

    repair: bool
    remedy: str = ""
    numbers: str = ""
    faults: list[str] = field(default_factory=list)
    repaired: Counter[str] = field(default_factory=Counter)
    doubles: int = 0
    misread: Misreading = anything
    seen: SeenBoxes = field(default_factory=SeenBoxes)
    num_seen: int = 0

    def check(self, boxes: Sequence[DrawnBox], *, width: float, height: float, labels: dict[str, int]) -> BoxedObjects:
        """The objects of a picture of that size; `labels` are the classes' numbers."""
        kept: list[tuple[tuple[float, ...], int, bool, float]] = []
        self.num_seen += len(boxes)
        for box in boxes:
            self.seen.add(box.unordered or box.corners, box.area, width, height)
            corners = self._checked(box, width, height, labels)
            if corners is not None:
                kept.append((corners, labels[box.label], box.ignored, box.area))
        self.doubles += len(kept) - len({each[:2] for each in kept})
        return boxed_objects([k[0] for k in kept], [k[1] for k in kept], [k[2] for k in kept], [k[3] for k in kept])

    def _checked(
        self, box: DrawnBox, width: float, height: float, labels: dict[str, int]
    ) -> tuple[float, float, float, float] | None:
        """The corners, mended; None to drop the box. Notes what is wrong with it."""
        left, top, right, bottom = (
            _without_rounding(each, side) for each, side in zip(box.corners, (width, height) * 2, strict=True)
        )
        if not all(map(math.isfinite, box.corners)):
            self._note(box, "not a number", "dropped")
            return None
        if right < left or bottom < top:
            self._note(box, "swapped corners", "swapped")
            left, right, top, bottom = min(left, right), max(left, right), min(top, bottom), max(top, bottom)
        if left < 0 or top < 0 or right > width or bottom > height:
            inside = right > 0 and bottom > 0 and left < width and top < height
            self._note(box, "outside the image", "cut" if inside else "dropped", f" of {width:g} by {height:g}")
            if not inside:
                return None
            left, top, right, bottom = max(left, 0), max(top, 0), min(right, width), min(bottom, height)
        if right == left or bottom == top:
            self._note(box, "zero area", "dropped")
            return None
        if box.label not in labels:
            self._note(box, "unknown class", "dropped")
            return None
        return left, top, right, bottom

    def _note(self, box: DrawnBox, fault: str, remedy: str, detail: str = "") -> None:
        corners = ", ".join(f"{each:.10g}" for each in box.written)
        if len(self.faults) < NAMED:
            self.faults.append(f"{fault}{detail}: {box.label!r} ({corners}) in {box.where}")
        self.repaired[f"{remedy}: {fault}"] += 1

    def report(self) -> dict[str, int]:
        """How many boxes were mended, by what was done and why.

        Raises:
            UserError: there are faults, and they aren't to be mended.
        """
        if self.faults:
            num = self.repaired.total()
            shown = "; ".join(self.faults)
            more = f"; and {num - NAMED} more" if num > NAMED else ""
            every = f"every box ({self.numbers})" if self.numbers else "every box"
            if (wrong := self.misread(self.seen)) is not None and self._is_format():
                raise UserError(f"{every} must lie in its image, got {self.faults[0]}; {wrong}")
            if not self.repair:
                raise UserError(
                    f"{every} must lie in its image, with an area and a known class, got {shown}{more} "
                    f"(mend the file, or set data.source.repair=true{self.remedy})"
                )
            log.warning("mended or dropped %d boxes: %s%s", num, shown, more)
        return dict(sorted(self.repaired.items()))

    def _is_format(self) -> bool:
        """Whether boxes are as they can't be because the numbers are of another kind, and not for a repair to mend."""
        mended = sum(count for what, count in self.repaired.items() if "swapped" in what or "outside" in what)
        return mended >= MANY * self.num_seen if self.repair else mended > 0


def _without_rounding(place: float, side: float) -> float:
    """A coordinate, at the edge if it lies beyond by no more than rounding does."""
    slack = max(ROUNDING, ROUNDING_SHARE * side)
    if -slack <= place < 0:
        return 0.0
    return float(side) if side < place <= side + slack else place
