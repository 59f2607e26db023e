"""Scores of a classifier against loops, and against what their definitions say of simple cases."""

import pytest
import torch
from torch import Tensor

from attnlab.metrics.classification import ClassificationScores, calibration_error, in_bins, scores_by_class


def _sample(num_images: int, num_classes: int) -> tuple[Tensor, Tensor]:
    random = torch.Generator().manual_seed(7)
    logits = 2 * torch.randn(num_images, num_classes, generator=random)
    return logits.softmax(1), torch.randint(0, num_classes, (num_images,), generator=random)


def _scores(probabilities: Tensor, labels: Tensor, *, num_bins: int, batch: int = 13) -> dict[str, float]:
    scores = ClassificationScores(probabilities.size(1), num_bins=num_bins)
    for start in range(0, len(labels), batch):
        scores.update(probabilities[start : start + batch], labels[start : start + batch])
    return {name: float(value) for name, value in scores.compute().items()}


@pytest.mark.parametrize("num_bins", [1, 7, 15])
def test_the_calibration_error_is_the_mean_gap_between_confidence_and_accuracy(num_bins: int) -> None:
    probabilities, labels = _sample(211, 5)
    bins: dict[int, list[tuple[float, bool]]] = {}
    for row, label in zip(probabilities.tolist(), labels.tolist(), strict=True):
        confidence = max(row)
        bins.setdefault(int(confidence * num_bins), []).append((confidence, row.index(confidence) == label))
    expected = sum(abs(sum(right for _, right in each) - sum(c for c, _ in each)) for each in bins.values()) / 211
    assert _scores(probabilities, labels, num_bins=num_bins)["calibration_error"] == pytest.approx(expected, abs=1e-5)
    binned = in_bins(probabilities, labels, num_bins=num_bins).tolist()
    assert calibration_error(binned) == pytest.approx(expected, abs=1e-12)


def test_who_is_always_sure_and_right_half_of_the_time_is_off_by_a_half() -> None:
    probabilities = torch.eye(3)[[0, 1, 2, 0]]
    scores = _scores(probabilities, torch.tensor([0, 1, 0, 1]), num_bins=15)
    assert scores == pytest.approx({"accuracy": 0.5, "calibration_error": 0.5}, abs=1e-6)


def test_accuracy_and_confusion_are_counts() -> None:
    probabilities, labels = _sample(97, 5)
    scores = ClassificationScores(5, num_bins=3)
    scores.update(probabilities, labels)
    found = probabilities.argmax(1)
    counts = [[int(((labels == i) & (found == j)).sum()) for j in range(5)] for i in range(5)]
    assert scores.confusion().tolist() == counts
    assert float(scores.compute()["accuracy"]) == pytest.approx(float((found == labels).float().mean()))
    scores.reset()
    scores.update(probabilities[:3], labels[:3])
    assert scores.confusion().sum() == 3


def test_the_five_best_count_with_more_than_ten_classes_only() -> None:
    assert "top5_accuracy" not in _scores(*_sample(31, 10), num_bins=3)
    probabilities, labels = _sample(101, 11)
    right = [label in row.topk(5).indices.tolist() for row, label in zip(probabilities, labels.tolist(), strict=True)]
    assert _scores(probabilities, labels, num_bins=3)["top5_accuracy"] == pytest.approx(sum(right) / 101, abs=1e-6)


def test_precision_recall_and_f1_of_each_class() -> None:
    counts = torch.tensor([[5, 1, 0], [2, 3, 0], [1, 0, 0]])
    found = scores_by_class(counts, ["T-shirt/top", "Bag", "Coat"])
    assert found["precision_t_shirt_top"] == pytest.approx(5 / 8)
    assert found["recall_t_shirt_top"] == pytest.approx(5 / 6)
    assert found["f1_t_shirt_top"] == pytest.approx(2 * (5 / 8) * (5 / 6) / (5 / 8 + 5 / 6))
    assert found["recall_bag"] == pytest.approx(3 / 5)
    assert [found[f"{measure}_coat"] for measure in ("f1", "precision", "recall")] == [0, 0, 0]


def test_a_class_that_no_image_is_of_has_no_scores() -> None:
    found = scores_by_class(torch.tensor([[5, 1, 0], [0, 0, 0], [1, 0, 2]]), ["a", "b", "c"])
    assert {name.rpartition("_")[2] for name in found} == {"a", "c"}
    assert found["precision_a"] == pytest.approx(5 / 6)


@pytest.mark.parametrize("classes", [["a b", "a-b"], ["狗", "cat"], ["!", "?"]])
def test_classes_never_share_a_metric(classes: list[str]) -> None:
    found = scores_by_class(torch.tensor([[5, 1], [2, 3]]), classes)
    assert len(found) == 6
    assert all(not name.endswith("_") for name in found)


def test_a_bin_that_is_too_sure_and_one_that_is_not_sure_enough_add_up() -> None:
    probabilities = torch.tensor([[0.8, 0.2], [0.55, 0.45]])  # wrong, by 0.8; right, by 0.45
    labels = torch.tensor([1, 0])
    assert _scores(probabilities, labels, num_bins=4)["calibration_error"] == pytest.approx((0.8 + 0.45) / 2)
    assert calibration_error(in_bins(probabilities, labels, num_bins=4).tolist()) == pytest.approx((0.8 + 0.45) / 2)
    assert _scores(probabilities, labels, num_bins=1)["calibration_error"] == pytest.approx((0.8 - 0.45) / 2)
