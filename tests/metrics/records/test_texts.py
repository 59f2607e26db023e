"""What written texts add to their scores: sums give the scores that tasks report."""

import numpy as np
import pytest

from attnlab.metrics.novelty import mean_words, novelty
from attnlab.metrics.records.sums import RULES
from attnlab.metrics.records.texts import (
    NOVEL,
    ROUGE_SCORES,
    SUMMARY_SCORES,
    TRANSLATION_SCORES,
    of_rouge,
    of_summaries,
    of_translations,
)
from attnlab.metrics.rouge import rouge
from attnlab.metrics.translation import quality

OUTPUTS = ["The cat sat on the mat", "A dog ran to the old house", "", "cafe\u0301 one two three"]
REFERENCES = [
    ["The cat sat on a mat"],
    ["a dog ran to my house", "A dog ran home at once"],
    ["the sea"],
    ["café one two"],
]
DOCUMENTS = ["The cat sat. On the mat.", "A dog ran", "sea", "one two"]


def _score(rows: list[dict[str, list[float]]], rule: str, of: str) -> float:
    return float(RULES[rule](np.array([row[of] for row in rows], dtype=np.float64).sum(axis=0)))


@pytest.mark.parametrize("lowercase", [False, True])
@pytest.mark.parametrize("tokenizer", ["13a", "char"])
def test_translations_are_counted_as_their_signature_says(tokenizer: str, lowercase: bool) -> None:
    found = quality(OUTPUTS, REFERENCES, language="en", tokenizer=tokenizer, lowercase=lowercase)
    rows = of_translations(OUTPUTS, REFERENCES, signatures=found.signatures)
    assert len(rows) == len(OUTPUTS)
    for name, how in TRANSLATION_SCORES.items():
        assert _score(rows, how.rule, how.of) == pytest.approx(found.scores[name], abs=1e-9)


def test_a_score_without_a_signature_has_no_counts() -> None:
    found = quality(["a b"], [["a b"]], language="en", tokenizer="13a", lowercase=False)
    assert set(of_translations(["a b"], [["a b"]], signatures=found.signatures)[0]) == {"chrf"}


def test_summaries_add_up_to_their_scores() -> None:
    rows = of_summaries(OUTPUTS, DOCUMENTS, REFERENCES)
    found = {name: _score(rows, how.rule, how.of) for name, how in SUMMARY_SCORES.items()}
    expected = rouge(OUTPUTS, REFERENCES) | {name: novelty(OUTPUTS, DOCUMENTS, size=n) for name, n in NOVEL.items()}
    expected["num_words"] = mean_words(OUTPUTS)
    expected["length_ratio"] = mean_words(OUTPUTS) / mean_words([text for each in REFERENCES for text in each])
    assert found == pytest.approx(expected, abs=1e-9)


def test_overlaps_are_those_of_the_best_reference_and_named_after_who_wrote() -> None:
    rows = of_rouge(OUTPUTS, REFERENCES, prefix="lead_")
    assert set(rows[0]) == {f"lead_{name}" for name in ROUGE_SCORES}
    score, one, precision, recall = rows[0]["lead_rouge1"]
    assert (one, score) == (1, pytest.approx(2 * precision * recall / (precision + recall)))
    alone = [rouge([OUTPUTS[1]], [[text]])["rouge2"] for text in REFERENCES[1]]
    assert rows[1]["lead_rouge2"][0] == pytest.approx(max(alone))
