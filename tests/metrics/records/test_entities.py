"""What labelled sentences add to the scores of entities: sums give those that the task reports."""

import numpy as np
import pytest

from attnlab.data.tagging.label_schemes import spans
from attnlab.metrics.entities import Tagged, overall_scores, scores_by_type
from attnlab.metrics.records.entities import of_sentences, scores_of_sentences
from attnlab.metrics.records.sums import RULES

SEEN = {"ada"}


def _tagged(words: str, labels: str) -> Tagged:
    offsets, start = [], 0
    for word in words.split():
        offsets.append((start, start + len(word)))
        start += len(word) + 1
    return Tagged(labels.split(), spans(labels.split(), offsets, words))


TARGETS = [
    _tagged("Ada saw New York", "B-PER O B-LOC I-LOC"),
    _tagged("Noah Webster", "B-PER I-PER"),
    _tagged("a b", "O O"),
]
OUTPUTS = [
    _tagged("Ada saw New York", "B-PER O B-LOC O"),
    _tagged("Noah Webster", "B-PER I-PER"),
    _tagged("a b", "O B-ORG"),
]


@pytest.mark.parametrize("seen", [SEEN, None])
def test_entities_add_up_to_their_scores(seen: set[str] | None) -> None:
    rows = of_sentences(TARGETS, OUTPUTS, seen=seen)
    scores = scores_of_sentences(rows)
    expected = overall_scores(TARGETS, OUTPUTS, seen=seen) | scores_by_type(TARGETS, OUTPUTS)
    assert scores.keys() == expected.keys()
    for name, how in scores.items():
        counts = [row[how.of].get(how.part, [0, 0, 0]) if how.part else row[how.of] for row in rows]
        assert float(RULES[how.rule](np.array(counts, dtype=np.float64).sum(axis=0))) == pytest.approx(expected[name])


def test_where_no_entity_is_there_words_alone_are_scored() -> None:
    rows = of_sentences(TARGETS[2:], OUTPUTS[2:], seen=SEEN)
    assert set(scores_of_sentences(rows)) == {"token_accuracy"}


def test_a_baseline_has_names_of_its_own_and_no_types() -> None:
    rows = of_sentences(TARGETS, OUTPUTS, seen=SEEN, prefix="other_")
    assert all(name.startswith("other_") for name in rows[0])
    assert {"other_f1", "other_unseen_f1", "other_token_accuracy"} <= set(scores_of_sentences(rows, prefix="other_"))
    assert not any("per" in name for name in scores_of_sentences(rows, prefix="other_"))
