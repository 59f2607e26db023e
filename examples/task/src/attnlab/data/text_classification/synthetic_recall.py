"""Associative recall: the class of a text is what stood after its last word, when that stood there before."""

import hashlib
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from attnlab.data.loading.even_batches import EvenPlans
from attnlab.data.loading.stream import Wanted
from attnlab.data.module import DataModule
from attnlab.data.text_classification.codec import TextClassificationBatch, TextClassificationCodec
from attnlab.errors import UserError, at_least


class Classified(NamedTuple):
    """A split: texts, the ids of their words (N, T), and their classes (N,)."""

    texts: Sequence[str]
    words: Tensor
    labels: Tensor


class StoredTexts:
    """Makes batches of texts that lie in memory."""

    def __init__(self, splits: Mapping[str, Classified]) -> None:
        self.splits = splits

    def __call__(self, wanted: Wanted) -> TextClassificationBatch:
        texts, words, labels = self.splits[wanted.split]
        rows = torch.from_numpy(wanted.rows)
        truth = [texts[row] for row in rows.tolist()] if wanted.place is None else None
        return TextClassificationBatch(rows, words[rows], labels[rows], truth)


class SyntheticRecallDataModule(DataModule):
    """Made up, so that the right answer is known: `n3 v1 n0 v0 n7 v1 n0` is of class `v0`.

    Each text names some of the names once, each with a value, and ends with one of them (Graves et al., 2014, section
    4.3; in this form Arora et al., 2023). No text is in two splits. Nothing of it depends on `seed`, save the order.

    Args:
        num_names, num_values: words of either kind; a class is a value.
        num_pairs: names in a text, each with its value.
        max_length: most words that the model reads, 2 num_pairs + 1 or more.
        num_train, num_val, num_test: texts.
        batch_size: most texts of a batch, of each process.
        seed: of the order of training batches.

    Raises:
        ValueError: a number out of its range, or more texts than there are different ones to choose from.
    """

    codec_type = TextClassificationCodec
    codec: TextClassificationCodec

    def __init__(
        self,
        *,
        num_names: int = 16,
        num_values: int = 8,
        num_pairs: int = 4,
        max_length: int = 16,
        num_train: int = 20000,
        num_val: int = 1000,
        num_test: int = 1000,
        batch_size: int = 128,
        seed: int = 0,
    ) -> None:
        super().__init__(root=None, cache_dir=None, seed=seed)
        at_least(1, "data", num_pairs=num_pairs, num_train=num_train, num_val=num_val, num_test=num_test)
        at_least(2, "data", num_values=num_values)
        at_least(num_pairs, "data", num_names=num_names)
        at_least(2 * num_pairs + 1, "data", max_length=max_length)
        at_least(1, "data", batch_size=batch_size)
        self.counts = {"train": num_train, "val": num_val, "test": num_test}
        different = num_names * num_values**num_pairs  # at least so many
        if 2 * sum(self.counts.values()) > different:
            raise ValueError(
                f"there must be texts enough to choose from, got {sum(self.counts.values())} of {different} "
                "(set data.num_train, data.num_names or data.num_values)"
            )
        self.names = [f"n{number}" for number in range(num_names)]
        self.values = [f"v{number}" for number in range(num_values)]
        self.num_pairs, self.batch_size = num_pairs, batch_size
        self._own = TextClassificationCodec(words=[*self.names, *self.values], classes=self.values)
        self.example_sizes = self._own.sizes

    def prepare_data(self) -> None:
        """Make the texts, unless that is done.

        Raises:
            UserError: an adopted model knows other words.
        """
        if self.prepared:
            return
        if self._adopted is not None and self._adopted.state() != self._own.state():
            raise UserError("the model knows other names or values (set data.num_names and data.num_values)")
        texts = self._texts()
        splits, start = {}, 0
        for split, count in self.counts.items():
            splits[split] = self._classified(texts[start : start + count])
            start += count
        self._hold(
            codec=self._own,
            checksum=hashlib.sha256("\n".join(texts).encode()).hexdigest(),
            summary={"examples": self.counts},
            plans=EvenPlans(num_items=self.counts, batch_size=self.batch_size, seed=self.seed),
            make=StoredTexts(splits),
        )

    def _texts(self) -> list[str]:
        """All different."""
        random = np.random.default_rng(0)
        found: dict[str, None] = {}
        while len(found) < sum(self.counts.values()):
            names = random.permutation(len(self.names))[: self.num_pairs]
            values = random.integers(len(self.values), size=self.num_pairs)
            pairs = [
                word
                for name, value in zip(names, values, strict=True)
                for word in (self.names[name], self.values[value])
            ]
            found[" ".join([*pairs, self.names[random.choice(names)]])] = None
        return list(found)

    def _classified(self, texts: Sequence[str]) -> Classified:
        words = torch.tensor([self._own.encode(text) for text in texts])
        labels = torch.tensor([self.values.index(answer(text)) for text in texts])
        return Classified(texts, words, labels)


def answer(text: str) -> str:
    """What stands after the last word's first occurrence."""
    words = text.split()
    return words[words.index(words[-1]) + 1]
