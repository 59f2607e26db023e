"""Entity scores: by hand, against seqeval, and at the edges."""

import random
import warnings

import pytest
from seqeval.metrics import accuracy_score, classification_report, f1_score
from seqeval.scheme import IOB2

from attnlab.data.tagging.label_schemes import folded, repair_iob2, spans
from attnlab.metrics.entities import Tagged, confusion_counts, overall_scores, scores_by_type

WORDS = ["Ada", "saw", "New", "York", "and", "Zeno", "of", "Elea"]
OFFSETS = [(0, 3), (4, 7), (8, 11), (12, 16), (17, 20), (21, 25), (26, 28), (29, 33)]


def tagged(*labels: str) -> Tagged:
    return Tagged(labels, spans(labels, OFFSETS[: len(labels)], " ".join(WORDS)))


TARGET = tagged("B-PER", "O", "B-LOC", "I-LOC", "O", "B-PER", "I-PER", "I-PER")
OUTPUT = tagged("B-PER", "O", "B-LOC", "O", "O", "B-PER", "I-PER", "I-PER")


def test_scores_by_hand() -> None:
    scores = overall_scores([TARGET], [OUTPUT], seen={"ada", "new york"})
    assert scores == pytest.approx(
        {
            "precision": 2 / 3,
            "recall": 2 / 3,
            "f1": 2 / 3,
            "token_accuracy": 7 / 8,
            # Nobody saw "Zeno of Elea", which was found, nor "New", which was found and isn't there.
            "unseen_precision": 1 / 2,
            "unseen_recall": 1.0,
            "unseen_f1": 2 / 3,
        }
    )
    by_type = scores_by_type([TARGET], [OUTPUT])
    assert by_type == pytest.approx(
        {
            "precision_loc": 0.0,
            "precision_per": 1.0,
            "recall_loc": 0.0,
            "recall_per": 1.0,
            "f1_loc": 0.0,
            "f1_per": 1.0,
        }
    )


def test_a_name_in_other_letters_case_was_seen() -> None:
    scores = overall_scores([TARGET], [TARGET], seen={"ada", "new york", "zeno of elea"})
    assert "unseen_f1" not in scores
    assert scores["f1"] == scores["token_accuracy"] == 1.0


@pytest.mark.parametrize("text", ["René Lee", "RENE\u0301\n\t LEE", "rene\u0301\u00a0lee"])
def test_a_name_typed_otherwise_was_seen(text: str) -> None:
    target = Tagged(["B-PER", "I-PER"], [{"start": 0, "end": len(text), "label": "PER", "text": text}])
    assert "unseen_f1" not in overall_scores([target], [target], seen={folded("Ren\u00e9 Lee")})
    assert overall_scores([target], [target], seen={folded("Rene Lee")})["unseen_f1"] == 1.0


def test_nothing_found_is_nought_and_nothing_to_find_has_no_score() -> None:
    nothing, one = tagged("O", "O"), tagged("B-PER", "O")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        scores = overall_scores([one], [nothing], seen=set())
        assert (scores["precision"], scores["recall"], scores["f1"]) == (0.0, 0.0, 0.0)
        assert overall_scores([nothing], [nothing], seen=set()) == {"token_accuracy": 1.0}
        assert overall_scores([nothing], [one], seen=set()) == {"token_accuracy": 0.5}
        assert overall_scores([], [], seen=set()) == {"token_accuracy": 0.0}
    assert scores_by_type([nothing], [nothing]) == {}
    assert scores_by_type([nothing], [one]) == {}
    assert scores_by_type([nothing, tagged("B-LOC")], [one, tagged("B-LOC")])["precision_per"] == 0.0


def test_scores_are_seqevals_strict_ones() -> None:
    draw = random.Random(3)
    labels = ["O", "B-A", "I-A", "B-B", "I-B", "B-C", "I-C"]
    rows = [repair_iob2([draw.choice(labels) for _ in range(8)]) for _ in range(101)]
    changed = [repair_iob2([draw.choice([old, draw.choice(labels)]) for old in row]) for row in rows]
    targets, outputs = [tagged(*row) for row in rows], [tagged(*row) for row in changed]
    scores = overall_scores(targets, outputs, seen=set())
    assert 0.1 < scores["f1"] < 0.9
    assert scores["f1"] == pytest.approx(f1_score(rows, changed, mode="strict", scheme=IOB2))
    assert scores["token_accuracy"] == pytest.approx(accuracy_score(rows, changed))
    # All entities are unseen: what is counted by spans is what seqeval counts by labels.
    for name in ("precision", "recall", "f1"):
        assert scores[f"unseen_{name}"] == pytest.approx(scores[name])
    report = classification_report(rows, changed, mode="strict", scheme=IOB2, output_dict=True)
    by_type = scores_by_type(targets, outputs)
    for each in "ABC":
        assert by_type[f"f1_{each.lower()}"] == pytest.approx(report[each]["f1-score"])
        assert by_type[f"recall_{each.lower()}"] == pytest.approx(report[each]["recall"])


def test_types_make_names_of_metrics_and_none_hides_another() -> None:
    apart = scores_by_type([tagged("B-creative-work", "O")], [tagged("B-creative-work", "O")])
    assert set(apart) == {"precision_creative_work", "recall_creative_work", "f1_creative_work"}
    both = scores_by_type([tagged("B-PER", "B-per")], [tagged("B-PER", "O")])
    assert (both["f1_PER"], both["f1_per"]) == (1.0, 0.0)


def test_confusion_counts_words_by_type() -> None:
    counts = confusion_counts([TARGET], [OUTPUT], types=["LOC", "PER"])
    assert counts == [[2, 0, 0], [1, 1, 0], [0, 0, 4]]
