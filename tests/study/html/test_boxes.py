"""Boxes on a page: hits as average precision counts them, and numbers that can be read."""

from itertools import combinations

import numpy as np
import pytest

from attnlab.metrics.detection import ScoredPicture
from attnlab.metrics.records.matches import of_picture
from attnlab.reporting.pages.report.contents import Box, BoxKey, plain
from attnlab.study.html.boxes import BADGE_SHARE, BADGE_WIDTH, drawn_answer, drawn_truth, judged, key_of

CLASSES = ["cat", "dog"]
KEY = BoxKey(about=plain(""), classes=CLASSES)


def _box(left: float, label: str, score: float | None = None, *, ignored: bool = False) -> Box:
    return Box(left, 0.0, left + 10, 10.0, label, score, ignored)


def test_an_object_is_hit_once_by_the_surest_box_of_its_class_that_overlaps_it_by_half() -> None:
    there = [_box(0, "cat"), _box(50, "dog"), _box(80, "dog", ignored=True)]
    found = [_box(1, "cat", 0.4), _box(2, "cat", 0.9), _box(50, "cat", 0.8), _box(54, "dog", 0.7), _box(81, "dog", 0.6)]
    outcome = judged(found, there)
    assert outcome.hits == {0: found[1]}
    assert outcome.false == [found[2], found[3], found[0]], "the surest first; what is ignored is neither"
    assert outcome.missed == [1]


def test_hits_are_those_of_average_precision_at_half() -> None:
    random = np.random.default_rng(3)
    for _ in range(20):
        corners = random.uniform(0, 20, (12, 2)).astype(np.float32)
        boxes = np.concatenate([corners, corners + 15], axis=1)
        labels, scores = random.integers(0, 2, 12), random.random(7).astype(np.float32)
        picture = ScoredPicture(
            0, boxes[:7], scores, labels[:7], boxes[7:], labels[7:], np.zeros(5, np.bool_), np.zeros(5, np.float32)
        )
        counted = sum(
            codes[0] == "1"
            for found in of_picture(picture, CLASSES)["boxes"].values()
            for _, codes, *_ in found["found"]
        )
        made = [Box(*map(float, box), CLASSES[label], None) for box, label in zip(boxes, labels, strict=True)]
        found = [box._replace(score=float(score)) for box, score in zip(made[:7], scores, strict=True)]
        outcome = judged(found, made[7:])
        assert len(outcome.hits) == counted
        assert len(outcome.hits) + len(outcome.false) == 7
        assert len(outcome.hits) + len(outcome.missed) == 5


def test_a_hit_has_its_objects_number_and_what_happened_stands_in_words() -> None:
    there = [_box(0, "cat"), _box(50, "dog")]
    drawn = drawn_answer([_box(50, "dog", 0.75), _box(20, "dog", 0.5)], there, (100, 20), KEY)
    assert drawn.marks is not None
    assert [(each.look, each.sign, each.hue) for each in drawn.marks] == [
        ("false", "a", 1), ("missed", "1", 0), ("hit", "2", 1),
    ]  # fmt: skip
    assert [which.english for _, which in drawn.rows] == ["1 of 2: 2 dog 0.75", "1: 1 cat", "1: a dog 0.50"]
    assert drawn_truth(there, (100, 20), KEY).rows[0][1].english == "1 cat, 2 dog"


def test_of_many_false_alarms_the_surest_are_drawn_and_the_others_counted() -> None:
    found = [_box(20, "dog", score / 100) for score in range(31, 41)]
    drawn = drawn_answer(found, [_box(0, "cat")], (100, 20), KEY)
    assert drawn.marks is not None
    assert [each.box.score for each in drawn.marks if each.look == "false"] == [0.37, 0.38, 0.39, 0.4]
    said = drawn.rows[-1][1]
    assert said.english == "10: a dog 0.40, b dog 0.39, c dog 0.38, d dog 0.37; 6 less sure, not drawn"
    assert "另有 6 个" in said.chinese


@pytest.mark.parametrize("num", [1, 8, 40, 100])
def test_no_sign_is_written_on_another_or_beyond_the_picture_however_many_lie_on_each_other(num: int) -> None:
    there = [Box(5 + each % 7, 5, 60, 60 + each % 3, "cat", None) for each in range(num)]
    marks = drawn_truth(there, (64, 64), KEY).marks
    assert marks is not None
    high = 64 / BADGE_SHARE
    signs = [(*each.badge, len(each.sign) * BADGE_WIDTH * high) for each in marks if each.badge is not None]
    assert len(signs) >= min(num, 40)
    for (x, y, wide), (left, top, width) in combinations(signs, 2):
        assert x + wide <= left + 1e-9 or left + width <= x + 1e-9 or abs(y - top) >= high - 1e-9
    assert all(0 <= x <= 64 - wide and 0 <= y <= 64 - high for x, y, wide in signs)


@pytest.mark.parametrize("cut, said", [(0.3, "a score of 0.3 or more"), (None, "a score of the threshold or more")])
def test_the_key_says_from_which_score_on_boxes_are_shown(cut: float | None, said: str) -> None:
    key = key_of([_box(0, "dog"), _box(0, "cat")], cut=cut)
    assert said in key.about.english
    assert "task.score_threshold" in key.about.chinese
    assert key.classes == CLASSES


def test_signs_of_boxes_on_each_other_stand_at_their_corners_first_inside() -> None:
    marks = drawn_truth([Box(20, 20, 140, 140, "cat", None)] * 4, (160, 160), KEY).marks
    assert marks is not None
    high = 160 / BADGE_SHARE
    wide = BADGE_WIDTH * high
    corners = [(20, 20), (140 - wide, 20), (20, 140 - high), (140 - wide, 140 - high)]
    assert [each.badge for each in marks] == [pytest.approx(corner) for corner in corners]


def test_a_picture_far_higher_than_wide_has_room_for_signs_in_little_time() -> None:
    there = [Box(0.0, 10.0 * number, 1.0, 10.0 * number + 5, "cat", None) for number in range(8)]
    marks = drawn_truth(there, (1, 10**6), KEY).marks
    assert marks is not None
    assert len({mark.badge for mark in marks if mark.badge is not None}) == 8
