"""Encoded sentences in batches and in pieces, and what training says of words."""

from itertools import accumulate
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from attnlab.data import (
    TaggedText,
)
from attnlab.data.loading.stream import Wanted
from attnlab.data.tagging.label_schemes import folded
from attnlab.data.tagging.sentences import (
    IGNORED,
    EncodedSentences,
    SeenInTraining,
    TaggedSentences,
    TaggingBatches,
)
from attnlab.data.text.encoded import EncodedTexts
from attnlab.models.special_tokens import PAD


@given(
    sizes=st.lists(st.integers(1, 60), min_size=1, max_size=40),
    max_length=st.integers(1, 23),
    batch_tokens=st.integers(60, 200),
)
def test_no_batch_of_pieces_exceeds_its_budget(sizes: list[int], max_length: int, batch_tokens: int) -> None:
    words, characters = [[7] * size for size in sizes], [[5]] * sum(sizes)
    encoded = EncodedSentences(*(EncodedTexts.from_lists([each]) for each in (words, words, characters)))
    sentences = TaggedSentences(encoded, max_length=max_length)
    batches = TaggingBatches({"train": sentences}, {}, SeenInTraining([], []))
    plan, cells = batches.plans(batch_tokens=batch_tokens, seed=0).train_plan(0, 1), 0
    for rows in plan:
        batch = sentences.batch(rows)
        cells += batch.words.numel()
        assert len(rows) == 1 or batch.words.numel() <= batch_tokens
        assert batch.words.shape[1] <= max_length
    assert sentences.padding_share(plan) == pytest.approx(1 - sum(sizes) / cells)


def test_pieces_joined_are_the_sentence_and_each_is_valid_by_itself() -> None:
    words, labels = [[*range(5, 18)], [31]], [[3, 4, 4, 4, 4, 4, 4, 0, 0, 1, 2, 2, 2], [1]]
    characters = [[7] * (1 + number % 3) for number in range(14)]
    encoded = EncodedSentences(*(EncodedTexts.from_lists([each]) for each in (words, labels, characters)))
    sentences = TaggedSentences(encoded, max_length=5)
    assert (len(sentences), sentences.num_pieces, sentences.num_cut, sentences.num_words) == (2, 4, 1, 14)
    batch = sentences.batch(np.array([1, 0]))
    assert batch.ids.tolist() == [1, 0, 0, 0]
    rows = [[word for word in row if word != PAD] for row in batch.words.tolist()]
    assert [rows[0], rows[1] + rows[2] + rows[3]] == [[31], words[0]]
    tags = [row[: len(own)] for row, own in zip(batch.labels.tolist(), rows, strict=True)]
    assert tags == [[1], [3, 4, 4, 4], [3, 4, 4, 0], [0, 1, 2, 2, 2]]  # the second piece begins inside: I- becomes B-
    assert (batch.labels[batch.words == PAD] == IGNORED).all()
    assert ((batch.characters != 0).sum(2)[0, 0], batch.characters.shape) == (1 + 13 % 3, (4, 5, 3))


def _text(words: list[str], labels: list[str]) -> TaggedText:
    ends = list(accumulate(len(word) + 1 for word in words))
    offsets = [(end - len(word) - 1, end - 1) for word, end in zip(words, ends, strict=True)]
    return TaggedText(" ".join(words), offsets, words, labels)


def test_the_commonest_label_of_a_word_is_the_baseline() -> None:
    training = [
        _text(["Ann", "Lee", "saw", "Lee"], ["B-PER", "I-PER", "O", "B-LOC"]),
        _text(["Lee", "saw", "Ann"], ["B-LOC", "O", "O"]),
    ]
    seen = SeenInTraining(training, ["O", "B-LOC", "I-LOC", "B-PER", "I-PER"])
    # Of Ann's two, equally frequent, the earlier in the list; a word that training lacks is O.
    assert seen.commonest_labels(["Lee", "Ann", "saw", "Bo"]) == ["B-LOC", "O", "O", "O"]
    assert seen.entities == {folded("Ann Lee"), folded("Lee")}
    inside = SeenInTraining([_text(["a", "b"], ["B-PER", "I-PER"])], ["O", "B-PER", "I-PER"])
    assert inside.commonest_labels(["b", "b"]) == ["B-PER", "I-PER"]


@pytest.mark.parametrize("place", [None, (1, 2)])
def test_truth_goes_with_evaluation_alone(place: tuple[int, int] | None) -> None:
    texts = [_text(["Ann"], ["B-PER"]), _text(["saw", "Bo"], ["O", "O"])]
    encoded = EncodedSentences(*(EncodedTexts.from_lists([each]) for each in ([[5], [6, 7]], [[1], [0, 0]], [[2]] * 3)))
    seen = SeenInTraining(texts, ["O", "B-PER", "I-PER"])
    batches = TaggingBatches({"val": TaggedSentences(encoded, max_length=3)}, {"val": texts}, seen)
    truth = batches(Wanted("val", np.array([1, 0]), place)).truth
    if place is not None:
        assert truth is None
        return
    assert truth is not None
    assert truth.sentences == [texts[1], texts[0]]
    assert truth.commonest == [["O", "O"], ["B-PER"]]


def test_what_was_saved_is_loaded(tmp_path: Path) -> None:
    encoded = EncodedSentences(*(EncodedTexts.from_lists([each]) for each in ([[5], [6, 7]], [[1], [0, 0]], [[2]] * 3)))
    encoded.save(tmp_path, "val")
    loaded = EncodedSentences.load(tmp_path, "val")
    for one, other in zip(encoded, loaded, strict=True):
        assert one.ids.tolist() == other.ids.tolist()
        assert one.offsets.tolist() == other.offsets.tolist()
