"""Average precision of matches: the reported one, whole and without each picture, to the last bit."""

import numpy as np
import pytest

from attnlab.metrics.detection import ScoredPicture, average_precision
from attnlab.metrics.records.matches import of_picture, scores_of_pictures
from attnlab.metrics.records.precision import AVERAGE_PRECISION, RECALLS, _right_boxes_for, average, class_names

CLASSES = ["T-shirt/top", "Bag", "small"]
NUM = 11


def _pictures(seed: int) -> list[ScoredPicture]:
    """Several objects each, found askew or not, with many equal scores, crowds, outlines and what isn't there."""
    random = np.random.default_rng(seed)
    pictures = []
    for number in range(NUM):
        size = random.integers(0, 8)
        corners = random.integers(0, 150, (size, 2))
        boxes = np.concatenate([corners, corners + random.integers(8, 140, (size, 2))], axis=1).astype(np.float32)
        labels = random.integers(0, 3, size)
        rows = random.integers(0, size, 2 * size) if size else np.zeros(0, dtype=np.int64)
        found = boxes[rows] + random.integers(-3, 4, (len(rows), 4)).astype(np.float32)
        areas = random.uniform(0.3, 1, size) * np.prod(boxes[:, 2:] - boxes[:, :2], axis=1)
        pictures.append(
            ScoredPicture(
                number,
                found,
                random.random(len(rows)).round(1).astype(np.float32),
                np.where(random.random(len(rows)) < 0.8, labels[rows], 2),
                boxes,
                labels,
                random.random(size) < 0.1,
                np.where(random.random(size) < 0.5, areas, 0).astype(np.float32),
            )
        )
    return pictures


def _averages(pictures: list[ScoredPicture], groups: np.ndarray) -> dict[str, np.ndarray]:
    rows = [of_picture(each, CLASSES) for each in pictures]
    scores = scores_of_pictures(rows, CLASSES)
    return {
        name: average(rows, groups, AVERAGE_PRECISION[how.rule], [how.part] if how.part else class_names(rows))
        for name, how in scores.items()
    }


@pytest.mark.parametrize("seed", range(3))
def test_each_score_is_the_reported_one_and_that_without_each_picture(seed: int) -> None:
    pictures = _pictures(seed)
    found = _averages(pictures, np.arange(NUM))
    reported = average_precision(pictures, CLASSES)
    assert found.keys() == reported.keys()
    for name, value in reported.items():
        assert np.float32(found[name][0]) == np.float32(value), name
    for left_out in range(0, NUM, 4):
        rest = average_precision([each for each in pictures if each.id != left_out], CLASSES)
        for name, values in found.items():
            assert values[1 + left_out] == pytest.approx(rest.get(name, np.nan), abs=1e-7, nan_ok=True), name


def test_pictures_of_one_scene_are_left_out_together() -> None:
    pictures = _pictures(5)
    groups = np.arange(NUM) // 4
    found = _averages(pictures, groups)
    rest = average_precision([each for each, group in zip(pictures, groups, strict=True) if group != 1], CLASSES)
    assert len(found["ap"]) == 1 + 3
    for name, value in rest.items():
        assert np.float32(found[name][2]) == np.float32(value), name


def test_a_table_too_large_for_one_piece_is_reckoned_in_several(monkeypatch: pytest.MonkeyPatch) -> None:
    pictures = _pictures(2)
    whole = _averages(pictures, np.arange(NUM))
    monkeypatch.setattr("attnlab.metrics.records.precision.AT_ONCE", 20)
    for name, values in _averages(pictures, np.arange(NUM)).items():
        assert np.array_equal(values, whole[name], equal_nan=True)


def test_without_anything_found_precision_is_zero() -> None:
    [picture] = [each for each in _pictures(1) if len(each.true_boxes) > 3][:1]
    nothing = picture._replace(
        boxes=picture.boxes[:0], scores=picture.scores[:0], labels=picture.labels[:0], ignored=picture.ignored & False
    )
    assert _averages([nothing], np.zeros(1, dtype=np.int64))["ap"][0] == 0


def test_how_many_right_boxes_reach_a_recall_is_to_the_last_bit_that_of_searching_for_it() -> None:
    sizes = np.array([*range(1, 2500), 99_991])
    for size, found in zip(sizes, _right_boxes_for(sizes), strict=True):
        expected = np.searchsorted(np.arange(1, size + 1) / size, RECALLS, side="left") + 1
        assert (found == expected).all(), size
    assert _right_boxes_for(np.array([10**12]))[0, -1] == 10**12  # without room for as many
