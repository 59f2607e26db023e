"""Sentences as ids in two flat arrays, memory-mapped from disk."""

from collections.abc import Iterable
from itertools import chain
from pathlib import Path

import numpy as np

from attnlab.data.loading.batching import Ints
from attnlab.models.special_tokens import BOS, EOS, PAD


class EncodedTexts:
    """Sentence i is `ids[offsets[i]:offsets[i + 1]]`, without special tokens."""

    def __init__(self, ids: Ints, offsets: Ints) -> None:
        self.ids, self.offsets = ids, offsets  # int32 (tokens,), int64 (sentences + 1,)

    @classmethod
    def from_lists(cls, sentences: Iterable[list[list[int]]]) -> "EncodedTexts":
        """From chunks of sentences, so that not all of them are lists at once."""
        ids, lengths = [], [np.zeros(1, np.int64)]
        for chunk in sentences:
            ids.append(np.fromiter(chain.from_iterable(chunk), np.int32))
            lengths.append(np.fromiter(map(len, chunk), np.int64, count=len(chunk)))
        return cls(np.concatenate([np.zeros(0, np.int32), *ids]), np.cumsum(np.concatenate(lengths)))

    @classmethod
    def load(cls, folder: Path, name: str) -> "EncodedTexts":
        """What `save` wrote; pages are read when touched."""
        ids, offsets = (np.load(folder / f"{name}.{part}.npy", mmap_mode="r") for part in ("ids", "offsets"))
        # A plain view of the map: numpy's own memmap class is slow to index.
        return cls(np.asarray(ids), np.asarray(offsets))

    def save(self, folder: Path, name: str) -> None:
        np.save(folder / f"{name}.ids.npy", self.ids)
        np.save(folder / f"{name}.offsets.npy", self.offsets)

    def __len__(self) -> int:
        return len(self.offsets) - 1

    @property
    def lengths(self) -> Ints:
        """Tokens of each sentence."""
        return np.diff(self.offsets)

    def source_batch(self, rows: Ints, *, max_length: int) -> Ints:
        """(B, T) int64: the first `max_length` - 1 ids of each row's sentence, EOS, then PAD."""
        return self._batch(rows, max_length - 1)

    def target_batch(self, rows: Ints, *, max_length: int) -> Ints:
        """(B, T + 1) int64: BOS, then as `source_batch`."""
        batch = self._batch(rows, max_length - 1)
        return np.concatenate([np.full((len(rows), 1), BOS), batch], axis=1)

    def _batch(self, rows: Ints, limit: int) -> Ints:
        starts = self.offsets[rows]
        lengths = np.minimum(self.offsets[rows + 1] - starts, limit)
        columns = np.arange(lengths.max() + 1)
        batch = np.full((len(rows), len(columns)), PAD, dtype=np.int64)
        real = columns < lengths[:, None]  # (B, T)
        batch[real] = self.ids[(starts[:, None] + columns)[real]]
        batch[np.arange(len(rows)), lengths] = EOS
        return batch
