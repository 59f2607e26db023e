"""One split of encoded text pairs, and its batches: what every task that writes a text from a text reads."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from attnlab.data.loading.batching import Ints, PlansByLength
from attnlab.data.loading.stream import Wanted
from attnlab.data.text.encoded import EncodedTexts
from attnlab.errors import between


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
    `ids[i]`.
    """

    source: EncodedTexts
    target: EncodedTexts
    source_rows: Ints
    target_rows: Ints
    ids: Ints
    caps: tuple[int, int]

    @classmethod
    def numbered(
        cls, source: EncodedTexts, source_rows: Ints, target: EncodedTexts, target_rows: Ints, *, caps: tuple[int, int]
    ) -> "TextPairs":
        """All of them, called by their places."""
        return cls(
            source=source,
            target=target,
            source_rows=source_rows,
            target_rows=target_rows,
            ids=np.arange(len(source_rows)),
            caps=caps,
        )

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
        return replace(
            self, source_rows=self.source_rows[pairs], target_rows=self.target_rows[pairs], ids=self.ids[pairs]
        )

    def batch(self, pairs: Ints) -> TextPairBatch:
        arrays = (
            self.ids[pairs],
            self.source.source_batch(self.source_rows[pairs], max_length=self.caps[0]),
            self.target.target_batch(self.target_rows[pairs], max_length=self.caps[1]),
        )
        ids, source, target = map(torch.from_numpy, arrays)
        return TextPairBatch(ids, source, target)


@dataclass(frozen=True)
class TextPairBatches:
    """Makes the batches of each split; `truth` says of val and test what pair of a split is called by a number."""

    pairs: Mapping[str, TextPairs]
    truth: Callable[[str, int], TextTruth]

    def __call__(self, wanted: Wanted) -> TextPairBatch:
        batch = self.pairs[wanted.split].batch(wanted.rows)
        if wanted.place is not None:
            return batch
        return batch._replace(truth=[self.truth(wanted.split, number) for number in batch.ids.tolist()])

    def plans(self, *, batch_tokens: int, seed: int) -> PlansByLength:
        """Batches of at most `batch_tokens` of both sides together, padding included."""
        lengths = {split: each.lengths for split, each in self.pairs.items()}
        return PlansByLength(lengths=lengths, budget=batch_tokens, seed=seed)


def checked_caps(*, max_source_length: int, max_target_length: int) -> tuple[int, int]:
    """Both; ValueError for one below what a text needs."""
    for key, cap in (("max_source_length", max_source_length), ("max_target_length", max_target_length)):
        if cap < 2:
            raise ValueError(f"{key} must be 2 or more, for a token and its end, got {cap} (set data.{key})")
        between(2, 10**6, "data", **{key: cap})
    return max_source_length, max_target_length
