"""Sequences that are made up and end in a question, as a language model is trained and tested on them."""

import hashlib
from collections.abc import Mapping

import numpy as np
import torch

from attnlab.data.language.asked import AskedSequences, Symbols
from attnlab.data.language.batch import IGNORED, LanguageBatch
from attnlab.data.language.codec import LanguageCodec
from attnlab.data.loading.even_batches import EvenPlans
from attnlab.data.loading.stream import Wanted
from attnlab.data.module import DataModule
from attnlab.data.text.symbols import SymbolTokenizer
from attnlab.errors import UserError, at_least, between
from attnlab.models.special_tokens import SPECIAL_TOKENS
from attnlab.reading.data_root import check_no_files


class RecallBatches:
    """Makes batches of sequences (N, T + 1) by split; in val and test the answer alone is asked.

    Args:
        train_everywhere: whether training asks at every place what comes next, or for the answer alone, too.
    """

    def __init__(self, sequences: Mapping[str, Symbols], *, train_everywhere: bool) -> None:
        self.sequences, self.train_everywhere = sequences, train_everywhere

    def __call__(self, wanted: Wanted) -> LanguageBatch:
        ids = torch.from_numpy(self.sequences[wanted.split][wanted.rows].astype(np.int64)) + len(SPECIAL_TOKENS)
        targets = ids[:, 1:].clone()
        if wanted.split != "train" or not self.train_everywhere:
            targets[:, :-1] = IGNORED
        return LanguageBatch(ids=torch.from_numpy(np.asarray(wanted.rows)), tokens=ids[:, :-1], targets=targets)


class RecallDataModule(DataModule):
    """Made-up sequences that end in a question, which nothing but what stands earlier in the sequence answers.

    Accuracy is that of the answers. In the summary, and so in the run's record, stands what a guess would reach:
    `chance` among all possible answers, and `commonest`, the one that stands most often in each sequence of test.

    Args:
        sequences: the set.
        context_length: symbols of a sequence without its answer; the set's own.
        max_length: most symbols that a model is to read; as many as there are, or more.
        train_everywhere: whether training asks at every place what comes next (as published, though but for repeated
            pairs and the answer it can't be known), or for the answer alone.
        batch_size: most sequences of a batch, of each process.
        root, cache_dir: of no use: the data is made up, and made again each time.
        seed: of the order of training batches.

    Raises:
        ValueError: a number out of its range, or that isn't the set's.
    """

    codec_type = LanguageCodec
    codec: LanguageCodec
    _adopted: LanguageCodec | None

    def __init__(
        self,
        sequences: AskedSequences,
        *,
        context_length: int,
        max_length: int,
        train_everywhere: bool = True,
        batch_size: int = 32,
        root: str | None = None,
        cache_dir: str | None = None,
        seed: int = 0,
    ) -> None:
        super().__init__(root=root, cache_dir=cache_dir, seed=seed)
        at_least(1, "data", batch_size=batch_size)
        if context_length != sequences.length:
            raise ValueError(
                f"context_length must be the {sequences.length} symbols of a sequence, got {context_length} "
                "(set data.context_length, and data.sequences.length=${data.context_length})"
            )
        between(context_length, 2**22, "data", max_length=max_length)
        self.source, self.batch_size, self.train_everywhere = sequences, batch_size, train_everywhere
        self.context_length, self.max_length = context_length, max_length
        self.example_sizes = self._own_codec().sizes

    def _own_codec(self) -> LanguageCodec:
        return LanguageCodec(tokenizer=SymbolTokenizer(symbols=self.source.symbols).state(), marked=False)

    def prepare_data(self) -> None:
        """Make the sequences, if that isn't done yet.

        Raises:
            UserError: there aren't so many different ones, a folder of files is given, or an adopted model knows other
                symbols.
        """
        if self.prepared:
            return
        check_no_files(self.root)
        codec = self._own_codec()
        if self._adopted is not None and self._adopted.state() != codec.state():
            raise UserError(
                f"the model was trained on other symbols, got {len(self.source.symbols)} of this data "
                "(set data.sequences as in its run)"
            )
        sequences = self.source.read()
        counts = {split: len(each) for split, each in sequences.items()}
        test = sequences["test"]
        commonest = float((self.source.commonest(test[:, :-1]) == test[:, -1]).mean())
        self.test_checksum = _checksum({"test": test})
        self._hold(
            codec=codec,
            checksum=_checksum(sequences),
            summary={
                "sequences": counts,
                "chance": round(self.source.chance, 4),
                "commonest": round(commonest, 4),
            },
            plans=EvenPlans(num_items=counts, batch_size=self.batch_size, seed=self.seed),
            make=RecallBatches(sequences, train_everywhere=self.train_everywhere),
            train_tokens=counts["train"] * self.context_length,
        )


def _checksum(sequences: Mapping[str, Symbols]) -> str:
    digest = hashlib.sha256()
    for split, each in sorted(sequences.items()):
        digest.update(f"{split} {each.shape}".encode())
        digest.update(each.astype("<i2").tobytes())
    return digest.hexdigest()
