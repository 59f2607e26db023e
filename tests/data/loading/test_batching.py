"""What every plan of batches keeps: all rows once, the budget, the seed's order."""

import logging
import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attnlab.data.loading.batching import PlansByLength, evaluation_batches, padding_share, train_batches


def _lengths(rows: int, sides: int = 2) -> np.ndarray:
    return np.random.default_rng(13).integers(1, 47, size=(rows, sides))


def _rows(batches: list[np.ndarray]) -> list[list[int]]:
    return [rows.tolist() for rows in batches]


@settings(max_examples=60, deadline=None)
@given(
    rows=st.integers(1, 211),
    budget=st.integers(1, 700),
    world_size=st.sampled_from([1, 2, 3, 7]),
    epoch=st.integers(0, 5),
    sides=st.sampled_from([1, 2]),
)
def test_a_pass_over_all_ranks_holds_every_row_once(
    rows: int, budget: int, world_size: int, epoch: int, sides: int
) -> None:
    lengths = _lengths(rows, sides)
    batches = train_batches(lengths, budget=budget, seed=3, epoch=epoch, world_size=world_size)
    assert len(batches) % world_size == 0
    flat = np.concatenate(batches)
    assert set(flat.tolist()) == set(range(rows))
    if len(batches) <= rows:  # else there aren't enough rows to give every rank another one
        assert len(flat) == rows
    for batch in batches:
        cells = len(batch) * lengths[batch].max(axis=0).sum()
        assert cells <= budget or len(batch) == 1


def test_an_uneven_number_of_batches_is_evened_without_repeating_a_row() -> None:
    lengths = _lengths(211)
    alone = train_batches(lengths, budget=300, seed=0, epoch=0)
    assert len(alone) % 7  # else this would show nothing
    shared = train_batches(lengths, budget=300, seed=0, epoch=0, world_size=7)
    assert len(shared) == 7 * -(-len(alone) // 7)
    assert sorted(np.concatenate(shared).tolist()) == list(range(211))


def test_the_order_is_a_function_of_seed_and_epoch() -> None:
    lengths = _lengths(211)
    plan = {
        (seed, epoch): _rows(train_batches(lengths, budget=300, seed=seed, epoch=epoch))
        for seed in (0, 1)
        for epoch in (0, 1)
    }
    assert plan[0, 0] == _rows(train_batches(lengths, budget=300, seed=0, epoch=0))
    assert plan[0, 0] != plan[0, 1]
    assert plan[0, 1] != plan[1, 0]
    # Not only the batches' order changes: different sentences meet.
    assert {frozenset(rows) for rows in plan[0, 0]} != {frozenset(rows) for rows in plan[0, 1]}


@pytest.mark.parametrize("world_size", [1, 2, 5])
def test_evaluation_drops_and_repeats_nothing(world_size: int) -> None:
    lengths = _lengths(97)
    shards = [evaluation_batches(lengths, budget=1000, rank=rank, world_size=world_size) for rank in range(world_size)]
    assert all(shards)
    rows = np.concatenate([batch for shard in shards for batch in shard])
    assert sorted(rows.tolist()) == list(range(97))


def test_every_rank_has_something_to_evaluate() -> None:
    shards = [evaluation_batches(_lengths(5), budget=10**6, rank=rank, world_size=5) for rank in range(5)]
    assert sorted(batch.tolist() for shard in shards for batch in shard) == [[0], [1], [2], [3], [4]]


def test_sentences_of_equal_length_need_no_padding() -> None:
    lengths = np.full((30, 2), 11)
    batches = train_batches(lengths, budget=22 * 7, seed=0, epoch=0)
    assert padding_share(lengths, batches) == 0
    assert max(map(len, batches)) == 7


def test_padding_share_counts_each_side_to_its_own_longest() -> None:
    lengths = np.array([[2, 5], [3, 1]])
    assert padding_share(lengths, [np.array([0, 1])]) == pytest.approx(1 - 11 / 16)


def test_planning_a_pass_over_30000_pairs_takes_less_than_100_ms() -> None:
    lengths = np.random.default_rng(0).gamma(4, 8, size=(30_000, 2)).astype(np.int64) + 1
    times = []
    for epoch in range(5):
        start = time.process_time()
        train_batches(lengths, budget=4096, seed=0, epoch=epoch)
        times.append(time.process_time() - start)
    assert min(times) < 0.1


def test_plans_are_of_each_splits_lengths() -> None:
    train, test = _lengths(97), _lengths(13)
    plans = PlansByLength(lengths={"train": train, "test": test}, budget=211, seed=3)
    assert (plans.num_examples("train"), plans.num_examples("test")) == (97, 13)
    planned = train_batches(train, budget=211, seed=3, epoch=2, world_size=2)
    assert _rows(plans.train_plan(2, 2)) == _rows(planned)
    assert plans.padding_share() == padding_share(train, train_batches(train, budget=211, seed=3, epoch=0))
    assert plans.num_train_tokens() == train.sum()
    assert PlansByLength(lengths={"test": test}, budget=211, seed=3).num_train_tokens() is None
    assert _rows(plans.evaluation_plan("test", rank=1, world_size=2)) == _rows(
        evaluation_batches(test, budget=211, rank=1, world_size=2)
    )


def test_a_process_is_alone_unless_it_is_said() -> None:
    lengths = _lengths(97)
    for batches in (train_batches(lengths, budget=211, seed=3, epoch=0), evaluation_batches(lengths, budget=211)):
        assert sorted(np.concatenate(batches).tolist()) == list(range(97))


def test_a_budget_that_most_examples_fill_alone_is_said_to_be_one_of_tokens(caplog: pytest.LogCaptureFixture) -> None:
    lengths = {"train": np.array([[9, 9]] * 3 + [[2, 2]] * 2), "test": np.array([[99, 99]] * 5)}
    with caplog.at_level(logging.WARNING):
        PlansByLength(lengths=lengths, budget=36, seed=0)
        PlansByLength(lengths={"test": lengths["test"]}, budget=36, seed=0)
        assert not caplog.messages
        PlansByLength(lengths=lengths, budget=35, seed=0)
    [said] = caplog.messages
    assert "3 of 5 are longer than half of data.batch_tokens=35, which counts tokens, not examples" in said
