"""Scores of sums: sacrebleu's own of the same sums, many at once, and what isn't defined."""

import numpy as np
import pytest
import sacrebleu

from attnlab.metrics.records.sums import RULES, bleu, calibration_error, chrf, f1, mean, precision, recall

SYSTEMS = [
    ["the cat sat on the mat", "a dog ran to the old house", "", "one two three"],
    ["x", "y z", "w", "v"],
    ["the cat", "a dog ran", "the", "one"],
    ["the cat sat", "a dog ran far away from here", "the sea", "one two three four five"],
]
REFERENCES = ["the cat sat on a mat", "a dog ran to my house", "the sea", "one two three four"]


@pytest.mark.parametrize("outputs", SYSTEMS)
@pytest.mark.parametrize(
    "metric, rule", [(sacrebleu.BLEU(tokenize="13a"), bleu), (sacrebleu.CHRF(), chrf)], ids=["bleu", "chrf"]
)
def test_translations_score_as_in_sacrebleu_whole_and_without_each(outputs, metric, rule) -> None:  # type: ignore[no-untyped-def]
    rows = np.array(metric._extract_corpus_statistics(outputs, [REFERENCES]), dtype=np.float64)
    assert rule(rows.sum(axis=0)) == pytest.approx(metric.corpus_score(outputs, [REFERENCES]).score, abs=1e-9)
    found = rule(rows.sum(axis=0) - rows)
    for row, score in enumerate(found):
        rest = [text for place, text in enumerate(outputs) if place != row]
        references = [text for place, text in enumerate(REFERENCES) if place != row]
        assert score == pytest.approx(metric.corpus_score(rest, [references]).score, abs=1e-9)


def test_entities_have_no_score_where_none_is_there_and_none_found_is_no_precision() -> None:
    sums = np.array([[2, 1, 3], [0, 0, 5], [0, 4, 0], [0, 0, 0]], dtype=np.float64)
    assert precision(sums) == pytest.approx([2 / 3, 0, 0, np.nan], nan_ok=True)
    assert recall(sums) == pytest.approx([2 / 5, 0, np.nan, np.nan], nan_ok=True)
    assert f1(sums) == pytest.approx([4 / 8, 0, np.nan, np.nan], nan_ok=True)


def test_a_mean_of_nothing_is_not_defined() -> None:
    assert np.isnan(mean(np.zeros(2)))


def test_calibration_is_by_bins_over_all_examples() -> None:
    bins = np.array([4, 3.0, 2, 6, 1.5, 3], dtype=np.float64)  # examples, confidence and hits of two bins
    by_hand = 4 / 10 * abs(2 / 4 - 3 / 4) + 6 / 10 * abs(3 / 6 - 1.5 / 6)
    assert calibration_error(bins) == pytest.approx(by_hand, abs=1e-12)


@pytest.mark.parametrize("name", RULES)
def test_many_sums_at_once_score_as_one_by_one(name: str) -> None:
    widths = {"bleu": 10, "chrf": 18, "calibration_error": 6, "ratio_of_means": 4}
    rows = np.random.default_rng(3).integers(1, 9, (5, 7, widths.get(name, 3))).astype(np.float64)
    found = RULES[name](rows)
    assert found.shape == (5, 7)
    assert found[2, 3] == pytest.approx(float(RULES[name](rows[2, 3])), abs=1e-12)
