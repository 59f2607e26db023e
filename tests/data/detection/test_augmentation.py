"""Boxes follow what they are around: a picture with a bright rectangle, changed, has its box around the rectangle."""

from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from attnlab.data import DetectionAugmentation

HEIGHT, WIDTH = 37, 53
STRONG: dict[str, Any] = {
    "horizontal_flip": True,
    "vertical_flip": True,
    "min_window": 0.5,
    "max_window": 1.6,
    "min_visible": 0.3,
}


def _marked(box: tuple[int, int, int, int]) -> Tensor:
    picture = torch.zeros(1, HEIGHT, WIDTH, dtype=torch.uint8)
    picture[:, box[1] : box[3], box[0] : box[2]] = 255
    return picture


def _around(picture: Tensor) -> list[float]:
    """Around the pixels that are brighter than half, widened by what the edge's own brightness says."""
    rows, columns = (picture[0] > 127).nonzero(as_tuple=True)
    return [columns.min().item(), rows.min().item(), columns.max().item() + 1, rows.max().item() + 1]


@settings(max_examples=60, deadline=None)
@given(st.integers(3, 30), st.integers(3, 20), st.integers(9, 20), st.integers(9, 14), st.integers(0, 10_000))
def test_the_box_stays_around_what_it_is_around(left: int, top: int, width: int, height: int, seed: int) -> None:
    box = (left, top, left + width, top + height)
    augmentation = DetectionAugmentation(**STRONG)
    boxes, labels = torch.tensor([box], dtype=torch.float32), torch.tensor([4])
    picture, found, kept = augmentation(_marked(box), boxes, labels, key=(seed, 1, 2))
    assert picture.shape == (1, HEIGHT, WIDTH)
    assert picture.dtype == torch.uint8
    if len(kept):
        assert kept.tolist() == [4]
        # Interpolation moves an edge by a pixel of the smaller scale at most.
        assert torch.allclose(found[0], torch.tensor(_around(picture)).float(), atol=1.6)
    else:
        assert (picture > 127).float().mean() < 0.4 * width * height / (HEIGHT * WIDTH) * 4


def test_a_pass_and_a_picture_decide_what_is_drawn() -> None:
    augmentation = DetectionAugmentation(**STRONG, brightness=0.5, contrast=0.5, saturation=0.5, hue=0.2)
    picture = torch.randint(0, 256, (3, HEIGHT, WIDTH), generator=torch.Generator().manual_seed(3)).byte()
    boxes, labels = torch.tensor([[3.0, 5, 40, 30]]), torch.tensor([1])
    before = picture.clone(), boxes.clone()
    torch.manual_seed(1)
    first = augmentation(picture, boxes, labels, key=(1, 2, 3))
    torch.manual_seed(2)
    again = augmentation(picture, boxes, labels, key=(1, 2, 3))
    assert all(torch.equal(one, other) for one, other in zip(first, again, strict=True))
    for key in ((2, 2, 3), (1, 3, 3), (1, 2, 4)):
        assert not torch.equal(augmentation(picture, boxes, labels, key=key)[0], first[0])
    assert torch.equal(picture, before[0])
    assert torch.equal(boxes, before[1])


def test_every_other_picture_is_mirrored_each_way() -> None:
    box = (3, 5, 20, 11)
    mirrored = {(0, 0): 0, (0, 1): 0, (1, 0): 0, (1, 1): 0}
    for seed in range(400):
        augmentation = DetectionAugmentation(horizontal_flip=True, vertical_flip=True)
        _, found, _ = augmentation(_marked(box), torch.tensor([box]).float(), torch.tensor([0]), key=(7, seed))
        left, top, right, bottom = found[0].tolist()
        sideways, upside_down = int(left != 3), int(top != 5)
        mirrored[sideways, upside_down] += 1
        assert (left, right) == ((WIDTH - 20, WIDTH - 3) if sideways else (3, 20))
        assert (top, bottom) == ((HEIGHT - 11, HEIGHT - 5) if upside_down else (5, 11))
    assert all(70 < count < 130 for count in mirrored.values())


def test_windows_are_of_every_size_asked_for_and_hold_or_are_held_by_the_picture() -> None:
    augmentation = DetectionAugmentation(horizontal_flip=False, min_window=0.5, max_window=2.0)
    whole = torch.full((1, HEIGHT, WIDTH), 255, dtype=torch.uint8)
    boxes, labels = torch.tensor([[0.0, 0, WIDTH, HEIGHT]]), torch.tensor([0])
    shares = []
    for seed in range(200):
        picture, found, kept = augmentation(whole, boxes, labels, key=(seed,))
        if not len(kept):  # less than its share is left: zoomed in by more than that
            shares.append(0.5)
            continue
        bright = (picture > 127).float().mean().item()
        width, height = (found[0, 2:] - found[0, :2]).tolist()
        assert bright == pytest.approx(width * height / (WIDTH * HEIGHT), abs=0.1)
        shares.append(width / WIDTH)
    assert min(shares) < 0.55
    assert max(shares) == 1.0
    assert 0.3 < sum(share < 0.99 for share in shares) / len(shares) < 0.9


def test_an_object_of_which_too_little_is_left_is_dropped() -> None:
    lenient, strict = (
        DetectionAugmentation(horizontal_flip=False, min_window=0.5, max_window=0.5, min_visible=each)
        for each in (0.0, 0.9)
    )
    box = (10, 8, 40, 30)
    boxes, labels = torch.tensor([box]).float(), torch.tensor([2])
    kept = [
        [len(each(_marked(box), boxes, labels, key=(seed,))[2]) for seed in range(60)] for each in (lenient, strict)
    ]
    assert sum(kept[0]) == 60
    assert sum(kept[1]) < 30


def test_a_picture_without_objects_stays_one() -> None:
    picture, boxes, labels = DetectionAugmentation(**STRONG)(
        _marked((0, 0, 5, 5)), torch.zeros(0, 4), torch.zeros(0, dtype=torch.int64), key=(1,)
    )
    assert picture.shape == (1, HEIGHT, WIDTH)
    assert boxes.shape == (0, 4)
    assert labels.shape == (0,)


def test_nothing_is_changed_where_nothing_is_asked_for() -> None:
    picture = torch.randint(0, 256, (3, HEIGHT, WIDTH), generator=torch.Generator().manual_seed(3)).byte()
    boxes, labels = torch.tensor([[3.0, 5, 40, 30], [1, 1, 2, 2]]), torch.tensor([1, 0])
    found = DetectionAugmentation(horizontal_flip=False)(picture, boxes, labels, key=(1,))
    assert all(torch.equal(one, other) for one, other in zip(found, (picture, boxes, labels), strict=True))


@pytest.mark.parametrize("change", ["brightness", "contrast", "saturation", "hue"])
def test_light_and_colour_change_by_as_much_as_was_asked_and_boxes_do_not(change: str) -> None:
    picture = torch.randint(60, 200, (3, HEIGHT, WIDTH), generator=torch.Generator().manual_seed(3)).byte()
    boxes, labels = torch.tensor([[3.0, 5, 40, 30]]), torch.tensor([1])
    augmentation = DetectionAugmentation(horizontal_flip=False, **{change: 0.2})
    found = [augmentation(picture, boxes, labels, key=(seed,)) for seed in range(20)]
    assert all(torch.equal(each[1], boxes) for each in found)
    means = torch.tensor([each[0].float().mean() / picture.float().mean() for each in found])
    if change == "brightness":
        assert 0.79 < means.min() < 0.9 < 1.1 < means.max() < 1.21
    else:
        assert (means - 1).abs().max() < 0.03
    assert len({each[0].numpy().tobytes() for each in found}) > 15
    if change in ("saturation", "hue"):  # which grey pictures haven't
        grey = augmentation(picture[:1], boxes, labels, key=(1,))[0]
        assert torch.equal(grey, picture[:1])


@pytest.mark.parametrize(
    "change, message",
    [
        ({"min_window": 0.0}, "windows must lie between min_window above 0 and a greater max_window, got 0.0 and 1.0"),
        ({"min_window": 1.2}, "windows must lie between min_window above 0 and a greater max_window, got 1.2 and 1.0"),
        ({"hue": 0.6}, "hue must lie from 0 to 0.5, got 0.6"),
        ({"min_visible": -0.1}, "min_visible must lie from 0 to 1, got -0.1"),
        ({"brightness": 1.5}, "brightness must lie from 0 to 1, got 1.5"),
    ],
)
def test_numbers_out_of_their_range_are_refused(change: dict[str, float], message: str) -> None:
    with pytest.raises(ValueError, match=message) as refusal:
        DetectionAugmentation(**change)
    assert f"(set data.augmentation.{next(iter(change))})" in str(refusal.value)
