"""Sentences survive the flat arrays, and batches hold marks and padding where the model expects them."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from attnlab.data.text.encoded import EncodedTexts
from attnlab.models.special_tokens import BOS, EOS, PAD

SENTENCES = [[5, 6, 7], [], [8], [9, 10, 11, 12, 13]]
ROWS = np.array([3, 1, 0])


def _texts() -> EncodedTexts:
    return EncodedTexts.from_lists([SENTENCES[:3], SENTENCES[3:]])


def test_a_source_batch_ends_in_eos_then_padding() -> None:
    batch = _texts().source_batch(ROWS, max_length=11)
    assert batch.tolist() == [
        [9, 10, 11, 12, 13, EOS],
        [EOS, PAD, PAD, PAD, PAD, PAD],
        [5, 6, 7, EOS, PAD, PAD],
    ]
    assert batch.dtype == np.int64


def test_a_target_batch_begins_with_bos() -> None:
    assert _texts().target_batch(np.array([2, 0]), max_length=11).tolist() == [
        [BOS, 8, EOS, PAD, PAD],
        [BOS, 5, 6, 7, EOS],
    ]


def test_a_cap_cuts_tokens_and_keeps_eos() -> None:
    assert _texts().source_batch(ROWS, max_length=3).tolist() == [[9, 10, EOS], [EOS, PAD, PAD], [5, 6, EOS]]
    assert _texts().target_batch(ROWS[:1], max_length=3).tolist() == [[BOS, 9, 10, EOS]]


@given(st.lists(st.lists(st.integers(4, 2**31 - 1), max_size=7), min_size=1, max_size=11), st.integers(2, 9))
def test_padding_comes_only_after_eos(sentences: list[list[int]], cap: int) -> None:
    batch = EncodedTexts.from_lists([sentences]).source_batch(np.arange(len(sentences)), max_length=cap)
    for row, sentence in zip(batch.tolist(), sentences, strict=True):
        end = row.index(EOS)
        assert row[:end] == sentence[: cap - 1]
        assert set(row[end + 1 :]) <= {PAD}
        assert PAD not in row[:end]


@pytest.mark.parametrize("sentences", [SENTENCES, [[], []]], ids=["some", "all-empty"])
def test_saved_sentences_are_mapped_back_the_same(tmp_path: Path, sentences: list[list[int]]) -> None:
    EncodedTexts.from_lists([sentences]).save(tmp_path, "train.source")
    loaded = EncodedTexts.load(tmp_path, "train.source")
    assert len(loaded) == len(sentences)
    rows = np.arange(len(sentences))
    np.testing.assert_array_equal(
        loaded.source_batch(rows, max_length=9), EncodedTexts.from_lists([sentences]).source_batch(rows, max_length=9)
    )
    assert not loaded.ids.flags.owndata  # mapped, not read
