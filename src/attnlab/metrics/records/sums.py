"""Scores as functions of sums over examples, of many sums at once: those of a test, and of it without each example."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

Sums = NDArray[np.float64]
"""(..., K): what K numbers of each example add up to."""

NUM_ORDERS = 4  # n-grams that BLEU counts, of 1 to so many words
CHRF_BETA = 2


def mean(sums: Sums) -> Sums:
    """total / weight, of (total, weight); without weight it isn't defined, NaN."""
    return _ratio(sums[..., 0], sums[..., 1])


def exp_mean(sums: Sums) -> Sums:
    """exp(total / weight): a perplexity, of a loss in nats."""
    return np.exp(mean(sums))


def share(sums: Sums) -> Sums:
    """part / whole, of (part, whole); 0 of nothing."""
    found: Sums = sums[..., 0] / np.maximum(1, sums[..., 1])
    return found


def ratio_of_means(sums: Sums) -> Sums:
    """(a / n) / (b / k), of (a, n, b, k)."""
    others = sums[..., 2] / np.maximum(1, sums[..., 3])
    found: Sums = sums[..., 0] / np.maximum(1, sums[..., 1]) / np.maximum(1e-9, others)
    return found


def precision(sums: Sums) -> Sums:
    """tp / (tp + fp), of (tp, fp, fn): 0 where nothing is found; NaN where nothing is there to be found either."""
    right, wrong, missed = np.moveaxis(sums[..., :3], -1, 0)
    return np.where(right + wrong + missed > 0, right / np.maximum(1, right + wrong), np.nan)


def recall(sums: Sums) -> Sums:
    """tp / (tp + fn), of (tp, fp, fn); NaN where nothing is there to be found."""
    return _ratio(sums[..., 0], sums[..., 0] + sums[..., 2])


def f1(sums: Sums) -> Sums:
    """2 tp / (2 tp + fp + fn), of (tp, fp, fn); NaN where nothing is there to be found."""
    right, wrong, missed = np.moveaxis(sums[..., :3], -1, 0)
    return np.where(right + missed > 0, _ratio(2 * right, 2 * right + wrong + missed), np.nan)


def calibration_error(sums: Sums) -> Sums:
    """sum_b |right_b - confidence_b| / sum_b n_b, of (n, confidence, right) of each bin, one bin after another."""
    bins = sums.reshape(*sums.shape[:-1], -1, 3)
    return _ratio(np.abs(bins[..., 2] - bins[..., 1]).sum(axis=-1), bins[..., 0].sum(axis=-1))


def bleu(sums: Sums) -> Sums:
    """BP exp(sum_n log p_n / 4), from 0 to 100, of (words, words of references, matches of 1 to 4, n-grams of 1 to 4).

    sacrebleu's with its smoothing "exp": where no n-gram matches, p_n is 1 / (2^k n-grams), of the k-th such n
    (Papineni et al., 2002; Post, 2018).
    """
    words, references = sums[..., 0], sums[..., 1]
    matches, totals = sums[..., 2 : 2 + NUM_ORDERS], sums[..., 2 + NUM_ORDERS : 2 + 2 * NUM_ORDERS]
    halvings = 2.0 ** np.cumsum(matches == 0, axis=-1)
    precisions = np.where(matches > 0, matches, 1 / halvings) / np.maximum(1, totals)
    brevity = np.where(words < references, np.exp(1 - references / np.maximum(1, words)), 1.0)
    found = 100 * brevity * np.exp(np.log(precisions).mean(axis=-1))
    none = (matches == 0).all(axis=-1) | (totals == 0).any(axis=-1)
    return np.where(none, 0.0, found)


def chrf(sums: Sums) -> Sums:
    """(1 + b^2) P R / (b^2 P + R), from 0 to 100, b = 2, of (n-grams, of the reference, matches) of 1 to 6 characters.

    P and R are the means of precision and recall over those n of which both texts have any (Popović, 2015).
    """
    orders = sums.reshape(*sums.shape[:-1], -1, 3)
    found, wanted, matches = np.moveaxis(orders, -1, 0)
    both = (found > 0) & (wanted > 0)
    num = np.maximum(1, both.sum(axis=-1))
    precisions = np.where(both, matches / np.maximum(1, found), 0).sum(axis=-1) / num
    recalls = np.where(both, matches / np.maximum(1, wanted), 0).sum(axis=-1) / num
    factor = CHRF_BETA**2
    return 100 * np.nan_to_num(_ratio((1 + factor) * precisions * recalls, factor * precisions + recalls))


def _ratio(one: Any, other: Any) -> Sums:
    """one / other; NaN where the other is 0."""
    found: Sums = np.divide(one, other, out=np.full(np.shape(one), np.nan), where=np.asarray(other) != 0)
    return found


RULES: dict[str, Callable[[Sums], Sums]] = {
    rule.__name__: rule
    for rule in (
        mean,
        exp_mean,
        share,
        ratio_of_means,
        precision,
        recall,
        f1,
        calibration_error,
        bleu,
        chrf,
    )
}
"""By the names that records have for them."""

OF_GOLD = (precision, recall, f1)
"""Rules whose sums say how many there are to be found: tp + fn."""
