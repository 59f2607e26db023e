"""COCO's average precision: of what can be reckoned by hand, and against a plain loop."""

import warnings

import numpy as np
import pytest
import torch
from faster_coco_eval import COCO, COCOeval_faster

from attnlab.metrics.detection import ScoredPicture, average_precision, signature
from attnlab.models.detectors.boxes import box_iou

CLASSES = ["T-shirt/top", "Bag", "small"]


def _picture(
    number: int,
    found: list[tuple[float, int, list[float]]],
    there: list[tuple[int, list[float]]],
    ignored: list[bool] | None = None,
    areas: list[float] | None = None,
) -> ScoredPicture:
    return ScoredPicture(
        number,
        np.array([each[2] for each in found], dtype=np.float32).reshape(-1, 4),
        np.array([each[0] for each in found], dtype=np.float32),
        np.array([each[1] for each in found], dtype=np.int64),
        np.array([each[1] for each in there], dtype=np.float32).reshape(-1, 4),
        np.array([each[0] for each in there], dtype=np.int64),
        np.array(ignored or [False] * len(there), dtype=np.bool_),
        np.array(areas or [0.0] * len(there), dtype=np.float32),
    )


BOX, OTHER, FAR = [10.0, 10, 30, 50], [12.0, 10, 30, 50], [60.0, 60, 70, 70]


def test_what_is_found_exactly_scores_one_in_every_way_that_can_be_measured() -> None:
    scores = average_precision([_picture(0, [(0.9, 0, BOX), (0.8, 1, FAR)], [(0, BOX), (1, FAR)])], CLASSES)
    assert scores == {
        "ap": 1.0,
        "ap50": 1.0,
        "ap75": 1.0,
        "ap_small": 1.0,
        "ap_of_t_shirt_top": 1.0,
        "ap_of_bag": 1.0,
    }


def test_sizes_are_of_the_true_boxes_area() -> None:
    medium, large = [0.0, 0, 40, 40], [0.0, 0, 100, 100]
    found = [(0.9, 0, BOX), (0.8, 0, medium)]
    scores = average_precision([_picture(0, found, [(0, BOX), (0, medium), (0, large)])], CLASSES)
    assert (scores["ap_small"], scores["ap_medium"], scores["ap_large"]) == pytest.approx((1, 1, 0), abs=1e-6)


def test_sizes_are_of_the_outlines_where_these_are_known() -> None:
    medium = [0.0, 0, 40, 40]
    scores = average_precision([_picture(0, [(0.9, 0, medium)], [(0, medium)], areas=[32.0 * 31])], CLASSES)
    assert "ap_medium" not in scores
    assert scores["ap_small"] == 1


def test_a_box_counts_for_the_overlaps_that_it_reaches() -> None:
    overlap = 18 / 20  # of BOX and OTHER
    scores = average_precision([_picture(0, [(0.9, 1, OTHER)], [(1, BOX)])], CLASSES)
    assert overlap == pytest.approx(box_iou(torch.tensor([BOX]), torch.tensor([OTHER])).item())
    assert scores["ap50"] == scores["ap75"] == 1
    assert scores["ap"] == pytest.approx(0.9)  # from 0.5 to 0.9 of 0.5 to 0.95
    assert average_precision([_picture(0, [(0.9, 0, BOX)], [(1, BOX)])], CLASSES)["ap"] == 0


def test_the_second_box_of_an_object_is_wrong() -> None:
    there = [(1, BOX), (1, FAR)]
    first = average_precision([_picture(0, [(0.9, 1, BOX), (0.8, 1, BOX), (0.7, 1, FAR)], there)], CLASSES)
    # Precision is 1 up to half of the recall, 2/3 beyond: 51 and 50 of COCO's 101 places.
    assert first["ap50"] == pytest.approx((51 + 50 * 2 / 3) / 101, abs=1e-5)


def test_ignored_objects_are_neither_right_nor_wrong() -> None:
    found = [(0.9, 1, FAR), (0.8, 1, BOX)]
    counted = average_precision([_picture(0, found, [(1, BOX)])], CLASSES)
    spared = average_precision([_picture(0, found, [(1, BOX), (1, FAR)], [False, True])], CLASSES)
    assert counted["ap50"] == pytest.approx(0.5)
    assert spared["ap50"] == 1


def test_without_objects_there_is_no_score_and_without_findings_it_is_zero() -> None:
    for pictures in ([_picture(0, [(0.9, 0, BOX)], [])], [_picture(0, [], [])]):
        assert average_precision(pictures, CLASSES) == {}
    ignored = _picture(0, [(0.9, 0, BOX)], [(0, BOX)], [True])
    assert average_precision([ignored], CLASSES) == {}
    scores = average_precision([_picture(0, [], [(0, BOX)])], CLASSES)
    assert scores["ap"] == scores["ap50"] == scores["ap75"] == 0


@pytest.mark.parametrize("found, value", [(6, 0.603960), (7, 0.693069), (8, 0.801980)])
def test_a_recall_of_tenths_counts_as_in_cocos_own_code(found: int, value: float) -> None:
    """pycocotools 2.0.11 gives these for ten objects of which so many are found, and nothing else is."""
    boxes = [[12.0 * place, 5, 12.0 * place + 10, 18] for place in range(10)]
    scores = average_precision(
        [_picture(0, [(0.9, 0, box) for box in boxes[:found]], [(0, box) for box in boxes])], CLASSES
    )
    assert scores["ap"] == scores["ap50"] == scores["ap_of_t_shirt_top"] == pytest.approx(value, abs=1e-6)


def test_scores_agree_with_a_plain_loop() -> None:
    random = np.random.default_rng(7)
    pictures = []
    # 23 objects a class: a recall that isn't a hundredth doesn't depend on how hundredths are rounded.
    labels = random.permutation(np.repeat([0, 1, 2], 23)).reshape(23, 3)
    for number in range(23):
        corners = random.uniform(0, 60, (3, 2))
        boxes = np.concatenate([corners, corners + random.uniform(8, 40, (3, 2))], axis=1)
        there = [(int(label), box.tolist()) for label, box in zip(labels[number], boxes, strict=True)]
        found = [
            (float(random.random()), int(random.integers(0, 3)) if random.random() < 0.2 else label, moved.tolist())
            for label, box in there
            for moved in [np.array(box) + random.normal(0, 2.5, 4) for _ in range(random.integers(0, 3))]
        ]
        pictures.append(_picture(number, found, there))
    scores = average_precision(pictures, CLASSES)
    by_class = [[_by_hand(pictures, label, threshold) for threshold in np.arange(0.5, 1.0, 0.05)] for label in range(3)]
    assert scores["ap"] == pytest.approx(np.mean(by_class), abs=1e-4)
    assert scores["ap50"] == pytest.approx(np.mean(by_class, axis=0)[0], abs=1e-4)
    assert scores["ap75"] == pytest.approx(np.mean(by_class, axis=0)[5], abs=1e-4)
    assert scores["ap_of_small"] == pytest.approx(np.mean(by_class[2]), abs=1e-4)


def _by_hand(pictures: list[ScoredPicture], label: int, threshold: float) -> float:
    """Precision at 101 recalls, of one class and overlap: the best found box takes the object it overlaps most."""
    judged: list[tuple[float, bool]] = []
    total = 0
    for picture in pictures:
        true = torch.from_numpy(picture.true_boxes[picture.true_labels == label])
        total += len(true)
        free = [True] * len(true)
        mine = np.flatnonzero(picture.labels == label)
        for row in mine[np.argsort(-picture.scores[mine], kind="stable")]:
            overlaps = box_iou(torch.from_numpy(picture.boxes[row : row + 1]), true)[0].tolist()
            taken = [(each, number) for number, each in enumerate(overlaps) if free[number] and each >= threshold]
            if taken:
                free[max(taken)[1]] = False
            judged.append((float(picture.scores[row]), bool(taken)))
    judged.sort(key=lambda each: -each[0])
    right = np.cumsum([each[1] for each in judged])
    precision = right / np.arange(1, len(judged) + 1)
    recall = right / total
    best = np.maximum.accumulate(precision[::-1])[::-1]
    places = np.searchsorted(recall, np.linspace(0, 1, 101), side="left")
    return float(np.mean([best[place] if place < len(best) else 0.0 for place in places]))


def test_nothing_is_warned_of_or_printed(capfd: pytest.CaptureFixture[str]) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        average_precision([_picture(0, [(0.9, 0, BOX)], [(0, BOX)])], CLASSES)
    assert capfd.readouterr() == ("", "")


def test_the_signature_names_what_computed_the_scores() -> None:
    assert "faster_coco_eval 1." in signature()
    assert signature().startswith("torchmetrics|version:1.")


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_scores_are_those_of_cocos_own_evaluation() -> None:
    """By its own thresholds, on sets of tens of objects, where a recall often is a hundredth; with crowds and areas."""
    random = np.random.default_rng(11)
    pictures = [_noisy(random, number) for number in range(12)]
    images = [{"id": each.id, "width": 300, "height": 300} for each in pictures]
    true, found = [], []
    for each in pictures:
        columns = zip(each.true_boxes, each.true_labels, each.ignored, each.true_areas, strict=True)
        true += [
            {"id": len(true) + n, "image_id": each.id, "category_id": int(k), "bbox": _by_sides(b), "iscrowd": int(c)}
            | {"area": float(area)}
            for n, (b, k, c, area) in enumerate(columns, start=1)
        ]
        found += [
            {"image_id": each.id, "category_id": int(k), "bbox": _by_sides(b), "score": float(s)}
            for b, k, s in zip(each.boxes, each.labels, each.scores, strict=True)
        ]
    categories = [{"id": number, "name": name} for number, name in enumerate(CLASSES)]
    truth = COCO({"images": images, "annotations": true, "categories": categories})
    judge = COCOeval_faster(truth, truth.loadRes(found), iouType="bbox", print_function=lambda *_: None)
    judge.evaluate()
    judge.accumulate()
    judge.summarize()
    scores = average_precision(pictures, CLASSES)
    names = ("ap", "ap50", "ap75", "ap_small", "ap_medium", "ap_large")
    assert [scores[name] for name in names] == pytest.approx(judge.stats[:6].tolist(), abs=1e-6)


def _noisy(random: np.random.Generator, number: int) -> ScoredPicture:
    """Ten objects, most of them found, some askew."""
    corners = random.integers(0, 150, (10, 2))
    boxes = np.concatenate([corners, corners + random.integers(8, 140, (10, 2))], axis=1).astype(float)
    labels = random.integers(0, 3, 10).tolist()
    there = [(label, box.tolist()) for label, box in zip(labels, boxes, strict=True)]
    found = [
        (float(random.random()), label, (np.array(box) + random.integers(-3, 4, 4)).tolist())
        for label, box in there
        if random.random() < 0.8
    ]
    shares = random.uniform(0.3, 1, 10) * np.prod(boxes[:, 2:] - boxes[:, :2], axis=1)
    return _picture(number + 1, found, there, (random.random(10) < 0.1).tolist(), shares.tolist())


def _by_sides(box: np.ndarray) -> list[float]:
    left, top, right, bottom = box.tolist()
    return [left, top, right - left, bottom - top]
