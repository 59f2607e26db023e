"""Which of many are shown."""

from itertools import pairwise

import pytest
import torch

from attnlab.reporting.pictures import AttentionPicture, merged, some_of, spread


@pytest.mark.parametrize(
    "num, most, numbers", [(5, 7, [0, 1, 2, 3, 4]), (11, 4, [0, 3, 7, 10]), (11, 1, [0]), (0, 3, [])]
)
def test_a_spread_keeps_the_ends(num: int, most: int, numbers: list[int]) -> None:
    assert spread(num, most) == numbers


@pytest.mark.parametrize("num", [1, 3, 7, 11, 100])
def test_some_are_as_many_as_were_asked_for_in_order_from_the_first(num: int) -> None:
    found = list(some_of(range(11), num))
    assert len(found) == min(num, 11)
    assert found[0] == 0
    assert len({after - before for before, after in pairwise(found)}) <= 1
    assert not some_of([], num)


def test_merged_columns_are_summed_and_merged_rows_are_means() -> None:
    weights = torch.rand(2, 5, 7).softmax(dim=-1)
    picture = AttentionPicture("n", "t", weights, list("abcde"), list("ABCDEFG"), copy_probabilities=[0, 1, 0.5, 1, 0])
    rows, columns = [("a", 1), ("猫", 3), ("e", 1)], [("AB", 2), ("C", 1), ("D", 1), ("E", 1), ("FG", 2)]
    found = merged(picture, rows=rows, columns=columns)
    assert (found.query_labels, found.key_labels) == (["a", "猫", "e"], ["AB", "C", "D", "E", "FG"])
    assert found.weights.shape == (2, 3, 5)
    torch.testing.assert_close(found.weights[1, 1, 4], weights[1, 1:4, 5:].sum() / 3)
    torch.testing.assert_close(found.weights.sum(dim=-1), torch.ones(2, 3))
    assert found.copy_probabilities == pytest.approx([0, 2.5 / 3, 0])
    assert (found.name, found.title) == ("n", "t")
