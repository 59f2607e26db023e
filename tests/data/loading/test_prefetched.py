"""Batches that other processes make come in order, and a mistake over there is one line here."""

import os
import signal
import time
from collections.abc import Callable
from itertools import count, islice
from multiprocessing import active_children

import pytest
import torch

from attnlab.data.loading.prefetched import Prefetched
from attnlab.errors import Fault, UserError


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


def _killed(number: int) -> int:
    if number == 3:
        os.kill(os.getpid(), signal.SIGKILL)
    return number


def _sleeps(number: int) -> int:
    time.sleep(60 if number == 3 else 0)
    return number


@pytest.mark.parametrize(
    "make, said",
    [
        (_killed, "the processes that make batches must live, got one that "),
        (_sleeps, r"a batch must be made within 1 s, got none from 1 processes \(set a larger data.worker_timeout, or"),
    ],
)
def test_a_process_that_is_gone_or_hangs_is_told_and_none_is_left(make: Callable[[int], int], said: str) -> None:
    batches = iter(Prefetched(range(7), make, num_workers=1, timeout=1))
    with pytest.raises(Fault, match=said):
        list(batches)
    assert not [each for each in active_children() if each.is_alive()]


def test_time_does_not_pass_between_batches() -> None:
    """However long training takes for one."""
    batches = iter(Prefetched(range(7), _itself, num_workers=1, timeout=0.5))
    found = [next(batches)]
    time.sleep(1.5)
    assert [*found, *batches] == list(range(7))
