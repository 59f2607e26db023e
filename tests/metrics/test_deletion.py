"""Rankings, donors and greedy deletion, one by one."""

import numpy as np
import pytest

from attnlab.metrics import deletion


@pytest.mark.parametrize(
    "num, counts", [(2, [1, 1, 1, 1]), (5, [1, 1, 2, 3]), (10, [1, 2, 3, 5]), (49, [5, 10, 15, 25])]
)
def test_each_fraction_deletes_something_and_never_all(num: int, counts: list[int]) -> None:
    assert deletion.counts_of(num) == counts


def test_a_ranking_goes_by_weight_and_ties_at_random_by_the_seed() -> None:
    weights = np.array([0.1, 0.4, 0.1, 0.3, 0.1 + 1e-9])
    orders = {tuple(deletion.ranking(weights, np.random.default_rng(seed))) for seed in range(200)}
    assert {order[:2] for order in orders} == {(1, 3)}
    assert len(orders) == 6
    again = [deletion.ranking(weights, np.random.default_rng(3)).tolist() for _ in range(2)]
    assert again[0] == again[1]


def test_even_maps_are_told_from_others_whatever_their_rounding() -> None:
    even = np.full(7, 1 / 7) + np.linspace(0, 1e-8, 7)
    assert deletion.is_flat(even)
    assert deletion.is_flat(np.zeros(7))
    assert not deletion.is_flat(np.array([0.2, 0.2, 0.21]))


def test_donors_are_five_others_of_nearest_length_and_stay_the_same() -> None:
    lengths = np.array([9, 3, 4, 9, 9, 30, 9, 9, 9, 8])
    found = deletion.donors(lengths, 0, (17, 0))
    assert sorted(lengths[found]) == [9, 9, 9, 9, 9]
    assert 0 not in found
    assert found.tolist() == deletion.donors(lengths, 0, (17, 0)).tolist()
    of_longest = deletion.donors(lengths, 5, (5, 0))
    assert set(lengths[of_longest]) == {9}
    assert len(deletion.donors(np.array([4, 5, 6]), 1, (0, 0))) == 2
    assert len(deletion.donors(np.array([4]), 0, (0, 0))) == 0


def test_another_examples_map_is_stretched() -> None:
    assert deletion.fitted(np.array([1.0, 2.0, 3.0]), 6).tolist() == [1, 1, 2, 2, 3, 3]
    assert deletion.fitted(np.arange(6.0), 3).tolist() == [0, 2, 4]
    assert deletion.fitted(np.arange(4.0), 4).tolist() == [0, 1, 2, 3]


def test_greedy_deletion_finds_what_only_matters_together() -> None:
    # The score falls by 1 for input 2, and then, only then, by 4 more for input 0.
    def scores(left: np.ndarray) -> np.ndarray:
        return -1.0 * ~left[:, 2] - 4.0 * (~left[:, 2] & ~left[:, 0])

    # 5 inputs: 1, 1, 2 and 3 deleted.
    assert deletion.greedy_drop(5, 0.0, scores) == pytest.approx((1 + 1 + 5 + 5) / 4)


def test_the_examples_that_are_deleted_from_greedily_are_fixed() -> None:
    assert len(deletion.greedily_deleted(500)) == 100
    assert deletion.greedily_deleted(7).tolist() == list(range(7))
    assert deletion.greedily_deleted(500).tolist() == deletion.greedily_deleted(500).tolist()
