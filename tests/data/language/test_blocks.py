"""Texts in blocks: every token once, nothing but what stood before."""

from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from attnlab.data.language.batch import IGNORED
from attnlab.data.language.blocks import BlockPlans, StoredBlocks, Stream
from attnlab.data.loading.stream import Wanted
from attnlab.data.text.encoded import EncodedTexts
from attnlab.models.special_tokens import EOS, PAD

TEXTS = [[5, 6, 7, 8, 9], [10, 11], [12, 13, 14, 15, 16, 17, 18]]


def stream() -> Stream:
    return Stream.of(EncodedTexts.from_lists([TEXTS]), lambda ids: [each % 3 for each in ids])


def made(place: tuple[int, int] | None, *, length: int = 4, turns: bool = True, apart: bool = False) -> Any:
    split = "test" if place is None else "train"
    maker = StoredBlocks({split: stream()}, {split: length}, 7, turns, apart)
    return maker(Wanted(split, np.arange(stream().num_blocks(length)), place))


def test_texts_stand_one_after_another_with_their_ends_between() -> None:
    found = stream()
    assert found.ids.tolist() == [EOS, *TEXTS[0], EOS, *TEXTS[1], EOS, *TEXTS[2], EOS]
    assert found.bytes.tolist() == [each % 3 if each > EOS else 0 for each in found.ids.tolist()]
    assert [found.text_of(place) for place in (0, 5, 6, 8, 9, 16)] == [0, 0, 1, 1, 2, 2]


@pytest.mark.parametrize("place", [None, (0, 0), (3, 1)])
@pytest.mark.parametrize("length", [1, 4, 16, 17, 31])
def test_every_token_is_predicted_once_from_the_one_before(place: tuple[int, int] | None, length: int) -> None:
    batch, ids = made(place, length=length), stream().ids.tolist()
    real = batch.targets != IGNORED
    pairs = list(zip(batch.tokens[real].tolist(), batch.targets[real].tolist(), strict=True))
    assert sorted(pairs) == sorted(pairwise(ids))
    assert (batch.tokens[~real] == PAD).all()
    assert (~real).sum() == (-len(stream())) % length
    flat = [pair for row, there in zip(batch.tokens, real, strict=True) for pair in [row[there].tolist()]]
    for row, targets, there in zip(flat, batch.targets, real, strict=True):
        assert row[1:] == targets[there].tolist()[:-1]


def test_passes_of_training_begin_in_other_places_unless_they_are_to_be_the_same() -> None:
    begins = {tuple(made((epoch, 0)).tokens[0].tolist()) for epoch in range(8)}
    assert len(begins) > 1
    assert len({tuple(made((epoch, 0), turns=False).tokens[0].tolist()) for epoch in range(8)}) == 1
    assert (made((5, 0)).tokens == made((5, 1)).tokens).all()


def test_bytes_are_those_of_the_targets_and_training_has_none() -> None:
    batch = made(None)
    assert made((0, 0)).bytes is None
    expected = [0 if each in (EOS, IGNORED) else each % 3 for each in batch.targets.flatten().tolist()]
    assert batch.bytes.flatten().tolist() == expected


def test_plans_hold_every_block_once_in_batches_of_their_own_size() -> None:
    plans = BlockPlans(
        num_blocks={"train": 13, "val": 5, "test": 7}, batch_sizes={"train": 4, "val": 4, "test": 2}, seed=3
    )
    train = plans.train_plan(0, 2)
    assert sorted(np.concatenate(train).tolist()) == list(range(13))
    assert len(train) % 2 == 0
    test = [plans.evaluation_plan("test", rank=rank, world_size=2) for rank in range(2)]
    assert sorted(np.concatenate([each for part in test for each in part]).tolist()) == list(range(7))
    assert max(len(each) for part in test for each in part) == 2


@pytest.mark.parametrize("place", [None, (0, 0), (3, 1)])
@pytest.mark.parametrize("length", [1, 4, 31])
def test_each_text_has_a_number_of_its_own_in_its_block_and_begins_with_the_mark(
    place: tuple[int, int] | None, length: int
) -> None:
    assert made(place, length=length).segments is None
    batch = made(place, length=length, apart=True)
    for tokens, segments in zip(batch.tokens.tolist(), batch.segments.tolist(), strict=True):
        parts = [[t for t, each in zip(tokens, segments, strict=True) if each == n] for n in sorted(set(segments))]
        assert [token for part in parts for token in part] == tokens
        assert all(EOS not in part[1:] for part in parts)
        assert all(part[0] == EOS for part in parts[1:])
