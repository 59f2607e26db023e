"""One split of encoded text pairs, and its batches: what every task that writes a text from a text reads."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from attnlab.data.batching import Ints, evaluation_batches, train_batches
from attnlab.data.encoded import EncodedTexts
from attnlab.data.stream import EvaluationLoader, TrainStream


class TextTruth(NamedTuple):
    """A pair as it stands in the corpus: what an evaluation compares with and tells of."""

    text: str  # the source
    references: list[str]  # one or more
    name: str | None = None  # what the corpus calls the source
    lead: str | None = None  # what the baseline LEAD takes of it, where there is one


class TextPairBatch(NamedTuple):
    """Text pairs, padded with PAD on the right. All tensors int64."""

    ids: Tensor  # (B,) the numbers of the pairs in their split
    source: Tensor  # (B, Ts) tokens, EOS
    target: Tensor  # (B, Tt + 1) BOS, tokens, EOS
    truth: Sequence[TextTruth] | None = None  # (B,) of val and test


@dataclass(frozen=True, kw_only=True)
class TextPairs:
    """Pair i is text `source_rows[i]` of `source` and `target_rows[i]` of `target`, both cut to the caps.

    `caps` count tokens of the source with EOS, and of the target with one of BOS and EOS. A batch calls pair i
    `ids[i]`, and holds at most `batch_tokens` of both sides together, padding included. `seed` is the order's.
    """

    source: EncodedTexts
    target: EncodedTexts
    source_rows: Ints
    target_rows: Ints
    ids: Ints
    caps: tuple[int, int]
    batch_tokens: int
    seed: int

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def lengths(self) -> Ints:
        """(pairs, 2) tokens under the caps."""
        return np.minimum(self.uncut_lengths, self.caps)

    @property
    def uncut_lengths(self) -> Ints:
        """(pairs, 2) tokens as the texts have them."""
        sides = self.source.lengths[self.source_rows], self.target.lengths[self.target_rows]
        return np.stack(sides, axis=1) + 1

    def keep(self, pairs: Ints) -> "TextPairs":
        """Only those of these numbers."""
        return TextPairs(
            source=self.source,
            target=self.target,
            source_rows=self.source_rows[pairs],
            target_rows=self.target_rows[pairs],
            ids=self.ids[pairs],
            caps=self.caps,
            batch_tokens=self.batch_tokens,
            seed=self.seed,
        )

    def plan(self, epoch: int, world_size: int) -> list[Ints]:
        """The pairs of each batch of a pass over training data, of all processes in turn."""
        return train_batches(self.lengths, budget=self.batch_tokens, seed=self.seed, epoch=epoch, world_size=world_size)

    def train_stream(self, *, start: int, rank: int, world_size: int) -> TrainStream:
        """Passes without end, `start` batches in; the order depends on nothing but the seed and the pass."""

        def batches(epoch: int, first: int) -> Iterator[TextPairBatch]:
            return map(self.batch, self.plan(epoch, world_size)[rank::world_size][first:])

        return TrainStream(lambda epoch: len(self.plan(epoch, world_size)) // world_size, batches, start=start)

    def evaluation_loader(self, *, rank: int, world_size: int) -> EvaluationLoader:
        """Every pair exactly once over all processes."""
        plan = evaluation_batches(self.lengths, budget=self.batch_tokens, rank=rank, world_size=world_size)
        return EvaluationLoader(plan, self.batch)

    def batch(self, pairs: Ints) -> TextPairBatch:
        arrays = (
            self.ids[pairs],
            self.source.source_batch(self.source_rows[pairs], max_length=self.caps[0]),
            self.target.target_batch(self.target_rows[pairs], max_length=self.caps[1]),
        )
        ids, source, target = map(torch.from_numpy, arrays)
        return TextPairBatch(ids, source, target)


def check_limits(*, max_source_length: int, max_target_length: int, batch_tokens: int, seed: int) -> None:
    """ValueError for a size below what a text needs."""
    for key, cap in (("max_source_length", max_source_length), ("max_target_length", max_target_length)):
        if cap < 2:
            raise ValueError(f"{key} must be 2 or more, for a token and its end, got {cap} (set data.{key})")
    if batch_tokens < 1:
        raise ValueError(f"batch_tokens must be 1 or more, got {batch_tokens} (set data.batch_tokens)")
    if seed < 0:
        raise ValueError(f"seed must be 0 or more, got {seed} (set data.seed)")
