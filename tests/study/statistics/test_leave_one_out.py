"""Values by example have the reported score as their mean, and are the examples' own where it is a mean."""

import numpy as np
import pytest
from sacrebleu.metrics import BLEU, CHRF

from attnlab.study.statistics.effects import pair_of_models
from attnlab.study.statistics.leave_one_out import LeftOut, by_cluster, centred, leave_one_out

REFERENCES = [
    "the quick brown fox jumps over the lazy dog",
    "a graph drawing tool for maps of rivers",
    "in the beginning was the word and the word was long",
    "attention is all that anybody here needs today",
    "there is nothing new under the sun said the preacher",
]
OUTPUTS = [
    "the quick brown fox jumped over a lazy dog",
    "a drawing tool for maps of the rivers",
    "in the beginning was a word and the word was short",
    "attention is what anybody here needs",
    "there is nothing under the sun said the preacher again",
]


def f1(sums: np.ndarray) -> np.ndarray:
    return 2 * sums[..., 0] / (sums[..., 1] + sums[..., 2])


@pytest.mark.parametrize("metric", [BLEU(), CHRF()], ids=["bleu", "chrf"])
def test_the_mean_is_what_sacrebleu_reports(metric: BLEU | CHRF) -> None:
    statistics = np.array(metric._extract_corpus_statistics(OUTPUTS, [REFERENCES]))

    def score(sums: np.ndarray) -> np.ndarray:
        return np.array([metric._compute_score_from_stats(row.astype(int).tolist()).score for row in sums])

    left_out = leave_one_out(statistics, score)
    assert left_out.score == pytest.approx(metric.corpus_score(OUTPUTS, [REFERENCES]).score, abs=1e-9)
    without = metric.corpus_score(OUTPUTS[:2] + OUTPUTS[3:], [REFERENCES[:2] + REFERENCES[3:]]).score
    assert left_out.without[2] == pytest.approx(without, abs=1e-9)
    assert centred(left_out).mean() == pytest.approx(left_out.score, abs=1e-9)


def test_of_a_mean_they_are_the_examples_own() -> None:
    hits = np.array([1.0, 0, 0, 1, 1, 0, 1])
    left_out = leave_one_out(np.stack([hits, np.ones(7)], -1), lambda sums: sums[..., 0] / sums[..., 1])
    assert centred(left_out) == pytest.approx(hits)


def test_the_mean_of_an_f1_is_the_f1_of_all() -> None:
    counts = np.random.default_rng(0).integers(1, 9, size=(1_000, 3)).astype(float)
    left_out = leave_one_out(counts, f1)
    assert left_out.score == pytest.approx(2 * counts[:, 0].sum() / counts[:, 1:].sum())
    assert centred(left_out).mean() == pytest.approx(left_out.score, abs=1e-9)
    assert left_out.without[3] == pytest.approx(f1(np.delete(counts, 3, 0).sum(0)))


def test_the_variance_of_a_difference_is_that_of_a_paired_bootstrap() -> None:
    """sacrebleu's question at one seed (Koehn, 2004): these two systems, new sentences."""
    random, metric, sentences = np.random.default_rng(0), BLEU(), 400
    systems = []
    references = random.integers(8, 30, sentences)
    for skill in (0.7, 0.75):
        orders = [np.maximum(1, references - order) for order in range(4)]
        right = [random.binomial(total, skill ** (order + 1)) for order, total in enumerate(orders)]
        systems.append(np.stack([references, references, *right, *orders], -1))

    def score(sums: np.ndarray) -> np.ndarray:
        return np.array([metric._compute_score_from_stats(row.astype(int).tolist()).score for row in sums])

    one, other = (centred(leave_one_out(system, score)) for system in systems)
    samples = random.integers(0, sentences, (500, sentences))
    differences = score(systems[0][samples].sum(1)) - score(systems[1][samples].sum(1))
    assert pair_of_models(one, other).standard_error == pytest.approx(differences.std(ddof=1), rel=0.1)


def test_clusters_are_left_out_whole_in_the_same_order_for_every_run() -> None:
    counts = np.arange(15, dtype=float).reshape(5, 3) + 1
    names, sums = by_cluster(counts, ["mark", "luke", "mark", "acts", "luke"])
    assert names == ("acts", "luke", "mark")
    assert sums.tolist() == [counts[3].tolist(), (counts[1] + counts[4]).tolist(), (counts[0] + counts[2]).tolist()]
    assert leave_one_out(sums, f1).score == pytest.approx(leave_one_out(counts, f1).score)


def test_what_is_undefined_is_nan() -> None:
    left_out = leave_one_out([[1, 1, 1], [0, 0, 0]], f1)
    assert np.isnan(left_out.without[0])
    assert left_out.without[1] == 1


def test_values_follow_what_an_example_adds() -> None:
    low, high = centred(LeftOut(0.5, np.array([0.6, 0.4])))
    assert (low, high) == pytest.approx((0.4, 0.6))


def test_other_shapes_are_refused() -> None:
    with pytest.raises(ValueError, match=r"must be \(examples, numbers\), got \(3,\)"):
        leave_one_out([1, 2, 3], f1)
    with pytest.raises(ValueError, match=r"one number for each sum, got \(4, 3\) for 4 sums"):
        leave_one_out(np.ones((3, 3)), lambda sums: sums)
    with pytest.raises(ValueError, match="needs a cluster"):
        by_cluster(np.ones((3, 3)), ["a", "b"])
