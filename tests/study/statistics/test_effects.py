"""Effects are Welch's where nothing but seeds varies, wider where more does, and refuse what has no interval."""

import numpy as np
import pytest
from scipy import stats

from attnlab.errors import UserError
from attnlab.study.statistics.effects import (
    Effect,
    check_pairing,
    correlation_over_seeds,
    independent_runs,
    independent_seeds,
    pair_of_models,
    paired_seeds,
    varies,
    welch,
)
from attnlab.study.statistics.mean_squares import mean_squares, paired_squares

RANDOM = np.random.default_rng(7)
X, Y = RANDOM.normal(0.5, 1, 5), RANDOM.normal(0, 2, 7)


def of_examples_alike(rows: np.ndarray) -> np.ndarray:
    """Scores in which an example changes nothing but what it is in every run."""
    return rows[:, None] + np.linspace(-1, 1, 11)


def test_welch_is_scipys() -> None:
    found, wanted = welch(X, Y), stats.ttest_ind(X, Y, equal_var=False)
    assert found.p_value() == pytest.approx(wanted.pvalue)
    assert found.df == pytest.approx(wanted.df)
    interval = wanted.confidence_interval(0.95)
    assert found.interval() == pytest.approx((interval.low, interval.high))


def test_where_examples_change_nothing_the_effect_is_welchs() -> None:
    found = independent_seeds(mean_squares(of_examples_alike(X), of_examples_alike(Y)))
    wanted = stats.ttest_ind(X, Y, equal_var=False)
    assert wanted.df < 2 * 5 - 2  # else the cap
    assert found.variance == pytest.approx(float(welch(X, Y).variance))
    assert found.p_value() == pytest.approx(wanted.pvalue)


def test_where_seeds_change_nothing_the_effect_is_that_of_examples() -> None:
    examples = RANDOM.normal(size=(2, 11))
    x, y = (np.repeat(each[None], n, 0) for each, n in zip(examples, (3, 4), strict=True))
    found = independent_seeds(mean_squares(x, y))
    assert found.variance == pytest.approx((examples[0] - examples[1]).var(ddof=1) / 11)
    assert found.df == 4


def test_df_are_at_most_what_the_fewer_seeds_give() -> None:
    x, y = of_examples_alike(X * 1e-3), of_examples_alike(Y)
    assert independent_seeds(mean_squares(y[:3], x)).df <= 4
    assert independent_runs(Y, X[:3]).df <= 4
    assert welch(Y, Y[:3]).df <= 8


def test_the_variance_is_never_below_that_of_seeds_or_of_examples() -> None:
    x, y = RANDOM.normal(size=(2, 500, 3, 11))
    squares = mean_squares(x, y)
    found = independent_seeds(squares)
    assert (found.variance >= (squares.rows.arm + squares.rows.control) / 3 - 1e-15).all()
    assert (found.variance >= squares.columns / 11 - 1e-15).all()


def test_arms_swapped_the_effect_has_the_other_sign() -> None:
    x, y = RANDOM.normal(size=(4, 11)), RANDOM.normal(size=(6, 11))
    one, other = independent_seeds(mean_squares(x, y)), independent_seeds(mean_squares(y, x))
    assert one.difference == pytest.approx(-other.difference)
    assert (one.variance, one.df) == pytest.approx((float(other.variance), float(other.df)))


def test_paired_seeds_gain_by_what_arms_share() -> None:
    shared = RANDOM.normal(size=(8, 1))
    x, y = (shared + RANDOM.normal(size=(8, 11)) * 0.1 for _ in range(2))
    paired, independent = paired_seeds(paired_squares(x, y)), independent_seeds(mean_squares(x, y))
    assert paired.difference == pytest.approx(float(independent.difference))
    assert paired.variance < independent.variance / 10
    assert paired.df == 7


def test_both_one_sided_tests_are_scipys() -> None:
    effect, margin = welch(X, Y), 3.0
    above = stats.ttest_ind(X + margin, Y, equal_var=False, alternative="greater").pvalue
    below = stats.ttest_ind(X - margin, Y, equal_var=False, alternative="less").pvalue
    assert effect.p_same(margin) == pytest.approx(max(above, below))


def test_a_pair_of_models_is_a_paired_t_over_examples() -> None:
    x, y = RANDOM.normal(size=(2, 31))
    assert pair_of_models(x, y).p_value() == pytest.approx(stats.ttest_rel(x, y).pvalue)


def test_an_interval_at_another_level_is_that_of_its_t() -> None:
    low, high = Effect(np.asarray(1.0), np.asarray(4.0), np.asarray(8.0)).interval(0.9)
    assert (low, high) == pytest.approx((1 - 2 * 1.8595, 1 + 2 * 1.8595), abs=1e-3)


def test_too_few_seeds_have_no_interval() -> None:
    with pytest.raises(ValueError, match="needs 3 seeds an arm, got 2 and 5"):
        independent_seeds(mean_squares(np.eye(2, 11), np.eye(5, 11)))
    with pytest.raises(ValueError, match="must be 8 or more, got 5"):
        paired_seeds(paired_squares(np.eye(5, 11), np.ones((5, 11))))
    with pytest.raises(ValueError, match="2 seeds an arm, got 1 and 5"):
        welch(X[:1], X)
    with pytest.raises(ValueError, match="needs 3 seeds an arm, got 2"):
        independent_runs(X[:2], X)


def test_pairing_is_checked_before_a_study_runs() -> None:
    check_pairing(seeds=8, shared_weights=True)
    with pytest.raises(UserError, match=r"must be 8 or more, got 5 \(set seeds or pairing: none\)"):
        check_pairing(seeds=5, shared_weights=True)
    with pytest.raises(UserError, match=r"share initial weights .* \(set pairing: none\)"):
        check_pairing(seeds=10, shared_weights=False)


def test_the_correlation_is_of_seeds_that_both_have() -> None:
    assert correlation_over_seeds(X, 2 * X + 1) == pytest.approx(1)
    assert correlation_over_seeds(X[:2], X[:2]) is None
    assert correlation_over_seeds(X, np.ones(5)) is None
    with pytest.raises(ValueError, match="same seeds"):
        correlation_over_seeds(X, Y)


def test_rounding_is_no_variation() -> None:
    assert not varies(np.array([0.1 + 0.2, 0.3]))
    assert not varies(np.array([]))
    assert varies(np.array([0.3, 0.3001]))
    assert not varies(np.array([0.0, 1e-15]), among=1.0)
