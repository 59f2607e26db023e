"""How often scores of a whole test set find what isn't there (make test-errors): BLEU, chrF, an F1, a perplexity, and
average precision.

Each example's sufficient statistics are drawn, put together by the shipped rules, and taken apart by leaving each out.
"""

import math
from collections.abc import Callable

import numpy as np
import pytest
from numpy.random import Generator, default_rng
from numpy.typing import NDArray

from attnlab.metrics.records.contract import Score, Statistics
from attnlab.metrics.records.matches import AREAS
from attnlab.metrics.records.precision import AVERAGE_PRECISION
from attnlab.metrics.records.sums import RULES
from attnlab.study.scorers import scorer_of
from attnlab.study.statistics import LeftOut, centred, leave_one_out
from attnlab.study.statistics.effects import independent_seeds
from attnlab.study.statistics.mean_squares import Seeds, mean_squares

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
STUDIES = 3_000
EXAMPLES = 100
SEEDS = [Seeds(3, 3), Seeds(5, 5), Seeds(10, 10), Seeds(4, 5), Seeds(3, 10)]


def matches(totals: list[Ints], share: Floats, random: Generator) -> list[Ints]:
    """Of n-grams of 1 piece, of 2 and so on those that match another text's: a longer one where the shorter do."""
    found = [random.binomial(totals[0], share)]
    for total in totals[1:]:
        found.append(random.binomial(np.minimum(found[-1], total), np.sqrt(share)))
    return found


def of_bleu(share: Floats, sizes: Ints, random: Generator) -> Floats:
    words = np.maximum(1, sizes + random.integers(-2, 3, share.shape))
    totals = [np.maximum(0, words - order) for order in range(4)]
    columns = [words, np.broadcast_to(sizes, share.shape), *matches(totals, share, random), *totals]
    return np.stack(columns, -1).astype(np.float64)


def of_chrf(share: Floats, sizes: Ints, random: Generator) -> Floats:
    wanted = np.broadcast_to(5 * sizes, share.shape)
    letters = np.maximum(6, wanted + random.integers(-5, 6, share.shape))
    totals = [[np.maximum(0, text - order) for text in (letters, wanted)] for order in range(6)]
    found = matches([np.minimum(*each) for each in totals], share, random)
    columns = [column for total, right in zip(totals, found, strict=True) for column in (*total, right)]
    return np.stack(columns, -1).astype(np.float64)


def of_f1(share: Floats, sizes: Ints, random: Generator) -> Floats:
    there = np.broadcast_to(1 + sizes // 8, share.shape)
    right = random.binomial(there, share)
    return np.stack([right, random.poisson(1 - share), there - right], -1).astype(np.float64)


def of_perplexity(share: Floats, sizes: Ints, random: Generator) -> Floats:
    lengths = np.broadcast_to(sizes, share.shape).astype(np.float64)
    return np.stack([lengths * (2 * (1 - share) + 0.1 * random.normal(size=share.shape)), lengths], -1)


STATISTICS: dict[str, Callable[[Floats, Ints, Generator], Floats]] = {
    "bleu": of_bleu,
    "chrf": of_chrf,
    "f1": of_f1,
    "exp_mean": of_perplexity,
}


def of_boxes(share: Floats, sizes: Ints, random: Generator) -> list[Statistics]:
    """Of a run: in each picture objects of a class, of which a share is found, the surer the more, and false alarms."""
    rows: list[Statistics] = []
    for each, objects in zip(share, 1 + sizes // 8, strict=True):
        false_alarms = np.zeros(random.poisson(2 * (1 - each)), dtype=np.bool_)
        right = np.concatenate([random.random(objects) < each, false_alarms])
        scores = random.normal(1.5 * right)
        order = np.argsort(-scores)
        found = [[scores[place], *["1" if right[place] else "0"] * len(AREAS)] for place in order]
        rows.append({"boxes": {"cat": {"objects": [objects] * len(AREAS), "found": found}}})
    return rows


def without_each(rule: str, share: Floats, sizes: Ints, random: Generator) -> list[LeftOut]:
    """Of each run, whose examples' shares are a row: its score, and that without each example."""
    if rule in AVERAGE_PRECISION:
        alone = np.arange(len(sizes))
        return [scorer_of(Score(rule, "boxes"), of_boxes(row, sizes, random), alone).leave_one_out() for row in share]
    return [leave_one_out(each, RULES[rule]) for each in STATISTICS[rule](share, sizes, random)]


def p_values(
    rule: str, seeds: Seeds, *, example: float, studies: int, random: Generator, examples: int = EXAMPLES
) -> Floats:
    """Of studies of two like arms, which share their examples."""
    found = []
    for _ in range(studies):
        sizes, shared = random.integers(5, 26, examples), random.normal(size=examples)
        arms = []
        for n in seeds:
            own = example / math.sqrt(2) * random.normal(size=examples)
            latent = shared + own + 0.1 * random.normal(size=(n, 1)) + 0.5 * random.normal(size=(n, examples))
            share = 1 / (1 + np.exp(-latent))
            arms.append(np.stack([centred(each) for each in without_each(rule, share, sizes, random)]))
        found.append(float(independent_seeds(mean_squares(*arms)).p_value()))
    return np.array(found)


def allowed(share: float, *, studies: int) -> float:
    """A share of studies, and twice the error that so many have by themselves."""
    return share + 2 * math.sqrt(share * (1 - share) / studies)


@pytest.mark.errors
@pytest.mark.parametrize("example", [0.0, 0.5])
@pytest.mark.parametrize("seeds", SEEDS, ids=str)
@pytest.mark.parametrize("rule", STATISTICS)
def test_what_is_not_there_is_seldom_found(rule: str, seeds: Seeds, example: float) -> None:
    p = p_values(rule, seeds, example=example, studies=STUDIES, random=default_rng(2))
    assert (p < 0.05).mean() <= allowed(0.06, studies=STUDIES)
    assert (p < 0.002).mean() <= allowed(0.003, studies=STUDIES)


@pytest.mark.errors
@pytest.mark.parametrize("example", [0.0, 0.5])
@pytest.mark.parametrize("seeds", [Seeds(3, 3), Seeds(5, 5)], ids=str)
def test_nor_by_average_precision(seeds: Seeds, example: float) -> None:
    """Fewer studies, of fewer pictures, for each run takes milliseconds."""
    studies = STUDIES // 5
    p = p_values("ap50", seeds, example=example, studies=studies, random=default_rng(2), examples=50)
    assert (p < 0.05).mean() <= allowed(0.06, studies=studies)
    assert (p < 0.002).mean() <= allowed(0.003, studies=studies)


@pytest.mark.parametrize("rule", [*STATISTICS, "ap50"])
def test_the_mean_of_centred_values_is_the_score_of_all(rule: str) -> None:
    """Of statistics that are drawn as those above are, which are what texts and pictures may have."""
    random = default_rng(3)
    sizes = random.integers(5, 26, EXAMPLES)
    [left_out] = without_each(rule, random.uniform(0.2, 0.8, (1, EXAMPLES)), sizes, random)
    values, score = centred(left_out), left_out.score
    assert values.mean() == pytest.approx(score, abs=1e-9)
    assert np.isfinite(values).all()
    assert 0 < score < 100
    assert values.std() > 0
