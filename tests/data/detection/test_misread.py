"""Numbers of another kind than a format's are told by all boxes together, and those of the format aren't doubted."""

from collections.abc import Callable, Sequence

import numpy as np
import pytest

from attnlab.data.detection.misread import (
    SeenBoxes,
    corners_for_sides,
    impossible_areas,
    of_any_corners,
    of_coco,
    of_corners,
    of_yolo,
    sides_for_corners,
)
from attnlab.reporting.messages.chinese import said_in_chinese

SIDES = (211.0, 157.0)
Box = tuple[float, float, float, float]


def true_boxes(num: int, *, seed: int = 0, most: float = 0.4, least: float = 0.03, start: float = 1.0) -> list[Box]:
    """Left, top, right, bottom within the picture: sides from `least` to `most` of it, beginning before `start`."""
    random = np.random.default_rng(seed)
    shares = random.uniform(least, most, (num, 2))
    corners = random.uniform(0, 1, (num, 2)) * np.minimum(start, 1 - shares)
    return [
        (x * SIDES[0], y * SIDES[1], (x + w) * SIDES[0], (y + h) * SIDES[1])
        for (x, y), (w, h) in zip(corners.tolist(), shares.tolist(), strict=True)
    ]


def centred(num: int, *, least: float, most: float, seed: int = 0) -> list[Box]:
    """A large object in the middle of each picture, as of portraits."""
    random = np.random.default_rng(seed)
    found = []
    for w, h, dx, dy in random.uniform([least, least, -0.03, -0.03], [most, most, 0.03, 0.03], (num, 4)).tolist():
        x, y = max(0.0, (1 - w) / 2 + dx), max(0.0, (1 - h) / 2 + dy)
        found.append((x * SIDES[0], y * SIDES[1], min(1, x + w) * SIDES[0], min(1, y + h) * SIDES[1]))
    return found


def as_read(left: float, top: float, third: float, fourth: float) -> Box:
    """What COCO's reader makes of four numbers."""
    return left, top, left + third, top + fourth


def seen(boxes: Sequence[Box], areas: Sequence[float] | None = None) -> SeenBoxes:
    found = SeenBoxes()
    for box, area in zip(boxes, areas or [0.0] * len(boxes), strict=True):
        found.add(box, area, *SIDES)
    return found


def area_of(box: Box) -> float:
    return (box[2] - box[0]) * (box[3] - box[1])


def careless(boxes: Sequence[Box]) -> list[Box]:
    """Of which every fifth reaches out a little."""
    return [
        (left, top, SIDES[0] + 3, bottom) if n % 10 == 0 else (-3, top, right, bottom) if n % 10 == 5 else box
        for n, box in enumerate(boxes)
        for left, top, right, bottom in [box]
    ]


LEGITIMATE = [
    true_boxes(307),
    true_boxes(307, most=0.95),
    true_boxes(11, most=0.95),
    true_boxes(307, most=0.9, least=0.6),
    true_boxes(307, start=0.3),  # in the upper left
    centred(307, least=0.6, most=0.9),
    centred(307, least=0.4, most=0.95),
    centred(307, least=0.85, most=1.0),
    careless(true_boxes(307)),
    careless(true_boxes(31, most=0.1)),
    careless(centred(31, least=0.6, most=0.9)),
    [(0.0, 0.0, *SIDES)] * 31,
    [],
]


@pytest.mark.parametrize("boxes", LEGITIMATE)
@pytest.mark.parametrize("share", [0.0, 1.0, 0.55], ids=["without area", "area of the box", "area of an outline"])
def test_boxes_as_coco_has_them_are_not_doubted(boxes: list[Box], share: float) -> None:
    assert of_coco(seen(boxes, [share * area_of(box) for box in boxes])) is None


@pytest.mark.parametrize("boxes", LEGITIMATE)
@pytest.mark.parametrize("tells", [of_corners, of_any_corners, of_yolo])
def test_boxes_of_other_formats_are_not_doubted(tells: Callable[[SeenBoxes], str | None], boxes: list[Box]) -> None:
    assert tells(seen(boxes)) is None


def about_centre(left: float, top: float, right: float, bottom: float) -> Box:
    """A centre and sides."""
    return (left + right) / 2, (top + bottom) / 2, right - left, bottom - top


def as_it_is(left: float, top: float, right: float, bottom: float) -> Box:
    return left, top, right, bottom


def with_sides(left: float, top: float, right: float, bottom: float) -> Box:
    return left, top, right - left, bottom - top


def as_yolo_reads(x: float, y: float, across: float, down: float) -> Box:
    return x - across / 2, y - down / 2, x + across / 2, y + down / 2


@pytest.mark.parametrize("boxes", [true_boxes(31), true_boxes(307, most=0.95)])
@pytest.mark.parametrize(
    "written, read, tells, looks",
    [
        (about_centre, as_read, of_coco, "bbox looks like centre, width, height, where COCO has "),
        (as_it_is, as_yolo_reads, of_yolo, "boxes look like left, top, right, bottom, where YOLO has "),
        (with_sides, as_yolo_reads, of_yolo, "boxes look like left, top, width, height, where YOLO has "),
        (with_sides, as_it_is, of_corners, "corners look like x, y, width, height: "),
        (about_centre, as_it_is, of_corners, "corners look like centre, width, height: "),
        (about_centre, as_it_is, of_any_corners, "corners look like centre, width, height: "),
    ],
)
def test_each_reading_is_told_from_the_formats_own(
    written: Callable[..., Box],
    read: Callable[..., Box],
    tells: Callable[[SeenBoxes], str | None],
    looks: str,
    boxes: list[Box],
) -> None:
    message = tells(seen([read(*written(*box)) for box in boxes]))
    assert message is not None
    assert message.startswith(looks)
    assert "(mend the annotations: write " in message
    assert said_in_chinese(message) is not None


@pytest.mark.parametrize(
    "boxes, with_area, evidence",
    [
        (true_boxes(31, most=0.3), False, "leave their image, and none does as corners"),
        (true_boxes(31, most=0.1, start=0.4), False, "all have the third and fourth numbers above the first two"),
        (true_boxes(31, most=0.1, start=0.4), True, "31 have the area of corners"),
    ],
)
def test_corners_in_place_of_sides_are_told(boxes: list[Box], with_area: bool, evidence: str) -> None:
    areas = [area_of(box) for box in boxes] if with_area else None
    message = corners_for_sides(seen([as_read(*box) for box in boxes], areas))
    assert message is not None
    assert evidence in message
    assert "31" in message
    assert said_in_chinese(message) is not None


def test_areas_that_no_outline_has_are_told() -> None:
    boxes = true_boxes(31)
    message = impossible_areas(seen(boxes, [4 * area_of(box) for box in boxes]))
    assert message is not None
    assert "31 of 31 boxes" in message
    assert said_in_chinese(message) is not None


@pytest.mark.parametrize(
    "boxes, evidence",
    [
        (true_boxes(31), "boxes have xmax below xmin or ymax below ymin"),
        (centred(31, least=0.6, most=0.9), "all 31 boxes lie in the upper left"),
    ],
)
def test_sides_in_place_of_corners_are_told(boxes: list[Box], evidence: str) -> None:
    message = sides_for_corners(seen([(left, top, right - left, bottom - top) for left, top, right, bottom in boxes]))
    assert message is not None
    assert evidence in message
    assert said_in_chinese(message) is not None


@pytest.mark.parametrize("tells", [of_coco, of_corners, of_any_corners, of_yolo])
def test_a_hand_s_mistakes_and_few_boxes_tell_nothing(tells: Callable[[SeenBoxes], str | None]) -> None:
    boxes = true_boxes(307)
    left, top, right, bottom = boxes[0]
    assert tells(seen([*boxes, (right, bottom, left, top), (left, top, SIDES[0] + 7, bottom)])) is None
    assert tells(seen([(right, bottom, left, top)])) is None
    assert tells(seen([(float("nan"), 0.0, 1.0, 2.0)] * 31)) is None
