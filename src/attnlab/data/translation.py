"""Sentence pairs for machine translation, from any parallel corpus."""

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from attnlab.data.batching import padding_share
from attnlab.data.cached_folder import default_cache_dir
from attnlab.data.codec import TranslationCodec
from attnlab.data.corpora import SPLITS, Corpus, ParallelTexts, checksum
from attnlab.data.module import DataModule
from attnlab.data.stream import EvaluationLoader, TrainStream, place
from attnlab.data.text_pairs import TextPairBatch, TextPairs, TextTruth, check_limits
from attnlab.data.tokenizers import Tokenizer, check_writes_text
from attnlab.data.vocabularies import cached_encoding, cached_tokenizers
from attnlab.errors import UserError

log = logging.getLogger(__name__)


class TranslationDataModule(DataModule):
    """Reads a corpus, trains the vocabulary on its train split, and batches by token count.

    Encoded sentences are cached on disk under the sha256 of the text and the vocabulary, and memory-mapped.

    Training pairs that are empty on a side or exceed a cap are left out; sentences of val and test are cut to it, never
    left out. Both are counted in `summary` and logged.

    Args:
        tokenizer: makes an untrained tokenizer.
        source, target: language codes.
        joint_vocabulary: one vocabulary for both languages, trained on both.
        batch_tokens: most tokens of a batch, source and target together, padding included.
        max_source_length: most source tokens, EOS included.
        max_target_length: most tokens the decoder reads, BOS included.
        root: folder of the corpus's files (None: bundled, or downloaded).
        cache_dir: where downloads and prepared data go (None: $ATTNLAB_CACHE, else ~/.cache/attnlab).
        seed: of the order of training batches.

    Raises:
        ValueError: a size below what a sentence needs, or source and target the same.
    """

    codec: TranslationCodec

    def __init__(
        self,
        corpus: Corpus,
        tokenizer: Callable[[], Tokenizer],
        *,
        source: str,
        target: str,
        joint_vocabulary: bool = True,
        batch_tokens: int = 4096,
        max_source_length: int = 128,
        max_target_length: int = 128,
        root: str | None = None,
        cache_dir: str | None = None,
        seed: int = 0,
    ) -> None:
        super().__init__()
        if source == target:
            raise ValueError(f"source and target must differ, got {source!r} for both (set data.source or data.target)")
        check_limits(
            max_source_length=max_source_length,
            max_target_length=max_target_length,
            batch_tokens=batch_tokens,
            seed=seed,
        )
        check_writes_text(tokenizer())  # what it can't be is refused now, before anything is read
        self.corpus, self.tokenizer = corpus, tokenizer
        self.source, self.target, self.joint_vocabulary = source, target, joint_vocabulary
        self.batch_tokens, self.seed = batch_tokens, seed
        self.caps = (max_source_length, max_target_length)
        self.root = Path(root).expanduser() if root is not None else None
        self.cache_dir = Path(cache_dir).expanduser() if cache_dir is not None else default_cache_dir()
        self.start_batch = 0  # batches of training already taken, on resume
        self._adopted: TranslationCodec | None = None
        self._pairs: dict[str, TextPairs] = {}

    @property
    def example_sizes(self) -> dict[str, int]:
        """Stand-ins for `sizes` before any data is there; equal where the vocabulary is shared."""
        return {"source_vocab_size": 101, "target_vocab_size": 101 if self.joint_vocabulary else 103}

    def adopt(self, codec: TranslationCodec) -> None:
        """Use a trained model's vocabulary instead of training one; before `prepare_data`."""
        if (codec.source, codec.target) != (self.source, self.target):
            raise UserError(
                f"the model translates {codec.source} to {codec.target}, got {self.source} to {self.target} "
                "(set data.source and data.target)"
            )
        self._adopted = codec

    # Preparation

    def prepare_data(self) -> None:
        """Read, train the vocabulary, encode, cache; what is cached already isn't done again.

        Raises:
            UserError: a mistake in the corpus's files, or no training pair within the caps.
        """
        if self._pairs:
            return
        splits = self.corpus.read(self.source, self.target, root=self.root, cache_dir=self.cache_dir)
        self.checksum = checksum(splits)
        self.codec = self._adopted or self._trained_codec(splits["train"])
        self._texts = {split: splits[split] for split in ("val", "test")}
        uncut = self._encoded(splits)
        lengths = uncut["train"].uncut_lengths
        [fitting] = np.nonzero(((lengths > 1) & (lengths <= self.caps)).all(axis=1))
        self._pairs = uncut | {"train": uncut["train"].keep(fitting)}
        self.summary = self._count(uncut)

    def setup(self, stage: str) -> None:
        """As `prepare_data`: the other processes of a node find its results in the cache."""
        self.prepare_data()

    def _trained_codec(self, train: ParallelTexts) -> TranslationCodec:
        parts = [[*train.source, *train.target]] if self.joint_vocabulary else [train.source, train.target]
        key = (self.checksum, self.tokenizer().settings, self.joint_vocabulary)
        states = cached_tokenizers(self.cache_dir, self.tokenizer, parts, key=key)
        return TranslationCodec(
            source=self.source,
            target=self.target,
            source_tokenizer=states[0],
            target_tokenizer=None if self.joint_vocabulary else states[1],
        )

    def _encoded(self, splits: dict[str, ParallelTexts]) -> dict[str, TextPairs]:
        encoded = cached_encoding(
            self.cache_dir,
            {"source": self.codec.source_tokenizer, "target": self.codec.target_tokenizer},
            {split: texts._asdict() for split, texts in splits.items()},
            checksum=self.checksum,
        )
        pairs = {}
        for split, sides in encoded.items():
            rows = np.arange(len(sides["source"]))
            pairs[split] = TextPairs(
                source=sides["source"],
                target=sides["target"],
                source_rows=rows,
                target_rows=rows,
                ids=rows,
                caps=self.caps,
                batch_tokens=self.batch_tokens,
                seed=self.seed,
            )
        return pairs

    def _count(self, uncut: dict[str, TextPairs]) -> dict[str, Any]:
        kept, given = len(self._pairs["train"]), len(uncut["train"])
        if not kept:
            raise UserError(
                "training needs pairs within max_source_length and max_target_length, got none of "
                f"{given} within {self.caps[0]} and {self.caps[1]} tokens (set data.max_source_length "
                "and data.max_target_length)"
            )
        truncated = {
            split: int((uncut[split].uncut_lengths > self.caps).any(axis=1).sum()) for split in ("val", "test")
        }
        if kept < given:
            log.warning("left out %d of %d training pairs: empty or too long", given - kept, given)
        for split, count in truncated.items():
            if count:
                log.warning("cut %d of %d pairs of %s to the longest allowed", count, len(uncut[split]), split)
        return {
            "source": self.source,
            "target": self.target,
            "pairs": {split: len(self._pairs[split]) for split in SPLITS},
            "dropped": {"train": given - kept},
            "truncated": truncated,
            "padding_share": round(padding_share(self._pairs["train"].lengths, self._pairs["train"].plan(0, 1)), 4),
            **self.sizes,
        }

    # What is known once prepared

    @property
    def sizes(self) -> dict[str, int]:
        """What the model's constructor takes of the data."""
        return self.codec.sizes

    def num_pairs(self, split: str) -> int:
        """Pairs of a split that batches hold."""
        return len(self._pairs[split])

    def texts(self, split: str, number: int) -> tuple[str, str]:
        """Source and reference of a pair of val or test as they stand in the corpus; `number` as in a batch's ids."""
        return self._texts[split].source[number], self._texts[split].target[number]

    def num_examples(self, split: str) -> int:
        """Examples of a split that batches hold."""
        return len(self._pairs[split])

    def num_train_batches(self, epoch: int, world_size: int) -> int:
        """Batches each of `world_size` processes takes in a pass."""
        return len(self._pairs["train"].plan(epoch, world_size)) // world_size

    # Batches

    def train_dataloader(self) -> TrainStream:
        """Passes without end; the order depends on nothing but the seed and the pass."""
        rank, world_size = place(self.trainer)
        return self._pairs["train"].train_stream(start=self.start_batch, rank=rank, world_size=world_size)

    def val_dataloader(self) -> EvaluationLoader:
        return self._evaluation("val")

    def test_dataloader(self) -> EvaluationLoader:
        return self._evaluation("test")

    def _evaluation(self, split: str) -> EvaluationLoader:
        rank, world_size = place(self.trainer)
        loader = self._pairs[split].evaluation_loader(rank=rank, world_size=world_size)
        return EvaluationLoader(loader.plan, lambda rows: self._with_truth(split, loader.batch(rows)))

    def _with_truth(self, split: str, batch: TextPairBatch) -> TextPairBatch:
        return batch._replace(truth=[self._truth(split, number) for number in batch.ids.tolist()])

    def _truth(self, split: str, number: int) -> TextTruth:
        text, reference = self.texts(split, number)
        return TextTruth(text, [reference])
