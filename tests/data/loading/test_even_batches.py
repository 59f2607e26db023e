"""Every row in one batch, batches alike in size, each process with as many; classes take turns."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attnlab.data.loading.even_batches import EvenPlans, evaluation_batches, shuffled_batches, take_turns


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 211), st.integers(1, 37), st.integers(1, 5), st.integers(0, 3))
def test_a_pass_holds_every_row_once_in_batches_of_almost_one_size(
    num_items: int, batch_size: int, world_size: int, epoch: int
) -> None:
    batches = shuffled_batches(num_items, batch_size=batch_size, seed=3, epoch=epoch, world_size=world_size)
    sizes = {len(batch) for batch in batches}
    assert len(batches) % world_size == 0
    assert max(sizes) <= batch_size
    assert max(sizes) - min(sizes) <= 1
    assert min(sizes) >= 1
    rows = np.sort(np.concatenate(batches))
    if num_items >= len(batches):
        assert rows.tolist() == list(range(num_items))
    else:
        assert set(rows) == set(range(num_items))


def test_the_order_is_a_function_of_seed_and_pass() -> None:
    def order(seed: int, epoch: int) -> list[int]:
        return np.concatenate(shuffled_batches(101, batch_size=7, seed=seed, epoch=epoch)).tolist()

    assert order(1, 2) == order(1, 2)
    assert order(1, 2) != order(1, 3)
    assert order(1, 2) != order(2, 2)
    assert order(1, 2) != sorted(order(1, 2))


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 211), st.integers(1, 37), st.integers(1, 5))
def test_all_processes_together_evaluate_every_row_once(num_items: int, batch_size: int, world_size: int) -> None:
    parts = [
        evaluation_batches(num_items, batch_size=batch_size, rank=rank, world_size=world_size)
        for rank in range(world_size)
    ]
    rows = np.concatenate([batch for part in parts for batch in part])
    assert sorted(rows.tolist()) == list(range(num_items))
    assert max(len(batch) for part in parts for batch in part) <= batch_size
    if num_items >= world_size:
        assert all(parts)


def test_the_first_batches_of_an_evaluation_are_a_fair_sample() -> None:
    (first, *_) = evaluation_batches(1000, batch_size=100)
    assert 400 < first.mean() < 600


@pytest.mark.parametrize("num_items", [1, 5, 7, 11])
def test_classes_take_turns_and_rows_ascend(num_items: int) -> None:
    labels = np.array([2, 2, 0, 2, 1, 0, 2, 1, 0, 2, 2])
    chosen = take_turns(labels, num_items)
    assert chosen.tolist() == sorted(chosen)
    counts = np.bincount(labels[chosen], minlength=3)
    left = np.bincount(labels, minlength=3) - counts
    assert len(chosen) == num_items
    assert max(counts[left > 0], default=0) - min(counts[left > 0], default=0) <= 1
    for label in range(3):  # each class's own rows in order
        assert [row for row in chosen if labels[row] == label] == np.flatnonzero(labels == label)[
            : counts[label]
        ].tolist()


def test_plans_are_of_each_splits_items() -> None:
    plans = EvenPlans(num_items={"train": 23, "test": 7}, batch_size=5, seed=3)
    assert plans.num_examples("test") == 7
    planned = shuffled_batches(23, batch_size=5, seed=3, epoch=2, world_size=2)
    assert _rows(plans.train_plan(2, 2)) == _rows(planned)
    assert _rows(plans.evaluation_plan("test", rank=1, world_size=2)) == _rows(
        evaluation_batches(7, batch_size=5, rank=1, world_size=2)
    )


def _rows(batches: list[np.ndarray]) -> list[list[int]]:
    return [rows.tolist() for rows in batches]


def test_a_process_is_alone_unless_it_is_said() -> None:
    assert sorted(np.concatenate(evaluation_batches(23, batch_size=5)).tolist()) == list(range(23))
    assert sorted(np.concatenate(shuffled_batches(21, batch_size=5, seed=3, epoch=0)).tolist()) == list(range(21))
    assert len(shuffled_batches(21, batch_size=5, seed=3, epoch=0)) == 5
