"""Box arithmetic against counting pixels and against plain loops."""

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from attnlab.models.detectors.boxes import (
    box_iou,
    centres_to_corners,
    corners_to_centres,
    generalized_box_iou,
    generalized_box_iou_loss,
    inverse_sigmoid,
    visible_shares,
    within,
)

SIDE = 13


@st.composite
def _corners(draw: st.DrawFn) -> list[int]:
    """A box of whole pixels, at least one wide and high, within SIDE."""
    left, top = draw(st.integers(0, SIDE - 1)), draw(st.integers(0, SIDE - 1))
    return [left, top, draw(st.integers(left + 1, SIDE)), draw(st.integers(top + 1, SIDE))]


def _pixels(box: list[int]) -> Tensor:
    mask = torch.zeros(SIDE, SIDE, dtype=torch.bool)
    mask[box[1] : box[3], box[0] : box[2]] = True
    return mask


@settings(max_examples=50, deadline=None)
@given(st.lists(_corners(), min_size=1, max_size=4), st.lists(_corners(), min_size=1, max_size=5))
def test_overlaps_are_what_counting_pixels_gives(ones: list[list[int]], others: list[list[int]]) -> None:
    overlap, generalized = (
        function(torch.tensor(ones).double(), torch.tensor(others).double())
        for function in (box_iou, generalized_box_iou)
    )
    for row, one in enumerate(ones):
        for column, other in enumerate(others):
            both, either = (_pixels(one) & _pixels(other)).sum(), (_pixels(one) | _pixels(other)).sum()
            around = math.prod(max(one[2 + axis], other[2 + axis]) - min(one[axis], other[axis]) for axis in (0, 1))
            expected = both / either
            assert overlap[row, column].item() == pytest.approx(expected.item(), abs=1e-6)
            expected = expected - (around - either) / around
            assert generalized[row, column].item() == pytest.approx(expected.item(), abs=1e-6)


def test_the_paired_loss_is_one_minus_the_diagonal_of_all_pairs() -> None:
    ones, others = torch.tensor([[0.0, 0, 4, 3], [1, 1, 2, 7]]), torch.tensor([[2.0, 1, 6, 5], [5, 5, 8, 9]])
    loss = generalized_box_iou_loss(ones, others, reduction="none")
    assert torch.allclose(loss, 1 - generalized_box_iou(ones, others).diagonal(), atol=1e-6)


@settings(max_examples=30, deadline=None)
@given(st.lists(_corners(), min_size=1, max_size=5))
def test_the_two_forms_are_each_others_inverse(boxes: list[list[int]]) -> None:
    corners = torch.tensor(boxes).double()
    centres = corners_to_centres(corners)
    assert torch.equal(centres_to_corners(centres), corners)
    for (left, top, right, bottom), found in zip(boxes, centres.tolist(), strict=True):
        assert found == [(left + right) / 2, (top + bottom) / 2, right - left, bottom - top]


def test_boxes_are_cut_to_each_images_own_extent() -> None:
    boxes = torch.tensor([[[-3.0, 2, 5, 30], [1, 1, 2, 2]], [[10, -9, 40, 4], [50, 50, 60, 60]]])
    found = within(boxes, torch.tensor([[[11, 7]], [[23, 19]]]))
    assert found.tolist() == [[[0, 2, 5, 11], [1, 1, 2, 2]], [[10, 0, 19, 4], [19, 23, 19, 23]]]


def test_visible_shares_are_of_the_boxs_own_area() -> None:
    boxes = torch.tensor([[0.0, 0, 4, 4], [-2, 0, 2, 4], [5, 9, 9, 13], [20, 20, 30, 30], [3, 3, 3, 8]])
    assert visible_shares(boxes, torch.tensor([11, 7])).tolist() == [1.0, 0.5, 0.25, 0.0, 0.0]


def test_the_inverse_sigmoid_is_one_and_stays_finite_at_the_ends() -> None:
    shares = torch.tensor([0.0, 0.001, 0.3, 0.5, 0.97, 1.0], dtype=torch.float64)
    numbers = inverse_sigmoid(shares)
    assert numbers.isfinite().all()
    assert torch.allclose(numbers.sigmoid(), shares, atol=1e-4)
    assert torch.allclose(numbers.sigmoid()[1:5], shares[1:5], atol=1e-12)
