"""How often a study finds what isn't there, and misses what is: the shipped functions on studies by the thousand.

Fast: mean squares drawn by their laws. Slow (make test-errors): raw scores, drawn one by one.
"""

import math
from dataclasses import dataclass
from itertools import product

import numpy as np
import pytest
from numpy.random import Generator, default_rng
from numpy.typing import NDArray

from attnlab.study.statistics.effects import Effect, independent_runs, independent_seeds, paired_seeds, welch
from attnlab.study.statistics.holm import holm
from attnlab.study.statistics.mean_squares import MeanSquares, Pair, PairedSquares, Seeds, mean_squares

STUDIES = 60_000
EXAMPLES = 661
RESIDUAL = 0.45 / math.sqrt(2)  # of an arm; of a difference .45
SEEDS = [Seeds(3, 3), Seeds(5, 5), Seeds(10, 10), Seeds(3, 5), Seeds(5, 10), Seeds(3, 10)]


@dataclass(frozen=True)
class World:
    """Standard deviations of a difference: of seeds, of both arms together, and of examples."""

    seed: float
    example: float


WORLDS = [World(*each) for each in product((0.0, 0.02, 0.2), (0.0, 0.2))]


def squares(
    world: World, seeds: Seeds, *, truth: float = 0.0, arms: Pair | None = None, random: Generator
) -> MeanSquares:
    """Mean squares of so many studies, by their laws: each its expectation times chi-square over its df."""

    def drawn(expected: float, df: int) -> NDArray[np.float64]:
        return expected * random.chisquare(df, STUDIES) / df

    m, left = EXAMPLES, RESIDUAL**2
    by_seed = (world.seed**2 / 2, world.seed**2 / 2) if arms is None else (float(arms.arm), float(arms.control))
    rows = [each + left / m for each in by_seed]
    columns = world.example**2 + left * sum(1 / n for n in seeds)
    variance = sum(row / n for row, n in zip(rows, seeds, strict=True)) + world.example**2 / m
    return MeanSquares(
        difference=random.normal(truth, math.sqrt(variance), STUDIES),
        rows=Pair(*(drawn(row, n - 1) for row, n in zip(rows, seeds, strict=True))),
        columns=drawn(columns, m - 1),
        residuals=Pair(*(drawn(left, (n - 1) * (m - 1)) for n in seeds)),
        num_seeds=seeds,
        num_examples=m,
    )


def found(effect: Effect, alpha: float) -> float:
    return float((effect.p_value() < alpha).mean())


def assert_seldom(p: NDArray[np.float64]) -> None:
    """At either alpha about as often as it says, at most."""
    assert (p < 0.05).mean() <= 0.06
    assert (p < 0.002).mean() <= 0.003


@pytest.mark.parametrize("seeds", SEEDS, ids=str)
def test_what_is_not_there_is_seldom_found(seeds: Seeds) -> None:
    """Nor are arms the same that differ by the margin, and intervals miss the truth as often as tests are wrong."""
    random, truth = default_rng(0), 0.3
    for world in WORLDS:
        effect = independent_seeds(squares(world, seeds, truth=truth, random=random))
        none = Effect(effect.difference - truth, effect.variance, effect.df)
        assert_seldom(none.p_value())
        assert_seldom(effect.p_same(truth))
    low, high = effect.interval()
    assert ((low <= truth) & (truth <= high)).mean() == pytest.approx(1 - found(none, 0.05))
    # Nor is it found next to never: where seeds make all the difference, about as often as is said.
    assert found(none, 0.05) >= 0.025


@pytest.mark.parametrize("seeds", SEEDS, ids=str)
def test_nor_among_scores_that_know_no_examples(seeds: Seeds) -> None:
    random = default_rng(0)
    effect = independent_runs(*(random.normal(size=(STUDIES, n)) for n in seeds))
    assert_seldom(effect.p_value())


@pytest.mark.parametrize("seeds", [8, 10])
def test_nor_among_paired_seeds(seeds: int) -> None:
    random, m = default_rng(0), EXAMPLES
    for world in WORLDS:
        left = 2 * RESIDUAL**2
        expected = (left + m * world.seed**2, left + seeds * world.example**2, left)
        df = (seeds - 1, m - 1, (seeds - 1) * (m - 1))
        by_seed, by_example, rest = (e * random.chisquare(d, STUDIES) / d for e, d in zip(expected, df, strict=True))
        variance = (expected[0] + expected[1] - left) / (seeds * m)
        difference = random.normal(0, math.sqrt(variance), STUDIES)
        effect = paired_seeds(PairedSquares(difference, by_seed, by_example, rest, seeds, m))
        assert_seldom(effect.p_value())


def test_an_arm_of_three_times_the_deviation_is_found_somewhat_too_often() -> None:
    """Hence "uneven" stands first."""
    arms = Pair(np.asarray(0.03**2), np.asarray(0.01**2))
    effect = independent_seeds(squares(World(0, 0), Seeds(3, 3), arms=arms, random=default_rng(0)))
    assert found(effect, 0.05) <= 0.09


@pytest.mark.parametrize(
    "seeds, powers", [(3, (0.09, 0.37, 0.92)), (5, (0.21, 0.69, 1.0)), (10, (0.37, 0.92, 1.0))], ids=str
)
def test_what_is_there_is_found(seeds: int, powers: tuple[float, ...]) -> None:
    """As measured from raw scores, of 600 studies each."""
    random = default_rng(0)
    for truth, power in zip((0.02, 0.04, 0.08), powers, strict=True):
        drawn = squares(World(0.02, 0.2), Seeds(seeds, seeds), truth=truth, random=random)
        assert found(independent_seeds(drawn), 0.05) == pytest.approx(power, abs=0.06)


@pytest.mark.parametrize("seeds", [5, 10])
def test_identical_arms_come_out_the_same_within_a_margin_that_can_be_met(seeds: int) -> None:
    random, world = default_rng(0), World(0.02, 0.2)
    variance = (world.seed**2 + 2 * RESIDUAL**2 / EXAMPLES) / seeds + world.example**2 / EXAMPLES
    effect = independent_seeds(squares(world, Seeds(seeds, seeds), random=random))
    assert (effect.p_same(3.3 * math.sqrt(variance)) < 0.05).mean() >= 0.75
    assert (effect.p_same(math.sqrt(variance)) < 0.05).mean() <= 0.05


@pytest.mark.parametrize("seeds", [3, 5, 10])
def test_of_five_comparisons_with_one_control_none_is_false(seeds: int) -> None:
    """Each study has its own draws of five arms; their control is shared in life, which makes Holm safer yet."""
    random = default_rng(0)
    for world in (World(0.02, 0.2), World(0.2, 0.0)):
        p = [independent_seeds(squares(world, Seeds(seeds, seeds), random=random)).p_value() for _ in range(5)]
        assert (holm(np.stack(p, -1)).min(-1) < 0.05).mean() <= 0.06


def test_welch_knows_nothing_of_new_examples() -> None:
    """Why it is the second line: with 10 seeds it finds a difference that a few examples alone make."""
    random = default_rng(0)
    shape, deviation = (STUDIES, 10), math.sqrt(0.02**2 / 2 + RESIDUAL**2 / EXAMPLES)
    drawn = 0.2 / math.sqrt(EXAMPLES) * random.normal(size=(STUDIES, 1))
    effect = welch(random.normal(0, deviation, shape) + drawn, random.normal(0, deviation, shape))
    assert found(effect, 0.05) > 0.08


# From raw scores: what laws of normal numbers can't say.


def arms(seeds: Seeds, *, example: float, random: Generator, studies: int, examples: int) -> list[NDArray[np.float64]]:
    """Latent scores of two like arms: (studies, n, m) each, of shared and own examples."""
    shared = random.normal(size=(studies, 1, examples))
    return [
        shared
        + example / math.sqrt(2) * random.normal(size=(studies, 1, examples))
        + 0.1 * random.normal(size=(studies, n, 1))
        + random.normal(size=(studies, n, examples))
        for n in seeds
    ]


@pytest.mark.errors
@pytest.mark.parametrize("example", [0.0, 0.5])
@pytest.mark.parametrize("seeds", SEEDS, ids=str)
def test_right_or_wrong_answers(seeds: Seeds, example: float) -> None:
    random, p = default_rng(1), []
    for _ in range(60):
        drawn = arms(seeds, example=example, random=random, studies=100, examples=200)
        x, y = ((each > 0.5).astype(np.float64) for each in drawn)
        p.append(independent_seeds(mean_squares(x, y)).p_value())
    assert (np.concatenate(p) < 0.05).mean() <= 0.06
    assert (np.concatenate(p) < 0.002).mean() <= 0.004  # of 6,000
