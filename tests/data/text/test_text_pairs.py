"""Encoded pairs in batches: cut to the caps, called by their ids, with truth in evaluation alone."""

import re

import numpy as np
import pytest

from attnlab.data.loading.stream import Wanted
from attnlab.data.text.encoded import EncodedTexts
from attnlab.data.text.text_pairs import TextPairBatches, TextPairs, TextTruth, checked_caps
from attnlab.models.special_tokens import BOS, EOS, PAD

SOURCES = [[11, 12, 13], [14], [15, 16, 17, 18, 19]]
TARGETS = [[21, 22], [23, 24, 25, 26]]


@pytest.fixture
def pairs() -> TextPairs:
    """Of the last source and of the first with both targets; the middle one with the second alone."""
    source, target = EncodedTexts.from_lists([SOURCES]), EncodedTexts.from_lists([TARGETS])
    rows = np.array([2, 2, 0, 0, 1]), np.array([0, 1, 0, 1, 1])
    return TextPairs.numbered(source, rows[0], target, rows[1], caps=(5, 4))


def test_lengths_count_the_end_and_stop_at_the_caps(pairs: TextPairs) -> None:
    assert pairs.uncut_lengths.tolist() == [[6, 3], [6, 5], [4, 3], [4, 5], [2, 5]]
    assert pairs.lengths.tolist() == [[5, 3], [5, 4], [4, 3], [4, 4], [2, 4]]


def test_a_batch_holds_the_pairs_asked_for_cut_to_the_caps(pairs: TextPairs) -> None:
    batch = pairs.batch(np.array([1, 4]))
    assert batch.ids.tolist() == [1, 4]
    assert batch.source.tolist() == [[15, 16, 17, 18, EOS], [14, EOS, PAD, PAD, PAD]]
    assert batch.target.tolist() == [[BOS, 23, 24, 25, EOS], [BOS, 23, 24, 25, EOS]]
    assert batch.truth is None


def test_pairs_that_are_kept_keep_their_ids(pairs: TextPairs) -> None:
    kept = pairs.keep(np.array([4, 2]))
    assert len(kept) == 2
    assert kept.batch(np.array([1, 0])).ids.tolist() == [2, 4]
    assert kept.batch(np.array([1, 0])).source[1].tolist() == [14, EOS, PAD, PAD]


@pytest.mark.parametrize("place", [None, (1, 2)])
def test_truth_goes_with_evaluation_alone_by_the_ids(pairs: TextPairs, place: tuple[int, int] | None) -> None:
    kept = pairs.keep(np.array([4, 2]))
    batches = TextPairBatches({"val": kept}, lambda split, number: TextTruth(f"{split} {number}", ["r"]))
    truth = batches(Wanted("val", np.array([1, 0]), place)).truth
    assert (truth is None) == (place is not None)
    if truth is not None:
        assert [each.text for each in truth] == ["val 2", "val 4"]


def test_batches_keep_to_the_budget_of_both_sides(pairs: TextPairs) -> None:
    batches = TextPairBatches({"train": pairs}, lambda split, number: TextTruth("", []))
    plan = batches.plans(batch_tokens=17, seed=3).train_plan(0, 1)
    assert sorted(row for rows in plan for row in rows.tolist()) == [0, 1, 2, 3, 4]
    for rows in plan:
        batch = pairs.batch(rows)
        assert batch.source.numel() + batch.target[:, 1:].numel() <= 17


def test_caps_leave_room_for_a_token_and_its_end() -> None:
    assert checked_caps(max_source_length=2, max_target_length=3) == (2, 3)
    message = "max_target_length must be 2 or more, for a token and its end, got 1 (set data.max_target_length)"
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        checked_caps(max_source_length=2, max_target_length=1)
