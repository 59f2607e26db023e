"""Training batches go on from anywhere as if nothing had happened."""

from itertools import islice

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

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


@settings(max_examples=30, deadline=None)
@given(sizes=st.lists(st.integers(1, 5), min_size=1, max_size=4), start=st.integers(0, 40), more=st.integers(0, 7))
def test_a_stream_begun_anywhere_goes_on_as_if_it_had_never_ended(sizes: list[int], start: int, more: int) -> None:
    def stream(start: int) -> TrainStream:
        return TrainStream(
            lambda epoch: sizes[epoch % len(sizes)],
            lambda epoch, first: [(epoch, number) for number in range(first, sizes[epoch % len(sizes)])],
            start=start,
        )

    whole = list(islice(stream(0), start + more + 1))
    assert list(islice(stream(start), more + 1)) == whole[start:]
    assert stream(0).position(start) == whole[start]
