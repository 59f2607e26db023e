"""Faithfulness of maps by deletion: does the score fall more if what a map points to is deleted?

Of an example whose map ranks its n deletable inputs, the first k of the ranking are deleted, k = f n for each fraction
f, and the score falls by its drop. The mean drop over fractions counts less the mean of that under the maps of five
other examples, which point to where this model looks anyway: a sink earns nothing. And that counts over what greedy
deletion finds, which deletes next whatever makes the score fall most: 1 is as good a ranking as can be found, 0 none.
After the comprehensiveness of DeYoung et al. (2020), whose control is none at all.
"""

import math
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

FRACTIONS = (0.1, 0.2, 0.3, 0.5)
NUM_DONORS = 5
NUM_GREEDY = 100  # examples
LEAST_INPUTS = 2  # of one there is no ranking
TIE = 1e-6  # of the greatest weight: what lies no further apart is a tie


def counts_of(num_inputs: int) -> list[int]:
    """How many of so many inputs are deleted at each fraction: rounded up, but never all."""
    return [min(num_inputs - 1, math.ceil(fraction * num_inputs - 1e-9)) for fraction in FRACTIONS]


def is_flat(weights: Floats) -> bool:
    """Whether a map says nothing: all of its weights are ties."""
    return bool(len(set(_levels(weights))) < 2)


def ranking(weights: Floats, random: np.random.Generator) -> Ints:
    """The inputs (n,) by their weights, greatest first, ties at random."""
    levels = _levels(weights)
    return np.lexsort((random.random(len(levels)), -levels)).astype(np.int64)


def _levels(weights: Floats) -> Ints:
    greatest = float(np.abs(weights).max(initial=0.0))
    if greatest == 0:
        return np.zeros(len(weights), dtype=np.int64)
    return np.round(weights / (greatest * TIE)).astype(np.int64)


def donors(lengths: Ints, place: int, key: Sequence[int]) -> Ints:
    """The places of up to five others whose number of inputs is nearest to that of the example at `place`.

    Of equally near ones, which is chosen depends on the example's `key` alone.
    """
    distances = np.abs(lengths - lengths[place]) + np.random.default_rng([0, *key]).random(len(lengths))
    distances[place] = np.inf
    num = min(NUM_DONORS, len(lengths) - 1)
    nearest = np.argpartition(distances, num - 1)[:num] if num else np.zeros(0, dtype=np.int64)
    return nearest[np.argsort(distances[nearest])].astype(np.int64)


def fitted(weights: Floats, num_inputs: int) -> Floats:
    """Another example's map over so many inputs: each has the weight of what stands at its share of the way."""
    places = np.arange(num_inputs) * len(weights) // num_inputs
    return weights[places]


def greedily_deleted(num_examples: int) -> Ints:
    """Which of the examples that can be ranked are deleted from greedily, in rising order: always the same."""
    chosen = np.random.default_rng(0).permutation(num_examples)[:NUM_GREEDY]
    return np.sort(chosen).astype(np.int64)


def kept_after(order: Ints, num_deleted: int) -> Bools:
    """True (n,) at what is left when the first of a ranking are deleted."""
    kept = np.ones(len(order), dtype=np.bool_)
    kept[order[:num_deleted]] = False
    return kept


def greedy_drop(num_inputs: int, score: float, scores: Callable[[Bools], Floats]) -> float:
    """The mean drop over fractions when each next input deleted is the one by which the score falls most.

    `score` is the whole's, and `scores` those of several deletions (M, n), True at what is left: (M,).
    """
    counts = counts_of(num_inputs)
    kept = np.ones(num_inputs, dtype=np.bool_)
    falls: dict[int, float] = {0: score}
    for number in range(1, max(counts) + 1):
        left = np.flatnonzero(kept)
        tried = np.tile(kept, (len(left), 1))
        tried[np.arange(len(left)), left] = False
        found = scores(tried)
        best = int(found.argmin())
        kept[left[best]] = False
        falls[number] = float(found[best])
    return float(np.mean([score - falls[count] for count in counts]))
