"""Faithfulness of maps by deletion: does the score fall more if what a map points to is deleted?

An example has Q outputs, one of a picture, one for each token that is written, and for each of them a map over the n
inputs that can be deleted. The first k of the map's ranking are deleted, k = f n for each fraction f, and the output's
log-probability falls by its drop. The mean drop over fractions counts less the mean of that under the maps of five
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


def fitted(weights: Floats, shape: tuple[int, int]) -> Floats:
    """Another example's map (Q, n) at another shape: a place has the weight of what stands at its share of the way."""
    rows, columns = (np.arange(num) * given // num for num, given in zip(shape, weights.shape, strict=True))
    found: Floats = weights[np.ix_(rows, columns)]
    return found


def greedily_deleted(num_examples: int) -> Ints:
    """Which of the examples that can be ranked are deleted from greedily, in rising order: always the same."""
    chosen = np.random.default_rng(0).permutation(num_examples)[:NUM_GREEDY]
    return np.sort(chosen).astype(np.int64)


def rankable(chosen: Bools) -> Bools:
    """Which outputs (Q,) have two inputs or more that can be deleted, of which can, (Q, n)."""
    found: Bools = chosen.sum(axis=1) >= LEAST_INPUTS
    return found


def orders(weights: Floats, chosen: Bools, random: np.random.Generator) -> list[Ints]:
    """For each output of a map (Q, n) the inputs that are `chosen`, by their weights."""
    found = []
    for row, able in zip(weights, chosen, strict=True):
        places = np.flatnonzero(able)
        found.append(places[ranking(row[places], random)])
    return found


def kept_after(ranked: Sequence[Ints], num_inputs: int, fraction: int) -> Bools:
    """True (Q, n) at what is left at one of the fractions, by its number, of rankings of two or more."""
    kept = np.ones((len(ranked), num_inputs), dtype=np.bool_)
    for row, order in zip(kept, ranked, strict=True):
        if len(order) >= LEAST_INPUTS:
            row[order[: counts_of(len(order))[fraction]]] = False
    return kept


def greedy_drops(chosen: Bools, whole: Floats, scores: Callable[[Bools], Floats]) -> Floats:
    """The mean drops (Q,) over fractions when each next input deleted is the one by which an output's score falls most.

    `whole` (Q,) are the scores without deletion, and `scores` those of several deletions (M, Q, n), True at what is
    left: (M, Q). Outputs are tried at once: they have no part in each other's score, or little. 0 for one that can't be
    ranked.
    """
    counts = [counts_of(num) if num >= LEAST_INPUTS else [] for num in chosen.sum(axis=1).tolist()]
    kept = np.ones(chosen.shape, dtype=np.bool_)
    falls = [[score] for score in whole.tolist()]
    for number in range(1, 1 + max((max(each) for each in counts if each), default=0)):
        left = [
            np.flatnonzero(able & rest) if number <= max(each, default=0) else np.zeros(0, dtype=np.int64)
            for able, rest, each in zip(chosen, kept, counts, strict=True)
        ]
        tried = np.repeat(kept[None], max(map(len, left)), axis=0)
        for output, options in enumerate(left):
            tried[np.arange(len(options)), output, options] = False
        found = scores(tried)
        for output, options in enumerate(left):
            if len(options):
                best = int(found[: len(options), output].argmin())
                kept[output, options[best]] = False
                falls[output].append(float(found[best, output]))
    pairs = zip(falls, counts, strict=True)
    drops = [float(np.mean([fall[0] - fall[num] for num in each])) if each else 0.0 for fall, each in pairs]
    return np.array(drops, dtype=np.float64)
