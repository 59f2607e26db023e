"""A box lies in its picture, with an area and a known class; else it is named, or mended and counted."""

import math
import re

import numpy as np
import pytest

from attnlab.data.detection.box_sanity import NAMED, BoxSanity, DrawnBox
from attnlab.errors import UserError

Corners = tuple[float, float, float, float]
LABELS = {"cat": 0, "dog": 1}


def _box(corners: Corners, label: str = "dog", *, ignored: bool = False) -> DrawnBox:
    return DrawnBox(corners, corners, label, ignored, "a file, line 7")


def test_sound_boxes_pass_unchanged_up_to_the_very_edges() -> None:
    sanity = BoxSanity(repair=False)
    boxes = [_box((0, 0, 29, 41)), _box((0.5, 1, 0.75, 41), "cat", ignored=True)]
    found = sanity.check(boxes, width=29, height=41, labels=LABELS)
    assert found.boxes.tolist() == [[0, 0, 29, 41], [0.5, 1, 0.75, 41]]
    assert found.labels.tolist() == [1, 0]
    assert found.ignored.tolist() == [False, True]
    assert sanity.report() == {}


@pytest.mark.parametrize(
    "corners, fault, mended, counted",
    [
        ((7, 11, 30, 37), "outside the image of 29 by 41", [[7, 11, 29, 37]], {"cut: outside the image": 1}),
        ((-3, -5, 4, 6), "outside the image of 29 by 41", [[0, 0, 4, 6]], {"cut: outside the image": 1}),
        ((70, 11, 90, 37), "outside the image of 29 by 41", [], {"dropped: outside the image": 1}),
        ((13, 37, 7, 11), "swapped corners", [[7, 11, 13, 37]], {"swapped: swapped corners": 1}),
        ((7, 11, 7, 37), "zero area", [], {"dropped: zero area": 1}),
        ((7, math.nan, 9, 37), "not a number", [], {"dropped: not a number": 1}),
        ((7, 11, math.inf, 37), "not a number", [], {"dropped: not a number": 1}),
    ],
)
def test_a_box_that_cannot_be_is_named_or_mended(
    corners: Corners, fault: str, mended: list[list[float]], counted: dict[str, int]
) -> None:
    strict, lenient = BoxSanity(repair=False, remedy=" or so"), BoxSanity(repair=True)
    strict.check([_box(corners)], width=29, height=41, labels=LABELS)
    written = ", ".join(f"{each:g}" for each in corners)
    message = (
        f"every box must lie in its image, with an area and a known class, got {fault}: 'dog' ({written}) in a file, "
        "line 7 (mend the file, or set data.source.repair=true or so)"
    )
    with pytest.raises(UserError, match=f"^{re.escape(message)}$"):
        strict.report()
    assert lenient.check([_box(corners)], width=29, height=41, labels=LABELS).boxes.tolist() == mended
    assert lenient.report() == counted


@pytest.mark.parametrize("repair", [False, True])
def test_boxes_that_are_misread_one_and_all_are_not_repaired(repair: bool) -> None:
    sanity = BoxSanity(repair=repair, misread=lambda seen: f"{len(seen.columns()[0])} are sides (write corners)")
    sanity.check([_box((17, 19, 5, 7))] * 3, width=29, height=41, labels=LABELS)
    message = "got swapped corners: 'dog' (17, 19, 5, 7) in a file, line 7; 3 are sides (write corners)"
    with pytest.raises(UserError, match=f"^every box must lie in its image, {re.escape(message)}$"):
        sanity.report()


def test_a_few_boxes_are_repaired_whatever_all_look_like() -> None:
    sanity = BoxSanity(repair=True, misread=lambda seen: "sides")
    sanity.check([_box((17, 19, 5, 7)), *[_box((1, 2, 3, 5))] * 19], width=29, height=41, labels=LABELS)
    assert sanity.report() == {"swapped: swapped corners": 1}


def test_no_repair_is_offered_where_one_box_cannot_be_because_all_are_misread() -> None:
    boxes = [_box((17, 19, 5, 7)), *[_box((1, 2, 3, 5))] * 19]
    for misread, offered in ((lambda seen: "sides (write corners)", False), (lambda seen: None, True)):
        sanity = BoxSanity(repair=False, misread=misread)
        sanity.check(boxes, width=29, height=41, labels=LABELS)
        with pytest.raises(UserError) as caught:
            sanity.report()
        assert ("data.source.repair" in str(caught.value)) == offered
        assert str(caught.value).endswith("sides (write corners)") != offered


def test_what_a_files_numbers_are_is_said_where_they_are_no_corners() -> None:
    sanity = BoxSanity(repair=False, numbers="left, top, width, height")
    box = DrawnBox((20, 26, 80, 82), (20, 26, 60, 56), "dog", False, "a file, line 7")
    sanity.check([box], width=100, height=80, labels=LABELS)
    said = r"^every box \(left, top, width, height\) must lie in .* of 100 by 80: 'dog' \(20, 26, 60, 56\)"
    with pytest.raises(UserError, match=said):
        sanity.report()


def test_an_unknown_class_is_dropped_and_the_others_stay() -> None:
    sanity = BoxSanity(repair=True)
    found = sanity.check([_box((1, 1, 2, 2), "emu"), _box((3, 3, 5, 5))], width=7, height=7, labels=LABELS)
    assert found.labels.tolist() == [1]
    assert sanity.report() == {"dropped: unknown class": 1}


def test_of_many_faults_some_are_named_and_all_counted() -> None:
    sanity = BoxSanity(repair=False)
    for _ in range(NAMED + 2):
        sanity.check([_box((1, 1, 1, 1))], width=7, height=7, labels=LABELS)
    with pytest.raises(UserError, match=r"; and 2 more \(mend") as caught:
        sanity.report()
    assert str(caught.value).count("zero area") == NAMED


def test_any_boxes_mended_lie_within() -> None:
    random = np.random.default_rng(3)
    boxes = [_box(tuple(random.integers(-20, 60, 4).tolist())) for _ in range(500)]
    found = BoxSanity(repair=True).check(boxes, width=29, height=41, labels=LABELS).boxes
    assert 50 < len(found) < 500
    assert (found >= 0).all()
    assert (found[:, [0, 1]] < found[:, [2, 3]]).all()
    assert (found[:, [2, 3]] <= [29, 41]).all()


@pytest.mark.parametrize(
    "corners, width, expected",
    [
        ((75.9554, 2, 75.95540000000001 + 24.0446, 12), 100, (75.9554, 2, 100, 12)),
        ((-0.0003, -0.009, 5, 7), 29, (0, 0, 5, 7)),
        ((1, 2, 4000.39, 7), 4000, (1, 2, 4000, 7)),  # six digits of a share are fractions of a pixel in 4000
    ],
)
def test_what_reaches_out_by_rounding_is_cut_without_a_word(corners: Corners, width: int, expected: Corners) -> None:
    sanity = BoxSanity(repair=False)
    found = sanity.check([_box(corners)], width=width, height=41, labels=LABELS)
    assert found.boxes.tolist() == [pytest.approx(expected)]
    assert sanity.report() == {}


def test_a_message_shows_by_how_much_a_box_reaches_out() -> None:
    sanity = BoxSanity(repair=False)
    sanity.check([_box((75.9554, 2, 100.0204, 12))], width=100, height=41, labels=LABELS)
    with pytest.raises(UserError, match=r"outside the image of 100 by 41: 'dog' \(75.9554, 2, 100.0204, 12\) in"):
        sanity.report()


def test_boxes_that_are_there_twice_are_counted() -> None:
    sanity = BoxSanity(repair=False)
    boxes = [_box((1, 2, 3, 4)), _box((1, 2, 3, 4)), _box((1, 2, 3, 4), "cat"), _box((1, 2, 3, 5))]
    assert len(sanity.check(boxes, width=29, height=41, labels=LABELS).labels) == 4
    assert sanity.doubles == 1
