"""Mean squares are what a slow reading of their definitions gives, and what a mixed model finds."""

import numpy as np
import pytest

from attnlab.study.statistics.effects import independent_seeds, paired_seeds
from attnlab.study.statistics.mean_squares import components, mean_squares, paired_squares

# Two arms of 4 seeds on 8 examples.
ARM = np.array(
    [
        [4.0, 6.9, 8.2, 8.4, 5.4, 6.0, 4.5, 7.5],
        [3.7, 5.1, 6.0, 5.8, 2.7, 4.6, 3.2, 5.9],
        [5.4, 5.2, 7.2, 7.3, 3.5, 5.6, 4.2, 7.3],
        [2.9, 5.9, 6.7, 6.7, 4.2, 5.8, 4.4, 6.5],
    ]
)
CONTROL = np.array(
    [
        [3.8, 6.0, 6.3, 6.3, 3.0, 4.3, 6.2, 5.4],
        [1.6, 5.4, 5.2, 4.8, 1.5, 3.5, 2.5, 2.9],
        [2.6, 5.2, 6.8, 6.5, 2.2, 5.1, 4.0, 4.8],
        [2.6, 4.6, 6.1, 4.6, 3.1, 4.3, 5.4, 5.3],
    ]
)


def test_components_are_those_of_a_mixed_model() -> None:
    """statsmodels 0.15, restricted maximum likelihood, which equals this where designs are balanced and all variances
    are above 0: `y ~ arm`, one group, vc_formula seed: 0 + C(seed within arm), example: 0 + C(example), both:
    0 + C(example within arm)."""
    squares = mean_squares(ARM, CONTROL)
    found = components(squares)
    assert squares.difference == pytest.approx(1.0875)
    assert (found.seeds.arm + found.seeds.control) / 2 == pytest.approx(0.478083, rel=1e-4)
    assert found.examples / 2 == pytest.approx(0.217157, rel=1e-4)
    assert (found.residuals.arm + found.residuals.control) / 2 == pytest.approx(0.395668, rel=1e-4)
    assert independent_seeds(squares).variance == pytest.approx(0.318060, rel=1e-4)


def test_so_are_those_of_paired_seeds() -> None:
    """`y ~ 1`, one group, vc_formula seed: 0 + C(seed), example: 0 + C(example); of one table, as if a difference."""
    squares = paired_squares(ARM, np.zeros_like(ARM))
    assert squares.residual == pytest.approx(0.320907, rel=1e-4)
    assert (squares.seeds - squares.residual) / 8 == pytest.approx(0.481691, rel=1e-4)
    assert (squares.examples - squares.residual) / 4 == pytest.approx(1.801654, rel=1e-4)
    assert (squares.seeds + squares.examples - squares.residual) / 32 == pytest.approx(0.355658, rel=1e-4)
    twice = paired_squares(np.tile(ARM, (2, 1)), np.zeros((8, 8)))
    assert paired_seeds(twice).df == 7


def test_by_hand() -> None:
    random = np.random.default_rng(0)
    x, y = random.normal(size=(3, 7)), random.normal(size=(5, 7))
    squares = mean_squares(x, y)
    left = sum((x[s, e] - x[s].mean() - x[:, e].mean() + x.mean()) ** 2 for s in range(3) for e in range(7))
    assert squares.residuals.arm == pytest.approx(left / (2 * 6))
    assert squares.rows.control == pytest.approx(sum((row.mean() - y.mean()) ** 2 for row in y) / 4)
    columns = [x[:, e].mean() - y[:, e].mean() for e in range(7)]
    assert squares.columns == pytest.approx(sum((each - np.mean(columns)) ** 2 for each in columns) / 6)
    assert squares.difference == pytest.approx(x.mean() - y.mean())


def test_many_studies_at_once_are_each_alone() -> None:
    random = np.random.default_rng(0)
    x, y = random.normal(size=(2, 3, 5, 7)), random.normal(size=(2, 3, 4, 7))
    together, alone = mean_squares(x, y), mean_squares(x[1, 2], y[1, 2])
    assert together.columns[1, 2] == pytest.approx(float(alone.columns))
    assert independent_seeds(together).df[1, 2] == pytest.approx(float(independent_seeds(alone).df))
    paired = paired_squares(x[..., :4, :], y)
    assert paired.residual[1, 2] == pytest.approx(float(paired_squares(x[1, 2, :4], y[1, 2]).residual))


def test_no_variance_is_below_zero() -> None:
    x = np.array([[0.0, 1.0], [1.0, 0.0], [0.0, 1.0]])  # rows alike, each cell at odds
    found = components(mean_squares(x, x[::-1]))
    assert found.seeds.arm == found.seeds.control == found.examples == 0


@pytest.mark.parametrize(
    "shapes, message",
    [
        (((3, 7), (3, 5)), r"of the same examples, got \(3, 7\) and \(3, 5\)"),
        (((7,), (7,)), r"must be \(seeds, examples\)"),
        (((1, 7), (3, 7)), r"of 2 seeds and 2 examples or more, got \(1, 7\)"),
        (((3, 1), (3, 1)), "2 examples or more"),
    ],
)
def test_scores_that_have_no_variance_are_refused(shapes: tuple[tuple[int, ...], ...], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        mean_squares(*map(np.zeros, shapes))


def test_paired_scores_have_the_same_seeds() -> None:
    with pytest.raises(ValueError, match=r"every seed of both arms, got \(3, 7\) and \(5, 7\)"):
        paired_squares(np.zeros((3, 7)), np.zeros((5, 7)))
