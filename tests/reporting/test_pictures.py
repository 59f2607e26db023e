"""Which of many are shown."""

from itertools import pairwise

import pytest

from attnlab.reporting.pictures import some_of, spread


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
