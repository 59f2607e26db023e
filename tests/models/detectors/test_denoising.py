"""Shaken objects: how far, whose, and that nothing of them is seen by those that must find them."""

import pytest
import torch

from attnlab.models import Objects
from attnlab.models.detectors.denoising import Denoising

NUM_CLASSES, NUM_GROUPS = 7, 3


def _objects() -> Objects:
    boxes = torch.tensor([[[0.5, 0.4, 0.2, 0.3], [0.3, 0.6, 0.1, 0.5]], [[0.7, 0.7, 0.2, 0.2], [0, 0, 0, 0]]])
    return Objects(boxes, torch.tensor([[2, 5], [0, -1]]))


def _made(**changes: float) -> Denoising:
    torch.manual_seed(3)
    arguments = {"box_noise": 0.4, "label_noise": 0.0} | changes
    return Denoising(11, num_classes=NUM_CLASSES, num_groups=NUM_GROUPS, **arguments)


def test_each_group_has_every_object_in_a_row_of_its_own() -> None:
    noisy = _made()(_objects(), most=9)
    assert noisy is not None
    assert noisy.content.shape == (2 * NUM_GROUPS, 2, 11)
    assert noisy.mask.tolist() == [[True, True]] * 3 + [[True, False]] * 3
    assert noisy.objects.labels.tolist() == [[2, 5]] * 3 + [[0, -1]] * 3
    # Every group is shaken on its own.
    assert len({tuple(row) for row in noisy.anchors[:3, 0].tolist()}) == 3


def test_boxes_are_shaken_by_at_most_the_noise() -> None:
    denoising, objects = _made(), _objects()
    greatest = torch.zeros(4)
    for _ in range(100):
        noisy = denoising(objects, most=9)
        assert noisy is not None
        moved = (noisy.anchors.sigmoid() - noisy.objects.boxes).abs()[noisy.mask]
        sizes = noisy.objects.boxes[noisy.mask][:, 2:]
        share = moved / torch.cat([sizes / 2, sizes], dim=1)
        greatest = greatest.maximum(share.amax(dim=0))
    assert (greatest <= 0.4 + 1e-3).all()
    assert (greatest > 0.35).all()


def test_a_share_of_the_labels_is_exchanged_for_others() -> None:
    objects = Objects(torch.full((1, 1, 4), 0.5), torch.tensor([[4]]))
    denoising = _made(label_noise=0.25)
    denoising.content.weight.data = torch.arange(NUM_CLASSES).float()[:, None].expand(-1, 11).clone()
    seen = [int(denoising(objects, most=1).content[row, 0, 0]) for _ in range(300) for row in range(NUM_GROUPS)]
    kept = seen.count(4) / len(seen)
    assert kept == pytest.approx(0.75, abs=0.05)
    assert set(seen) == set(range(NUM_CLASSES))


def test_with_one_class_there_is_no_other_label() -> None:
    denoising = Denoising(11, num_classes=1, num_groups=1, box_noise=0.1, label_noise=1.0)
    assert denoising(Objects(torch.full((1, 1, 4), 0.5), torch.tensor([[0]])), most=1) is not None


def test_no_more_objects_than_queries_are_taken_and_none_of_none() -> None:
    noisy = _made()(_objects(), most=1)
    assert noisy is not None
    assert noisy.objects.labels.tolist() == [[2]] * 3 + [[0]] * 3
    assert _made()(Objects(torch.zeros(2, 1, 4), torch.full((2, 1), -1)), most=9) is None


def test_every_query_answers_for_its_own_object_in_every_layer() -> None:
    noisy = _made()(_objects(), most=9)
    assert noisy is not None
    pairs = noisy.pairs(num_layers=2)
    rows = [(0, 0), (0, 1), (1, 0), (1, 1), (2, 0), (2, 1), (3, 0), (4, 0), (5, 0)]
    expected = [(layer * 6 + row, query, query) for layer in range(2) for row, query in rows]
    assert list(zip(*(part.tolist() for part in pairs), strict=True)) == expected


@pytest.mark.parametrize(
    "change, message",
    [
        ({"box_noise": 1.0}, r"box_noise must lie in \(0, 1\), got 1.0 \(set model.box_noise\)"),
        ({"label_noise": 1.5}, r"label_noise must lie in \[0, 1\], got 1.5 \(set model.label_noise\)"),
    ],
)
def test_noise_out_of_its_range_is_refused(change: dict[str, float], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        _made(**change)
