"""Losses of a set of predictions against a loop, and that no order changes them."""

import math

import pytest
import torch
from torch import Tensor

from attnlab.models import Objects
from attnlab.models.detectors.boxes import centres_to_corners, generalized_box_iou
from attnlab.models.detectors.matching import MatchingCosts, Pairs
from attnlab.models.detectors.set_losses import hungarian_pairs, in_shares, set_losses

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


def test_every_object_has_one_prediction_in_every_layer_and_empty_images_none() -> None:
    logits, boxes = _predictions(3)
    pairs = hungarian_pairs(logits, boxes, _objects(), costs=COSTS)
    by_set = {
        number: sorted(pairs.objects[pairs.sets == number].tolist())
        for number in range(NUM_LAYERS * len(_objects()[0]))
    }
    assert by_set == {0: [0, 1], 1: [], 2: [0, 1, 2], 3: [0, 1], 4: [], 5: [0, 1, 2]}
    for number in by_set:
        queries = pairs.queries[pairs.sets == number].tolist()
        assert len(set(queries)) == len(queries)


def test_without_any_object_there_are_no_pairs() -> None:
    logits, boxes = _predictions(2)
    nothing = Objects(torch.zeros(2, 1, 4), torch.full((2, 1), -1))
    pairs = hungarian_pairs(logits, boxes, nothing, costs=COSTS)
    assert [len(part) for part in pairs] == [0, 0, 0]
    losses = set_losses(logits, boxes, nothing, pairs, weights=COSTS)
    assert losses["box"] == losses["overlap"] == 0
    assert losses["label"] > 0


def _focal(logit: float, right: bool) -> float:
    share = 1 / (1 + math.exp(-logit))
    if right:
        return 0.25 * (1 - share) ** 2 * -math.log(share)
    return 0.75 * share**2 * -math.log(1 - share)


def test_the_losses_are_sums_over_layers_and_per_object() -> None:
    logits, boxes = _predictions(3)
    objects = _objects()
    pairs = hungarian_pairs(logits, boxes, objects, costs=COSTS)
    label = box = overlap = 0.0
    answers = {(number, query): which for number, query, which in zip(*(part.tolist() for part in pairs), strict=True)}
    for layer in range(NUM_LAYERS):
        for image in range(3):
            for query in range(NUM_QUERIES):
                which = answers.get((layer * 3 + image, query))
                for number in range(NUM_CLASSES):
                    right = which is not None and objects.labels[image, which] == number
                    label += _focal(logits[layer, image, query, number].item(), bool(right))
                if which is not None:
                    found, true = boxes[layer, image, query], objects.boxes[image, which]
                    box += (found - true).abs().sum().item()
                    corners = centres_to_corners(found[None]), centres_to_corners(true[None])
                    overlap += 1 - generalized_box_iou(*corners).item()
    losses = set_losses(logits, boxes, objects, pairs, weights=COSTS)
    assert losses["label"].item() == pytest.approx(2 * label / 5, rel=1e-5)
    assert losses["box"].item() == pytest.approx(5 * box / 5, rel=1e-5)
    assert losses["overlap"].item() == pytest.approx(3 * overlap / 5, rel=1e-5)


def test_the_loss_of_a_set_does_not_depend_on_its_order() -> None:
    logits, boxes = _predictions(3)
    objects = _objects()
    order = torch.tensor([3, 0, 4, 2, 1])

    def loss(logits: Tensor, boxes: Tensor, objects: Objects) -> list[float]:
        pairs = hungarian_pairs(logits, boxes, objects, costs=COSTS)
        return [part.item() for part in set_losses(logits, boxes, objects, pairs, weights=COSTS).values()]

    whole = loss(logits, boxes, objects)
    assert loss(logits[:, :, order], boxes[:, :, order], objects) == pytest.approx(whole)
    turned = Objects(objects.boxes[2:, [2, 0, 1]], objects.labels[2:, [2, 0, 1]])
    assert loss(logits[:, 2:], boxes[:, 2:], turned) == pytest.approx(
        loss(logits[:, 2:], boxes[:, 2:], Objects(objects.boxes[2:], objects.labels[2:]))
    )


def test_boxes_that_are_right_cost_nothing_and_labels_that_do_not_count_neither() -> None:
    objects = Objects(_boxes(1, 2, seed=7), torch.tensor([[1, 0]]))
    boxes = objects.boxes[:, [1, 0]].unsqueeze(0)
    logits = torch.tensor([[[[9.0, -9, -9], [-9, 9, -9]]]], dtype=torch.float64)
    pairs = hungarian_pairs(logits, boxes, objects, costs=COSTS)
    assert pairs.queries[pairs.objects.argsort()].tolist() == [1, 0]
    losses = set_losses(logits, boxes, objects, pairs, weights=COSTS)
    assert losses["box"].item() == pytest.approx(0, abs=1e-4)
    assert losses["overlap"].item() == pytest.approx(0, abs=1e-4)
    assert losses["label"].item() < 1e-6
    both, first = (
        set_losses(-logits, boxes, objects, pairs, weights=COSTS, counted=torch.tensor([each]))["label"].item()
        for each in ([True, True], [True, False])
    )
    assert 0 < first < both


def test_pairs_lead_gradients_to_their_own_predictions_alone() -> None:
    logits, boxes = (each.requires_grad_() for each in _predictions(3))
    pairs = Pairs(torch.tensor([0, 5]), torch.tensor([4, 1]), torch.tensor([1, 2]))
    set_losses(logits, boxes, _objects(), pairs, weights=COSTS)["box"].backward()
    assert boxes.grad is not None
    moved = boxes.grad.flatten(0, 1).abs().sum(-1).nonzero().tolist()
    assert moved == [[0, 4], [5, 1]]


def test_boxes_in_shares_are_of_each_images_own_size() -> None:
    objects = Objects(torch.tensor([[[2.0, 4, 10, 8]], [[0, 0, 5, 7]]]), torch.tensor([[0], [1]]))
    found = in_shares(objects, torch.tensor([[8, 20], [7, 5]]))
    assert torch.allclose(found.boxes, torch.tensor([[[0.3, 0.75, 0.4, 0.5]], [[0.5, 0.5, 1, 1]]]))
