"""Matches of found boxes with objects: COCO's, as average precision counts them."""

import numpy as np
import pytest

from attnlab.metrics.detection import ScoredPicture
from attnlab.metrics.records.matches import of_picture, scores_of_pictures

CLASSES = ["cat", "dog"]


def _picture(
    found: list[tuple[float, list[float]]], there: list[list[float]], ignored: list[bool] | None = None
) -> ScoredPicture:
    return ScoredPicture(
        0,
        np.array([box for _, box in found], dtype=np.float32).reshape(-1, 4),
        np.array([score for score, _ in found], dtype=np.float32),
        np.zeros(len(found), dtype=np.int64),
        np.array(there, dtype=np.float32).reshape(-1, 4),
        np.zeros(len(there), dtype=np.int64),
        np.array(ignored or [False] * len(there), dtype=np.bool_),
        np.zeros(len(there), dtype=np.float32),
    )


BOX, HALF, FAR = [0.0, 0, 20, 20], [0.0, 0, 20, 13], [60.0, 60, 80, 80]


@pytest.mark.parametrize(
    "found, there, ignored, codes",
    [
        ([(0.9, BOX)], [BOX], None, ["1"]),
        ([(0.9, HALF)], [BOX], None, ["1111000000"]),  # an overlap of 0.65
        ([(0.9, FAR)], [BOX], None, ["0"]),
        ([(0.9, BOX), (0.8, BOX)], [BOX], None, ["1", "0"]),  # an object is found once
        ([(0.8, BOX), (0.9, HALF)], [BOX], None, ["1111000000", "0000111111"]),  # the surest takes it where it may
        ([(0.9, BOX), (0.8, BOX)], [BOX], [True], ["-", "-"]),  # what is ignored is neither, however often
        ([(0.9, BOX), (0.8, BOX)], [BOX, BOX], [True, False], ["1", "-"]),  # and comes last
    ],
)
def test_what_each_found_box_is_at_each_overlap(
    found: list[tuple[float, list[float]]], there: list[list[float]], ignored: list[bool] | None, codes: list[str]
) -> None:
    boxes = of_picture(_picture(found, there, ignored), CLASSES)["boxes"]["cat"]
    assert [each[1] for each in boxes["found"]] == codes
    assert boxes["objects"][0] == len(there) - sum(ignored or [])
    assert [each[0] for each in boxes["found"]] == sorted((score for score, _ in found), reverse=True)


def test_sizes_have_matches_of_their_own() -> None:
    large = [0.0, 0, 100, 100]
    boxes = of_picture(_picture([(0.9, BOX), (0.8, large), (0.7, FAR)], [BOX, large]), CLASSES)["boxes"]["cat"]
    assert boxes["objects"] == [2, 1, 0, 1]
    assert [each[1:] for each in boxes["found"]] == [["1", "1", "-", "-"], ["1", "-", "-", "1"], ["0", "0", "-", "-"]]


def test_at_most_a_hundred_boxes_of_a_class_count() -> None:
    boxes = of_picture(_picture([(number / 200, FAR) for number in range(130)], [BOX]), CLASSES)["boxes"]["cat"]
    assert len(boxes["found"]) == 100
    assert boxes["found"][-1][0] == pytest.approx(30 / 200)


def test_scores_are_of_what_is_there() -> None:
    scores = scores_of_pictures([of_picture(_picture([(0.9, BOX)], [BOX]), CLASSES)], CLASSES)
    assert set(scores) == {"ap", "ap50", "ap75", "ap_small", "ap_of_cat"}
    assert not scores_of_pictures([of_picture(_picture([(0.9, BOX)], []), CLASSES)], CLASSES)
