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
    weights = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
    assert deletion.fitted(weights, (2, 3)).tolist() == weights.tolist()
    assert deletion.fitted(weights, (1, 6)).tolist() == [[1, 1, 2, 2, 3, 3]]
    assert deletion.fitted(weights, (4, 1)).tolist() == [[1], [1], [4], [4]]


def test_of_each_output_its_own_inputs_are_deleted() -> None:
    weights = np.array([[0.1, 0.5, 0.4, 0.0], [0.6, 0.1, 0.0, 0.3]])
    chosen = np.array([[True, True, True, False], [True, False, False, False]])
    ranked = deletion.orders(weights, chosen, np.random.default_rng(0))
    assert [order.tolist() for order in ranked] == [[1, 2, 0], [0]]
    assert deletion.rankable(chosen).tolist() == [True, False]
    kept = [deletion.kept_after(ranked, 4, fraction)[0].tolist() for fraction in range(4)]
    assert kept == [[True, False, True, True]] * 3 + [[True, False, False, True]]
    assert deletion.kept_after(ranked, 4, 3)[1].all()


def test_greedy_deletion_finds_what_only_matters_together() -> None:
    # The first output's score falls by 1 for input 2, and then, only then, by 4 more for input 0; the second's for 4.
    def scores(left: np.ndarray) -> np.ndarray:
        assert len(left)  # nothing is computed of nothing
        first = -1.0 * ~left[:, 0, 2] - 4.0 * (~left[:, 0, 2] & ~left[:, 0, 0])
        return np.stack([first, -2.0 * ~left[:, 1, 4], 0.0 * first], axis=1)

    chosen = np.array([[True] * 5, [False, False, True, True, True], [True, False, False, False, False]])
    # Of 5 inputs 1, 1, 2 and 3 are deleted, of 3 inputs 1, 1, 1 and 2.
    drops = deletion.greedy_drops(chosen, np.zeros(3), scores)
    assert drops.tolist() == pytest.approx([(1 + 1 + 5 + 5) / 4, 2, 0])


def test_the_examples_that_are_deleted_from_greedily_are_fixed() -> None:
    assert len(deletion.greedily_deleted(500)) == 100
    assert deletion.greedily_deleted(7).tolist() == list(range(7))
    assert deletion.greedily_deleted(500).tolist() == deletion.greedily_deleted(500).tolist()


def test_donors_of_equal_length_are_those_of_ever_so_that_scores_stay() -> None:
    assert deletion.donors(np.full(40, 9), 7, (17, 0)).tolist() == [25, 8, 37, 23, 16]
    assert deletion.greedily_deleted(130).sum() == 6211
