"""Agreement with what is known is exact on maps made by hand."""

import pytest
import torch

from attnlab.metrics.planted import aligned, placed


def test_words_of_several_tokens_are_summed_and_averaged() -> None:
    # Source: word 0 of two tokens, word 1, the end. Target: word 0, word 1 of two tokens, the end.
    weights = torch.tensor([[0.1, 0.2, 0.6, 0.1], [0.4, 0.3, 0.1, 0.2], [0.2, 0.1, 0.5, 0.2], [0.0, 0.0, 0.0, 1.0]])
    found = aligned(weights, source_words=[0, 0, 1, -1], target_words=[0, 1, 1, -1], truth=[1, 0])
    assert found.num == 2
    assert found.share == pytest.approx(0.6 + (0.7 + 0.3) / 2)
    assert found.hits == 2
    assert found.even_share == pytest.approx(1 / 4 + 2 / 4)
    assert found.even_hits == pytest.approx(2 / 2)


def test_words_that_were_cut_off_count_nothing() -> None:
    weights = torch.tensor([[0.3, 0.7], [0.5, 0.5]])
    found = aligned(weights, source_words=[0, -1], target_words=[0, -1], truth=[0, 1])
    assert (found.num, found.hits) == (1, 1)
    assert found.share == pytest.approx(0.3)
    nothing = aligned(weights, source_words=[-1, -1], target_words=[-1, -1], truth=[0])
    assert nothing.num == 0


def test_of_equal_weights_a_part_is_a_hit() -> None:
    found = aligned(torch.full((1, 4), 0.25), source_words=[0, 1, 2, -1], target_words=[0], truth=[2])
    assert found.hits == pytest.approx(1 / 3)
    assert (found.even_share, found.even_hits) == pytest.approx((1 / 4, 1 / 3))


def test_weights_lie_on_the_pixels_of_their_cells() -> None:
    pixels = torch.zeros(4, 6, dtype=torch.bool)
    pixels[:2, :3] = True  # one cell and half of another of the grid 2 x 3
    found = placed(torch.tensor([[0.5, 0.2, 0.1], [0.1, 0.1, 0.0]]), pixels)
    assert found.share == pytest.approx(0.5 + 0.1)
    assert found.hits == 1
    assert found.even_share == found.even_hits == pytest.approx(1 / 4)
    half = placed(torch.tensor([[0.1, 0.9, 0.0], [0.0, 0.0, 0.0]]), pixels)
    assert half.hits == pytest.approx(0.5)
    nothing = placed(torch.zeros(2, 3), pixels)
    assert (nothing.share, nothing.hits) == (0, 0)
