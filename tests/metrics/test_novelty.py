"""New runs of words are those that the document lacks, whatever their case and script."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attnlab.metrics.novelty import mean_words, novelty

DOCUMENT = "A fast tool draws maps. It draws fast!"


@pytest.mark.parametrize(
    "output, size, share",
    [
        ("Fast tool, quickly", 1, 1 / 3),
        ("fast tool draws", 2, 0.0),
        ("tool fast draws maps", 2, 2 / 3),
        ("maps it", 2, 0.0),  # across the end of a sentence, as ROUGE's runs
        ("tool tool tool", 2, 1.0),
        ("draws", 2, 0.0),  # no run of two
        ("", 1, 0.0),
        ("绘制 maps", 1, 2 / 3),  # each letter is a word
        ("naïve maps", 1, 0.5),
    ],
)
def test_by_hand(output: str, size: int, share: float) -> None:
    assert novelty([output], [DOCUMENT], size=size) == pytest.approx(share)


def test_long_outputs_count_for_more() -> None:
    outputs, documents = ["new", "fast fast fast"], ["old", "fast"]
    assert novelty(outputs, documents, size=1) == 0.25


@given(st.text(max_size=53), st.integers(0, 53), st.integers(0, 53), st.sampled_from([1, 2, 3]))
def test_whole_words_of_the_document_are_never_new(text: str, start: int, end: int, size: int) -> None:
    words = text.split(" ")
    assert novelty([" ".join(words[start:end])], [text], size=size) == 0


def test_words_stand_between_white_space() -> None:
    assert mean_words(["a fast-tool", "it\ndraws  maps"]) == 2.5
    assert mean_words([]) == 0


def test_letters_are_words_where_there_are_no_spaces_between_them() -> None:
    assert mean_words(["天空很蓝。", "a b"]) == 3
    assert novelty(["天空很黑"], ["天空很蓝"], size=2) == 1 / 3
    assert novelty(["हिन्दी"], ["हिन"], size=1) == 1
