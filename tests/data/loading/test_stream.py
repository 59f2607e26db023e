"""Training batches go on from anywhere as if nothing had happened."""

from itertools import islice

import pytest

from attnlab.data.loading.stream import TrainStream

SIZES = [5, 3, 7]


def _stream(start: int) -> list[tuple[int, int]]:
    stream = TrainStream(
        lambda epoch: SIZES[epoch % 3],
        lambda epoch, first: [(epoch, number) for number in range(first, SIZES[epoch % 3])],
        start=start,
    )
    return list(islice(stream, 23))


@pytest.mark.parametrize("start", [1, 4, 5, 7, 8, 15, 16])
def test_a_later_start_is_the_rest_of_an_earlier_one(start: int) -> None:
    whole = _stream(0)
    assert whole[:9] == [(0, 0), (0, 1), (0, 2), (0, 3), (0, 4), (1, 0), (1, 1), (1, 2), (2, 0)]
    assert _stream(start)[: 23 - start] == whole[start:]
