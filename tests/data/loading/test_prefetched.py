"""Batches that other processes make come in order, and a mistake over there is one line here."""

from itertools import count, islice

import pytest
import torch

from attnlab.data.loading.prefetched import Prefetched
from attnlab.errors import UserError


def test_prefetched_batches_keep_their_order_and_length() -> None:
    assert list(Prefetched(range(7), str, num_workers=2)) == list("0123456")
    assert len(Prefetched(range(7), str, num_workers=2)) == 7


def _refuse(number: int) -> int:
    if number == 3:
        raise UserError("number 3 is broken")
    return number


@pytest.mark.parametrize("num_workers", [0, 2])
def test_a_mistake_comes_in_its_place_and_as_it_was_said(num_workers: int) -> None:
    batches = iter(Prefetched(range(7), _refuse, num_workers=num_workers))
    assert [next(batches) for _ in range(3)] == [0, 1, 2]
    with pytest.raises(UserError, match=r"^number 3 is broken$"):
        next(batches)


@pytest.mark.parametrize("num_workers", [0, 1])
def test_it_leaves_the_runs_generator_alone(num_workers: int) -> None:
    before = torch.get_rng_state()
    assert list(Prefetched(range(3), _itself, num_workers=num_workers)) == [0, 1, 2]
    assert torch.equal(before, torch.get_rng_state())


def _itself(number: int) -> int:
    return number


def test_an_order_without_end_has_no_length() -> None:
    endless = Prefetched(count(), _itself, num_workers=0)
    assert list(islice(endless, 5)) == [0, 1, 2, 3, 4]
    with pytest.raises(TypeError):
        len(endless)
