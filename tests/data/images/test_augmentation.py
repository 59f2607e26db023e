"""Augmented images are those a loop would make, from draws that depend on a key alone."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from attnlab.data.images.augmentation import Augmentation, Draws, augment


def _images(batch: int, channels: int, height: int, width: int) -> Tensor:
    # No zeros: a zero in the result is a place that was outside.
    return torch.randint(1, 256, (batch, channels, height, width), generator=torch.Generator().manual_seed(3)).byte()


def _by_hand(image: Tensor, down: int, right: int, flip: bool) -> Tensor:
    """One image, pixel by pixel: the window moves by (down, right), then the view is mirrored."""
    _, height, width = image.shape
    result = torch.zeros_like(image)
    for row in range(height):
        for column in range(width):
            source_row, source_column = row + down, column + right
            if 0 <= source_row < height and 0 <= source_column < width:
                result[:, row, width - 1 - column if flip else column] = image[:, source_row, source_column]
    return result


@settings(max_examples=30, deadline=None)
@given(st.sampled_from([1, 3]), st.lists(st.tuples(st.integers(-9, 9), st.integers(-9, 9), st.booleans()), min_size=1))
def test_a_batch_is_each_image_on_its_own(channels: int, drawn: list[tuple[int, int, bool]]) -> None:
    images = _images(len(drawn), channels, 5, 7)
    draws = Draws(torch.tensor([each[:2] for each in drawn]), torch.tensor([each[2] for each in drawn]))
    before = images.clone()
    expected = torch.stack([_by_hand(image, *each) for image, each in zip(images, drawn, strict=True)])
    found = augment(images, draws)
    assert found.dtype == torch.uint8
    assert torch.equal(found, expected)
    assert torch.equal(images, before)


def test_draws_are_a_function_of_the_key_and_differ_between_keys_and_images() -> None:
    augmentation = Augmentation(max_shift=4, horizontal_flip=True)
    one, again = (augmentation.draw(101, key=(3, 5, 7)) for _ in range(2))
    assert one is not None
    assert again is not None
    assert torch.equal(one.shifts, again.shifts)
    assert torch.equal(one.flips, again.flips)
    for key in ((4, 5, 7), (3, 6, 7), (3, 5, 8)):
        assert not torch.equal(one.shifts, augmentation.draw(101, key=key).shifts)  # type: ignore[union-attr]
    assert len(one.shifts.unique(dim=0)) > 30


def test_every_shift_is_drawn_equally_often_and_every_other_image_is_mirrored() -> None:
    draws = Augmentation(max_shift=2, horizontal_flip=True).draw(10_007, key=(0,))
    assert draws is not None
    assert (draws.shifts.min(), draws.shifts.max()) == (-2, 2)
    shares = torch.bincount((draws.shifts + 2).flatten()) / draws.shifts.numel()
    assert torch.allclose(shares, torch.full((5,), 0.2), atol=0.02)
    assert abs(draws.flips.float().mean() - 0.5) < 0.02


def test_nothing_is_drawn_where_nothing_is_asked_for() -> None:
    assert Augmentation(max_shift=0, horizontal_flip=False).draw(31, key=(0,)) is None
    flips = Augmentation(max_shift=0, horizontal_flip=True).draw(31, key=(0,))
    assert flips is not None
    assert not flips.shifts.any()
    shifts = Augmentation(max_shift=1, horizontal_flip=False).draw(31, key=(0,))
    assert shifts is not None
    assert not shifts.flips.any()


def test_a_negative_shift_is_refused() -> None:
    with pytest.raises(ValueError, match=r"max_shift must be 0 or more, got -1 \(set data.max_shift\)"):
        Augmentation(max_shift=-1, horizontal_flip=True)
