"""Scores without each example, or group of examples."""

import numpy as np
import pytest
import sacrebleu

from attnlab.metrics.records.contract import Score
from attnlab.metrics.records.texts import of_translations
from attnlab.study.scorers import scorer_of
from attnlab.study.statistics.leave_one_out import centred

SIGNATURES = {"bleu": "case:mixed|tok:13a", "chrf": "case:mixed"}
OUTPUTS = [
    "the cat sat on the mat today",
    "a dog ran to the old house",
    "one two three four five",
    "the sea",
    "a b c d",
]
REFERENCES = ["the cat sat on a mat today", "a dog ran to my old house", "one two three four", "the sea", "a b c"]


@pytest.mark.parametrize("name, metric", [("bleu", sacrebleu.BLEU()), ("chrf", sacrebleu.CHRF())])
def test_a_corpus_score_without_each_is_that_of_the_others(name: str, metric: sacrebleu.BLEU | sacrebleu.CHRF) -> None:
    rows = of_translations(OUTPUTS, [[each] for each in REFERENCES], signatures=SIGNATURES)
    score, others = scorer_of(Score(name, name), rows, np.array([0, 1, 1, 2, 3])).leave_one_out()
    assert score == pytest.approx(metric.corpus_score(OUTPUTS, [REFERENCES]).score, abs=1e-9)
    rest = [[texts[place] for place in (0, 3, 4)] for texts in (OUTPUTS, REFERENCES)]
    assert others[1] == pytest.approx(metric.corpus_score(rest[0], [rest[1]]).score, abs=1e-9)
    assert others.shape == (4,)


def test_centred_values_have_the_score_for_their_mean_and_are_the_examples_own_of_a_mean() -> None:
    hits = np.array([1.0, 0, 0, 1, 1, 0, 1])
    rows = [{"accuracy": [hit, 1]} for hit in hits]
    found = scorer_of(Score("mean", "accuracy"), rows, np.arange(7)).leave_one_out()
    assert centred(found).mean() == pytest.approx(found.score, abs=1e-12)
    assert centred(found) == pytest.approx(hits, abs=1e-12)


def test_a_part_counts_only_where_it_is_concerned_and_says_how_many_are_there() -> None:
    rows = [{"classes": {"cat": [1, 0, 0]}}, {"classes": {"cat": [0, 0, 1], "dog": [0, 1, 0]}}, {"classes": {}}]
    scorer = scorer_of(Score("f1", "classes", "cat"), rows, np.arange(3))
    assert scorer.num_gold == 2
    score, others = scorer.leave_one_out()
    assert score == pytest.approx(2 / 3)
    assert others == pytest.approx([0, 1, 2 / 3])
    alone = scorer_of(Score("recall", "classes", "cat"), rows[:1], np.arange(1))
    assert np.isnan(alone.leave_one_out()[1]).all()


def test_calibration_is_left_without_the_example_and_not_its_bin() -> None:
    rows = [{"calibration": [2, 0.25, 1]}, {"calibration": [2, 0.75, 0]}, {"calibration": [5, 0.5, 1]}]
    scorer = scorer_of(Score("calibration_error", "calibration"), rows, np.arange(3))
    assert scorer.num_gold is None
    score, others = scorer.leave_one_out()
    assert score == pytest.approx((abs(1 - 1.0) + abs(1 - 0.5)) / 3)
    assert others == pytest.approx([(0.75 + 0.5) / 2, (0.75 + 0.5) / 2, 0])


def test_pictures_are_scored_by_their_matches() -> None:
    rows = [
        {"boxes": {"cat": {"objects": [1, 1, 0, 0], "found": [[0.9, "1", "1", "-", "-"]]}}},
        {"boxes": {"cat": {"objects": [1, 0, 1, 0], "found": [[0.95, "0", "0", "-", "-"]]}}},
    ]
    scorer = scorer_of(Score("ap50", "boxes"), rows, np.arange(2))
    assert scorer.num_gold == 2
    score, others = scorer.leave_one_out()
    assert scorer.score == score
    assert score == pytest.approx(51 / 101 / 2)
    assert others == pytest.approx([0, 1])
