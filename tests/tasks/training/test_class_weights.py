"""How much a class counts."""

import pytest
import torch

from attnlab.tasks.training.class_weights import ClassWeights, balanced, check_class_weights


def test_balanced_classes_count_alike_and_an_image_counts_one_on_average() -> None:
    labels = torch.tensor([0] * 7 + [1] * 2 + [2])
    weights = balanced(labels, 3)
    assert torch.allclose(weights, torch.tensor([10 / 21, 10 / 6, 10 / 3]))
    sums = torch.zeros(3).index_add(0, labels, weights[labels])
    assert torch.allclose(sums, sums.mean().expand(3))
    assert weights[labels].mean().item() == pytest.approx(1)
    assert balanced(labels, 4)[3] == 1


@pytest.mark.parametrize(
    "given, message",
    [
        ([1.0, 2.0], r"one for each of the 3 classes, in their order, got 2 \(set task.class_weights\)"),
        ([1, 0, 2], r"must be above 0 and finite, got \[1, 0, 2\] \(set task.class_weights\)"),
        ([1, float("inf"), 2], r"must be above 0 and finite"),
    ],
)
def test_weights_that_cant_be_are_refused(given: ClassWeights, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        check_class_weights(given, 3)


@pytest.mark.parametrize("given", [None, "balanced", [1, 2.5, 3]])
def test_others_are_taken(given: ClassWeights) -> None:
    check_class_weights(given, 3)
    check_class_weights(given, None)
