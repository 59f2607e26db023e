"""ROUGE is what its definition says, takes the best reference, and says what it can't read."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attnlab.metrics.rouge import MEASURES, SIGNATURE, num_unreadable, rouge

WORDS = ["graph", "tool", "draws", "fast", "maps", "for", "the", "a", "of"]
TEXT = st.lists(st.sampled_from(WORDS), min_size=1, max_size=7).map(" ".join)


def f1(hits: int, output: int, reference: int) -> float:
    return 2 * hits / (output + reference)


def test_by_hand() -> None:
    scores = rouge(["a fast tool for graphs"], [["a graph drawing tool for maps"]])
    # Stemmed: a fast tool for graph / a graph draw tool for map.
    assert scores["rouge1"] == pytest.approx(f1(4, 5, 6))  # a, tool, for, graph
    assert scores["rouge2"] == pytest.approx(f1(1, 4, 5))  # tool for
    assert scores["rouge_l"] == scores["rouge_lsum"] == pytest.approx(f1(3, 5, 6))  # a tool for


def test_lsum_takes_sentences_in_any_order_and_l_does_not() -> None:
    output, reference = "maps of rivers\nfast tool", "fast tool\nmaps of rivers"
    scores = rouge([output], [[reference]])
    assert scores["rouge_lsum"] == 1
    assert scores["rouge_l"] == pytest.approx(f1(3, 5, 5))


@settings(deadline=None, max_examples=53)
@given(st.lists(st.tuples(TEXT, st.lists(TEXT, min_size=1, max_size=3)), min_size=1, max_size=5))
def test_each_measure_takes_the_best_reference_and_the_mean_over_documents(pairs: list[tuple[str, list[str]]]) -> None:
    outputs, references = zip(*pairs, strict=True)
    scores = rouge(outputs, references)
    assert set(scores) == set(MEASURES)
    for name in MEASURES:
        best = [max(rouge([output], [[each]])[name] for each in texts) for output, texts in pairs]
        assert scores[name] == pytest.approx(sum(best) / len(best))
        assert 0 <= scores[name] <= 1


def test_a_text_is_its_own_best_summary_and_nothing_scores_nothing() -> None:
    assert set(rouge(["a fast tool"], [["Fast, a TOOL!", "A fast tool."]]).values()) == {1.0}
    assert set(rouge([""], [["a fast tool"]]).values()) == {0.0}
    assert set(rouge([], []).values()) == {0.0}


def test_references_that_it_cannot_read_are_counted() -> None:
    assert num_unreadable([["绘制图表"], ["绘制图表", "draws"], ["!"], ["7"]]) == 2


def test_the_signature_names_the_library_and_its_version() -> None:
    assert SIGNATURE.startswith("rouge-score|version:0.1.2|")


def test_it_says_nothing_of_its_own(capfd: pytest.CaptureFixture[str]) -> None:
    rouge(["a"], [["b"]])
    assert capfd.readouterr() == ("", "")
