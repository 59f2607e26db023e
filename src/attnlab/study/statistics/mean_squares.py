"""What two arms' scores vary by: seeds, examples, and what is left of both."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]


class Pair(NamedTuple):
    """Something of the arm and of its control; arrays have one element a study, so that many are judged at once."""

    arm: Array
    control: Array


class Seeds(NamedTuple):
    """How many seeds each arm was trained with, to the end."""

    arm: int
    control: int


@dataclass(frozen=True)
class MeanSquares:
    """What is known of a pair of arms k = 1 (arm), 0 (control) that were scored on the same m examples.

    Of scores x[k,s,e], seed s of n_k, example e of m, with r_k the means of rows (of a seed, over examples) and c_k
    those of columns (of an example, over seeds):
    `difference`    g = mean x[1] - mean x[0]
    `rows`          var(r_k) = sum_s (r_k[s] - mean)^2 / (n_k - 1)
    `columns`       var(c_1 - c_0), over examples, divisor m - 1
    `residuals`     MS_k = sum_s,e (x[k,s,e] - r_k[s] - c_k[e] + mean x[k])^2 / ((n_k - 1)(m - 1))
    Each is an array over studies, of no dimension for a single one.
    """

    difference: Array
    rows: Pair
    columns: Array
    residuals: Pair
    num_seeds: Seeds
    num_examples: int


@dataclass(frozen=True)
class PairedSquares:
    """The same where row s of both arms is of the same seed: of d[s,e] = x[1,s,e] - x[0,s,e], n seeds by m examples.

    MS_s = m var(row means), MS_e = n var(column means), MS_r = sum_s,e (d - row - column + mean)^2 / ((n-1)(m-1))
    """

    difference: Array
    seeds: Array
    examples: Array
    residual: Array
    num_seeds: int
    num_examples: int


@dataclass(frozen=True)
class Components:
    """Variances of a pair of arms, for display and planning; verdicts are made of mean squares.

    `seeds`      var_s,k = max(0, var(r_k) - MS_k / m): of seeds, beyond what examples explain
    `examples`   var_e = max(0, var(c_1 - c_0) - sum_k MS_k / n_k): of what an example changes in the difference
    `residuals`  var_r,k = MS_k: of a seed on an example
    """

    seeds: Pair
    examples: Array
    residuals: Pair


def mean_squares(arm: ArrayLike, control: ArrayLike) -> MeanSquares:
    """The mean squares of scores (..., seeds, examples) of an arm and its control on the same examples.

    Raises:
        ValueError: the examples differ in number, or an arm has fewer than 2 seeds, or there are fewer than 2 examples.
    """
    x, y = np.asarray(arm, dtype=np.float64), np.asarray(control, dtype=np.float64)
    check_shapes(x, y)
    columns = x.mean(-2) - y.mean(-2)  # (..., m)
    return MeanSquares(
        difference=columns.mean(-1),
        rows=Pair(_rows(x), _rows(y)),
        columns=columns.var(-1, ddof=1),
        residuals=Pair(residual_mean_square(x), residual_mean_square(y)),
        num_seeds=Seeds(x.shape[-2], y.shape[-2]),
        num_examples=x.shape[-1],
    )


def paired_squares(arm: ArrayLike, control: ArrayLike) -> PairedSquares:
    """The mean squares of two arms' scores (..., seeds, examples), row by row of the same seed.

    Raises:
        ValueError: the arms differ in seeds or examples, or there are fewer than 2 of either.
    """
    x, y = np.asarray(arm, dtype=np.float64), np.asarray(control, dtype=np.float64)
    check_shapes(x, y)
    if x.shape != y.shape:
        raise ValueError(f"paired scores need every seed of both arms, got {x.shape} and {y.shape}")
    d = x - y
    seeds, examples = d.shape[-2:]
    return PairedSquares(
        difference=d.mean((-2, -1)),
        seeds=examples * d.mean(-1).var(-1, ddof=1),
        examples=seeds * d.mean(-2).var(-1, ddof=1),
        residual=residual_mean_square(d),
        num_seeds=seeds,
        num_examples=examples,
    )


def check_shapes(arm: Array, control: Array, *, least_seeds: int = 2) -> None:
    """Check that two arms' scores (..., seeds, examples) can be told apart.

    Raises:
        ValueError: they have other examples, or too few seeds or examples for a variance.
    """
    if min(arm.ndim, control.ndim) < 2 or arm.shape[-1] != control.shape[-1]:
        raise ValueError(f"scores must be (seeds, examples) of the same examples, got {arm.shape} and {control.shape}")
    if min(arm.shape[-2], control.shape[-2]) < least_seeds or arm.shape[-1] < 2:
        raise ValueError(
            f"scores must be of {least_seeds} seeds and 2 examples or more, got {arm.shape} and {control.shape}"
        )


def _rows(scores: Array) -> Array:
    return np.asarray(scores.mean(-1).var(-1, ddof=1))


def residual_mean_square(scores: Array) -> Array:
    """What rows and columns of scores (..., n, m) leave unexplained: MS = sum (x - r - c + mean)^2 / ((n-1)(m-1))."""
    seeds, examples = scores.shape[-2:]
    rows, columns = scores.mean(-1, keepdims=True), scores.mean(-2, keepdims=True)
    left = scores - rows - columns + rows.mean(-2, keepdims=True)
    return np.asarray((left**2).sum((-2, -1)) / ((seeds - 1) * (examples - 1)))


def components(squares: MeanSquares) -> Components:
    """The variances behind mean squares, each at least 0 (Cornfield and Tukey, 1956)."""
    rows, residuals, seeds = squares.rows, squares.residuals, squares.num_seeds
    shared = residuals.arm / seeds.arm + residuals.control / seeds.control
    return Components(
        seeds=Pair(
            np.maximum(0, rows.arm - residuals.arm / squares.num_examples),
            np.maximum(0, rows.control - residuals.control / squares.num_examples),
        ),
        examples=np.maximum(0, squares.columns - shared),
        residuals=residuals,
    )
