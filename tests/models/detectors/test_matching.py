"""The assignment against all permutations, and its cost against the formula."""

import math
from itertools import permutations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from attnlab.models import Objects
from attnlab.models.detectors.boxes import centres_to_corners, generalized_box_iou
from attnlab.models.detectors.matching import MatchingCosts, cost_matrix, match

COSTS = MatchingCosts(label=2.0, box=5.0, overlap=3.0)
NUM_LAYERS, NUM_QUERIES, NUM_CLASSES = 2, 5, 3


def _boxes(*shape: int, seed: int) -> Tensor:
    random = torch.Generator().manual_seed(seed)
    middle = 0.2 + 0.6 * torch.rand(*shape, 2, generator=random, dtype=torch.float64)
    return torch.cat([middle, 0.05 + 0.3 * torch.rand(*shape, 2, generator=random, dtype=torch.float64)], dim=-1)


def _predictions(num_images: int) -> tuple[Tensor, Tensor]:
    shape = (NUM_LAYERS, num_images, NUM_QUERIES)
    logits = torch.randn(*shape, NUM_CLASSES, generator=torch.Generator().manual_seed(3), dtype=torch.float64)
    return logits, _boxes(*shape, seed=5)


def _objects() -> Objects:
    """Three images with two, no and three objects."""
    labels = torch.tensor([[1, 0, -1], [-1, -1, -1], [2, 2, 0]])
    return Objects(_boxes(3, 3, seed=7) * (labels >= 0)[..., None], labels)


def test_the_cost_is_the_formula() -> None:
    logits, boxes = _predictions(1)
    objects = _objects()
    labels, targets = objects.labels[2], objects.boxes[2]
    found = cost_matrix(logits[0, 0], boxes[0, 0], labels, targets, costs=COSTS)
    overlaps = generalized_box_iou(centres_to_corners(boxes[0, 0]), centres_to_corners(targets))
    for query in range(NUM_QUERIES):
        for number in range(3):
            share = logits[0, 0, query, labels[number]].sigmoid().item()
            right = 0.25 * (1 - share) ** 2 * -math.log(share)
            wrong = 0.75 * share**2 * -math.log(1 - share)
            distance = (boxes[0, 0, query] - targets[number]).abs().sum().item()
            expected = 2 * (right - wrong) + 5 * distance - 3 * overlaps[query, number].item()
            assert found[query, number].item() == pytest.approx(expected, rel=1e-5)
    assert not found.requires_grad


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 5), st.integers(1, 5), st.integers(0, 10_000))
def test_no_other_assignment_costs_less(num_queries: int, num_objects: int, seed: int) -> None:
    cost = torch.randn(num_queries, num_objects, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
    rows, columns = match(cost)
    assert len(set(rows.tolist())) == len(set(columns.tolist())) == min(num_queries, num_objects) == len(rows)
    small, large = sorted((num_queries, num_objects))
    square = cost if num_queries <= num_objects else cost.T
    least = min(sum(square[i, j].item() for i, j in enumerate(chosen)) for chosen in permutations(range(large), small))
    assert cost[rows, columns].sum().item() == pytest.approx(least)


def test_predictions_that_are_not_numbers_are_said_to_be_so() -> None:
    with pytest.raises(FloatingPointError, match="predictions are not numbers"):
        match(torch.tensor([[0.0, float("nan")]]))
