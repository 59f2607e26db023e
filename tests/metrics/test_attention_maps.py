"""Statistics of maps are exact on maps made by hand."""

import math

import pytest
import torch

from attnlab.metrics.attention_maps import MapSums

LN2, LN3 = math.log(2), math.log(3)


def _allowed(rows: list[list[int]]) -> torch.Tensor:
    return torch.tensor(rows, dtype=torch.bool)[None, None]


def test_each_number_is_that_of_the_definition() -> None:
    # Two heads, two queries: the second may attend the first two keys alone.
    weights = torch.tensor([[[[1 / 3, 1 / 3, 1 / 3], [0.5, 0.5, 0.0]], [[0.0, 0.5, 0.5], [1.0, 0.0, 0.0]]]])
    sums = MapSums()
    sums.add(weights, _allowed([[1, 1, 1], [1, 1, 0]]))
    found = sums.result()
    assert found is not None
    assert found.num_queries == 2
    assert found.even == pytest.approx((1 / 3 + 1 / 2) / 2)
    first, second = found.heads
    assert first.entropy == pytest.approx((LN3 + LN2) / 2)
    assert first.relative_entropy == pytest.approx(1)
    assert (first.first, first.last) == pytest.approx(((1 / 3 + 1 / 2) / 2, (1 / 3 + 1 / 2) / 2))
    assert second.entropy == pytest.approx(LN2 / 2)
    assert second.relative_entropy == pytest.approx(LN2 / LN3 / 2)
    assert (second.first, second.last) == pytest.approx((0.5, 0.25))
    middle = [[1 / 6, 5 / 12, 5 / 12], [0.75, 0.25]]
    entropies = [-sum(p * math.log(p) for p in row) for row in middle]
    divergences = [entropies[0] - (LN3 + LN2) / 2, entropies[1] - LN2 / 2]
    assert found.redundancy == pytest.approx(1 - sum(divergences) / 2 / LN2)


def test_padding_and_rows_without_a_choice_count_nothing() -> None:
    weights = torch.tensor([[[[0.2, 0.8], [0.5, 0.5], [1.0, 0.0], [0.0, 0.0]]]])
    allowed = _allowed([[1, 1], [1, 1], [1, 0], [1, 1]])
    sums = MapSums()
    sums.add(weights, allowed, torch.tensor([[True, False, True, True]]))
    found = sums.result()
    assert found is not None
    assert found.num_queries == 1
    assert found.heads[0].first == pytest.approx(0.2)
    assert found.redundancy is None
    nothing = MapSums()
    nothing.add(weights, torch.zeros_like(allowed))
    assert nothing.result() is None


def test_batches_add_up_and_weights_need_not_sum_to_one() -> None:
    draw = torch.rand(7, 3, 5, 11, generator=torch.Generator().manual_seed(0))
    allowed = torch.ones(7, 1, 5, 11, dtype=torch.bool)
    whole, parts = MapSums(), MapSums()
    whole.add(draw / draw.sum(-1, keepdim=True), allowed)
    parts.add(0.25 * draw[:3], allowed[:3])
    parts.add(draw[3:] - 0.0, allowed[3:])
    one, other = whole.result(), parts.result()
    assert one is not None
    assert other is not None
    assert one.heads[2].entropy == pytest.approx(other.heads[2].entropy, rel=1e-6)
    assert one.redundancy == pytest.approx(other.redundancy, rel=1e-6)


def test_heads_that_share_alike_are_redundant_and_those_that_share_no_key_are_not() -> None:
    allowed = torch.ones(1, 1, 1, 4, dtype=torch.bool)
    for heads, redundancy in (([[0.1, 0.2, 0.3, 0.4]] * 2, 1.0), ([[0.5, 0.5, 0, 0], [0, 0, 0.9, 0.1]], 0.0)):
        sums = MapSums()
        sums.add(torch.tensor([[[row] for row in heads]]), allowed)
        found = sums.result()
        assert found is not None
        assert found.redundancy == pytest.approx(redundancy, abs=1e-7)
