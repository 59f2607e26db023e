"""Plans ask for what their equation says, own up to what they don't know, and hold when they are followed."""

import math

import numpy as np
import pytest
from scipy import stats

from attnlab.study.statistics.planning import (
    Need,
    SeedVariance,
    Spread,
    can_be_met,
    expected_standard_error,
    needed_for_a_difference,
    needed_for_the_same,
    pooled,
    smallest_difference,
)


def spread(variance: float, *, df: int = 24, examples: float = 0.0, num_examples: int = 1) -> Spread:
    return Spread(SeedVariance(variance, df), examples, residual=0.0, num_examples=num_examples)


def slow(margin: float, variance: float, tails: tuple[float, float]) -> int:
    for n in range(3, 1_000):
        quantiles = sum(stats.t.isf(tail, 2 * n - 2) for tail in tails)
        if margin >= quantiles * math.sqrt(2 * variance / n):
            return n
    raise AssertionError


def test_the_least_number_of_seeds_is_found() -> None:
    bounds = [0.64 * 24 / stats.chi2.isf(tail, 24) for tail in (0.1, 0.9)]
    wanted = [slow(1, bound, (0.025, 0.2)) for bound in bounds]
    assert needed_for_a_difference(1, spread(0.64)) == Need(*wanted, None)
    wanted = [slow(1, bound, (0.05, 0.1)) for bound in bounds]
    assert needed_for_the_same(1, spread(0.64)) == Need(*wanted, None)


def test_what_takes_12_is_told_as_9_to_17_from_5_seeds_of_6_arms() -> None:
    assert slow(1, 0.65, (0.025, 0.2)) == 12
    assert needed_for_a_difference(1, spread(0.65)) == Need(9, 17, None)


def test_of_several_comparisons_each_needs_more() -> None:
    one, one_of_five = needed_for_a_difference(1, spread(0.65)), needed_for_a_difference(1, spread(0.65), alpha=0.01)
    assert one_of_five.least is not None
    assert one.least is not None
    assert one_of_five.least > one.least


def test_from_few_seeds_nothing_more_is_said_than_many_more() -> None:
    assert needed_for_a_difference(1, spread(0.65, df=7)) == Need(None, None, None)
    assert needed_for_a_difference(1, spread(0.65, df=8)).least is not None


def test_where_examples_are_too_few_no_number_of_seeds_is_enough() -> None:
    need = needed_for_a_difference(0.1, spread(0.01, df=4, examples=1.0, num_examples=100))
    assert need == Need(None, None, examples=math.ceil((1.959964 + 0.841621) ** 2 / 0.01))
    assert need.examples == 785
    assert needed_for_a_difference(0.1, spread(0.0001, examples=1.0, num_examples=790)).examples is None


def test_seeds_vary_no_less_than_what_is_left_of_examples_makes_them() -> None:
    left = Spread(SeedVariance(0.0, 24), examples=0.0, residual=65.0, num_examples=100)
    assert needed_for_a_difference(1, left) == Need(12, 12, None)


def test_numbers_that_nobody_trains_are_many_more() -> None:
    assert needed_for_a_difference(1e-4, spread(1.0)) == Need(None, None, None)


def test_the_range_covers_the_truth_in_about_four_of_five_studies() -> None:
    truth, random = slow(1, 0.65, (0.025, 0.2)), np.random.default_rng(0)
    for df in (8, 24):
        needs = [needed_for_a_difference(1, spread(v, df=df)) for v in 0.65 * random.chisquare(df, 300) / df]
        held = [need.least <= truth <= need.most for need in needs if need.least and need.most]
        assert 0.73 <= np.mean(held) <= 0.93


def test_arms_are_pooled_by_their_seeds() -> None:
    rows = [np.array([0.0, 2.0]), np.array([1.0, 2.0, 3.0]), np.array([9.0])]
    assert pooled(rows) == SeedVariance(pytest.approx((2.0 * 1 + 1.0 * 2) / 3), 3)
    with pytest.raises(ValueError, match="an arm with 2 seeds"):
        pooled([np.array([1.0])])


def test_the_smallest_difference_that_could_be_seen() -> None:
    wanted = 0.5 * (stats.t.isf(0.025, 8) + stats.t.isf(0.2, 8))
    assert smallest_difference(standard_error=0.5, df=8) == pytest.approx(wanted)
    assert smallest_difference(standard_error=0.5, df=8, alpha=0.01) > wanted


def test_the_standard_error_to_expect_is_the_plans() -> None:
    kind = Spread(SeedVariance(0.5, 24), examples=3.0, residual=20.0, num_examples=100)
    assert expected_standard_error(kind, seeds=4) == pytest.approx(math.sqrt(2 * 0.5 / 4 + 3 / 100))
    still = Spread(SeedVariance(0.1, 24), examples=0.0, residual=20.0, num_examples=100)
    assert expected_standard_error(still, seeds=4) == pytest.approx(math.sqrt(2 * 0.2 / 4))


def test_a_margin_below_three_standard_errors_cannot_be_met() -> None:
    assert can_be_met(0.032, standard_error=0.01)
    assert not can_be_met(0.03, standard_error=0.01)


def test_a_margin_is_above_zero() -> None:
    with pytest.raises(ValueError, match=r"margin must be above 0, got 0 \(set margin\)"):
        needed_for_the_same(0, spread(1.0))
