"""Texts, from any corpus, for models of the next token."""

import logging
from collections.abc import Callable, Mapping, Sequence
from itertools import groupby
from typing import Any

import numpy as np

from attnlab.data.clusters import Clusters
from attnlab.data.language.blocks import BlockPlans, StoredBlocks, Stream
from attnlab.data.language.codec import LanguageCodec
from attnlab.data.language.corpora import ReadsOneSplit, TextCorpus, Texts, checksum
from attnlab.data.module import DataModule
from attnlab.data.text.doubtful_texts import warn_of_encoding, warn_of_shared
from attnlab.data.text.held_out import check_not_empty, count_in_training
from attnlab.data.text.tokenizers import ExactTokenizer, check_exact
from attnlab.data.text.vocabularies import cached_encoding, cached_tokenizers
from attnlab.errors import between
from attnlab.models.special_tokens import UNK

log = logging.getLogger(__name__)

FEWEST_TEXTS = 10  # as many as a verdict needs
NUM_PARTS = 20  # of fewer texts, if there are so many blocks


class LanguageModellingDataModule(DataModule):
    """Reads a corpus, trains one vocabulary on its train split, and cuts its texts into blocks without padding.

    The texts of a split stand one after another with EOS between them, and each token is predicted once in a pass: in
    training and in val in blocks of `context_length`, in test of `max_length`, which the task reads in pieces of the
    one and the other. A block's cluster is the text in which it begins, or, of fewer than ten texts, a part of it:
    about twenty parts of neighbouring blocks, so that runs can be judged on these texts. Encoded texts are cached on
    disk under the sha256 of the text and the vocabulary.

    Texts without anything in them are left out; so much, and what of val and test stands in training or isn't in the
    vocabulary, is counted in `summary` and logged. With a trained model's codec it reads test alone, if the corpus can.

    Args:
        tokenizer: makes an untrained tokenizer.
        context_length: tokens that a block of training holds.
        max_length: of test; `context_length` times 1, 2, 4 and so on, up to which contexts are tested.
        texts_apart: whether each text of a block is read as if it stood alone; else contexts cross texts.
        batch_size: most blocks of a training batch, of each process; those of test hold as many tokens.
        root: folder of the corpus's files (None: bundled, or where one is).
        cache_dir: where prepared data goes (None: $ATTNLAB_CACHE, else ~/.cache/attnlab).
        seed: of the order of training batches.

    Raises:
        ValueError: a number out of its range, or a tokenizer whose ids aren't the text again.
    """

    codec_type = LanguageCodec
    codec: LanguageCodec
    _adopted: LanguageCodec | None

    def __init__(
        self,
        corpus: TextCorpus,
        tokenizer: Callable[[], ExactTokenizer],
        *,
        context_length: int = 256,
        max_length: int = 256,
        texts_apart: bool = False,
        batch_size: int = 32,
        root: str | None = None,
        cache_dir: str | None = None,
        seed: int = 0,
    ) -> None:
        super().__init__(root=root, cache_dir=cache_dir, seed=seed)
        between(1, 2**20, "data", context_length=context_length, batch_size=batch_size)
        check_times(context_length, max_length)
        check_exact(tokenizer())  # what it can't be is refused now, before anything is read
        self.corpus, self.tokenizer, self.texts_apart = corpus, tokenizer, texts_apart
        self.lengths = {"train": context_length, "val": context_length, "test": max_length}
        self.batch_sizes = {
            split: max(1, batch_size * context_length // length) for split, length in self.lengths.items()
        }
        self.example_sizes = {"vocab_size": 101}

    def prepare_data(self) -> None:
        """Read, train the vocabulary, encode, cache; what is cached already isn't done again.

        Raises:
            UserError: a mistake in the corpus's files, or a split without a text.
        """
        if self.prepared:
            return
        read = self._read()
        splits = {split: texts.written() for split, texts in read.items()}
        check_not_empty({split: len(texts.texts) for split, texts in splits.items()})
        sha256 = checksum(splits)
        codec = self._adopted or self._trained_codec(splits["train"], sha256)
        streams = self._streams(splits, codec, sha256)
        num_blocks = {split: stream.num_blocks(self.lengths[split]) for split, stream in streams.items()}
        self.test_checksum = checksum({"test": splits["test"]})
        self.clusters = self._clusters(splits, streams, num_blocks)
        empty = {split: len(texts.texts) - len(splits[split].texts) for split, texts in read.items()}
        self._hold(
            codec=codec,
            checksum=sha256,
            summary=self._count(splits, streams, num_blocks, empty),
            plans=BlockPlans(num_blocks=num_blocks, batch_sizes=self.batch_sizes, seed=self.seed),
            make=StoredBlocks(
                streams, self.lengths, self.seed, turns=self.overfit_batches is None, apart=self.texts_apart
            ),
            train_tokens=len(streams["train"]) if "train" in streams else None,
        )

    def _read(self) -> dict[str, Texts]:
        if self._adopted is not None and isinstance(self.corpus, ReadsOneSplit):
            return {"test": self.corpus.read_split("test", root=self._root(), cache_dir=self.cache_dir)}
        return self.corpus.read(root=self._root(), cache_dir=self.cache_dir)

    def _trained_codec(self, train: Texts, sha256: str) -> LanguageCodec:
        key = ("language", sha256, self.tokenizer().settings)
        [state] = cached_tokenizers(self.cache_dir, self.tokenizer, [train.texts], key=key)
        return LanguageCodec(tokenizer=state)

    def _streams(self, splits: Mapping[str, Texts], codec: LanguageCodec, sha256: str) -> dict[str, Stream]:
        check_exact(codec.tokenizer)
        assert isinstance(codec.tokenizer, ExactTokenizer)
        texts = {split: {"text": each.texts} for split, each in splits.items()}
        encoded = cached_encoding(self.cache_dir, {"text": codec.tokenizer}, texts, checksum=sha256)
        return {split: Stream.of(each["text"], codec.tokenizer.byte_lengths) for split, each in encoded.items()}

    def _clusters(
        self, splits: Mapping[str, Texts], streams: Mapping[str, Stream], num_blocks: Mapping[str, int]
    ) -> dict[str, Clusters]:
        """Of val and test, the texts in which blocks begin; where these are few, parts of them."""
        found = {}
        for split in (each for each in ("val", "test") if each in splits):
            places = range(0, num_blocks[split] * self.lengths[split], self.lengths[split])
            names = [splits[split].names[streams[split].text_of(place)] for place in places]
            few = len(set(names)) < FEWEST_TEXTS
            found[split] = Clusters("part", in_parts(names)) if few else Clusters(splits[split].kind, names)
        return found

    def _count(
        self,
        splits: Mapping[str, Texts],
        streams: Mapping[str, Stream],
        num_blocks: Mapping[str, int],
        empty: Mapping[str, int],
    ) -> dict[str, Any]:
        for split, count in empty.items():
            if count:
                log.warning("left out %d texts of %s: nothing in them", count, split)
        unknown = {split: int(np.count_nonzero(stream.ids == UNK)) for split, stream in streams.items()}
        for split in (each for each in ("val", "test") if unknown.get(each)):
            message = (
                f"{unknown[split]} of {len(streams[split])} tokens of {split} stand for letters that aren't in the "
                "vocabulary: bits a byte leave them out, and can't be compared with a tokenizer's that knows them"
            )
            self.warn("unknown_letters", message)
        return {
            "texts": {split: len(texts.texts) for split, texts in splits.items()},
            "blocks": dict(num_blocks),
            "tokens": {split: len(stream) for split, stream in streams.items()},
            "bytes": {split: int(stream.bytes.sum(dtype=np.int64)) for split, stream in streams.items()},
            "empty": dict(empty),
            "unknown": unknown,
            "in_training": self._in_training(splits),
        }

    def _in_training(self, splits: Mapping[str, Texts]) -> dict[str, int]:
        if "train" not in splits:
            return {}
        warn_of_encoding({split: {"texts": each.texts} for split, each in splits.items()}, self.warn)
        warn_of_shared("texts", splits["val"].texts, splits["test"].texts, self.warn)
        train = set(splits["train"].texts)
        return {
            split: count_in_training(split, "texts", splits[split].texts, train, self.warnings)
            for split in ("val", "test")
        }


def in_parts(names: Sequence[str]) -> list[str]:
    """Names of neighbouring blocks of one text together, about `NUM_PARTS` in all, of the texts of all blocks."""
    size = -(-len(names) // NUM_PARTS)
    found: list[str] = []
    for name, group in groupby(names):
        found += [f"{name}, part {1 + place // size}" for place, _ in enumerate(group)]
    return found


def check_times(context_length: int, max_length: int) -> None:
    """ValueError unless the one is the other times 1, 2, 4 and so on."""
    times, rest = divmod(max_length, context_length)
    if rest or times < 1 or times & (times - 1):
        raise ValueError(
            f"max_length must be context_length {context_length} times 1, 2, 4 and so on, got {max_length} "
            "(set data.max_length)"
        )
    between(1, 2**22, "data", max_length=max_length)
