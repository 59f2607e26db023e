"""Texts one after another, cut into blocks without padding."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import torch

from attnlab.data.language.batch import IGNORED, LanguageBatch
from attnlab.data.loading.batching import Ints
from attnlab.data.loading.even_batches import evaluation_batches, shuffled_batches
from attnlab.data.loading.stream import Wanted
from attnlab.data.text.encoded import EncodedTexts
from attnlab.models.special_tokens import EOS, PAD


class Stream(NamedTuple):
    """A split's texts with EOS between them, and as ring: what follows the last one is the EOS before the first.

    Prediction i is of `ids[i + 1]` from `ids[i]`, of N in all, one for each token and each text's end.
    """

    ids: Ints  # (N + 1,) int32; the first and the last are EOS
    bytes: Ints  # (N + 1,) int16, of UTF-8 that each id stands for
    starts: Ints  # (texts,) the place of the EOS before each text

    def __len__(self) -> int:
        """N."""
        return len(self.ids) - 1

    @classmethod
    def of(cls, texts: EncodedTexts, lengths_of: Callable[[list[int]], list[int]]) -> "Stream":
        """Of encoded texts, of whose ids `lengths_of` tells the bytes."""
        num_texts = len(texts)
        starts = np.asarray(texts.offsets[:-1]) + np.arange(num_texts)
        ids = np.full(len(texts.ids) + num_texts + 1, EOS, dtype=np.int32)
        sizes = np.zeros(len(ids), dtype=np.int16)
        for number, start in enumerate(starts.tolist()):
            of_text = np.asarray(texts.ids[texts.offsets[number] : texts.offsets[number + 1]])
            ids[start + 1 : start + 1 + len(of_text)] = of_text
            sizes[start + 1 : start + 1 + len(of_text)] = lengths_of(of_text.tolist())
        return cls(ids, sizes, starts)

    def num_blocks(self, length: int) -> int:
        """Blocks of so many predictions that hold them all; the last may have fewer."""
        return -(-len(self) // length)

    def text_of(self, place: int) -> int:
        """The text in which a prediction stands, by its number."""
        return int(np.searchsorted(self.starts, place, side="right")) - 1


@dataclass(frozen=True)
class StoredBlocks:
    """Makes batches: block b of `lengths[split]` predictions is of those from b T on, each in one block alone.

    In training the ring is turned a little in each pass, so that blocks don't always begin in the same places, by a
    number that follows from the seed and the pass, if it `turns`: not where the same batches are wanted over and over.
    Where texts are `apart`, each begins a segment with the EOS before it, as one that stands alone does.
    """

    streams: Mapping[str, Stream]
    lengths: Mapping[str, int]
    seed: int
    turns: bool
    apart: bool = False

    def __call__(self, wanted: Wanted) -> LanguageBatch:
        stream, length = self.streams[wanted.split], self.lengths[wanted.split]
        places = wanted.rows[:, None] * length + np.arange(length)  # (B, T)
        real = places < len(stream)
        if wanted.place is not None and self.turns:
            places = places + int(np.random.default_rng([self.seed, wanted.place[0]]).integers(length))
        places = places % len(stream)
        tokens = np.where(real, stream.ids[places], PAD)
        targets = np.where(real, stream.ids[places + 1], IGNORED)
        sizes = None if wanted.place is not None else _tensor(np.where(real, stream.bytes[places + 1], 0))
        segments = _tensor((tokens == EOS).cumsum(axis=1)) if self.apart else None
        return LanguageBatch(_tensor(wanted.rows), _tensor(tokens), _tensor(targets), sizes, segments)


def _tensor(values: Ints) -> torch.Tensor:
    return torch.from_numpy(np.ascontiguousarray(values, dtype=np.int64))


@dataclass(frozen=True, kw_only=True)
class BlockPlans:
    """Batches of at most `batch_sizes[split]` of the `num_blocks[split]` blocks."""

    num_blocks: Mapping[str, int]
    batch_sizes: Mapping[str, int]
    seed: int

    def num_examples(self, split: str) -> int:
        return self.num_blocks[split]

    def train_plan(self, epoch: int, world_size: int) -> list[Ints]:
        size = self.batch_sizes["train"]
        return shuffled_batches(
            self.num_blocks["train"], batch_size=size, seed=self.seed, epoch=epoch, world_size=world_size
        )

    def evaluation_plan(self, split: str, *, rank: int, world_size: int) -> list[Ints]:
        size = self.batch_sizes[split]
        return evaluation_batches(self.num_blocks[split], batch_size=size, rank=rank, world_size=world_size)
