"""Sentence pairs for machine translation, from any parallel corpus."""

import hashlib
import json
import logging
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from lightning.pytorch import LightningDataModule
from torch import Tensor
from tqdm import tqdm

from attnlab.data.batching import Ints, evaluation_batches, padding_share, train_batches
from attnlab.data.cached_folder import cached_folder, default_cache_dir
from attnlab.data.codec import TranslationCodec
from attnlab.data.corpora import SPLITS, Corpus, ParallelTexts, checksum
from attnlab.data.encoded import EncodedTexts
from attnlab.data.stream import EvaluationLoader, TrainStream
from attnlab.data.tokenizers import Tokenizer
from attnlab.errors import UserError

log = logging.getLogger(__name__)

ENCODING_VERSION = 1  # raise it when the same corpus and settings give other ids, so that old caches aren't used
CHUNK = 1000  # sentences encoded at a time


class TranslationBatch(NamedTuple):
    """Sentence pairs, padded with PAD on the right. All int64."""

    ids: Tensor  # (B,) where the pairs stand in their split
    source: Tensor  # (B, Ts) tokens, EOS
    target: Tensor  # (B, Tt + 1) BOS, tokens, EOS


class _Pairs(NamedTuple):
    """One split, encoded."""

    source: EncodedTexts
    target: EncodedTexts
    rows: Ints  # those within the caps (train), or all
    lengths: Ints  # (rows, 2) tokens of source with EOS, and of target with one of BOS and EOS, under the caps


class TranslationDataModule(LightningDataModule):
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
        for key, cap in (("max_source_length", max_source_length), ("max_target_length", max_target_length)):
            if cap < 2:
                raise ValueError(f"{key} must be 2 or more, for a token and its end, got {cap} (set data.{key})")
        if batch_tokens < 1:
            raise ValueError(f"batch_tokens must be 1 or more, got {batch_tokens} (set data.batch_tokens)")
        if seed < 0:
            raise ValueError(f"seed must be 0 or more, got {seed} (set data.seed)")
        tokenizer()  # what it can't be is refused now, before anything is read
        self.corpus, self.tokenizer = corpus, tokenizer
        self.source, self.target, self.joint_vocabulary = source, target, joint_vocabulary
        self.batch_tokens, self.seed = batch_tokens, seed
        self.caps = (max_source_length, max_target_length)
        self.root = Path(root).expanduser() if root is not None else None
        self.cache_dir = Path(cache_dir).expanduser() if cache_dir is not None else default_cache_dir()
        self.start_batch = 0  # batches of training already taken, on resume
        self._adopted: TranslationCodec | None = None
        self._pairs: dict[str, _Pairs] = {}

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
        folder = self._encoded(splits)
        self._texts = {split: splits[split] for split in ("val", "test")}
        self._pairs = {split: self._load(folder, split) for split in SPLITS}
        self.summary = self._count()

    def setup(self, stage: str) -> None:
        """As `prepare_data`: the other processes of a node find its results in the cache."""
        self.prepare_data()

    def _trained_codec(self, train: ParallelTexts) -> TranslationCodec:
        parts = [[*train.source, *train.target]] if self.joint_vocabulary else [train.source, train.target]
        key = _sha256(ENCODING_VERSION, self.checksum, self.tokenizer().settings, self.joint_vocabulary)

        def write(folder: Path) -> None:
            states = []
            for texts in parts:
                log.info("training a vocabulary on %d sentences", len(texts))
                tokenizer = self.tokenizer()
                tokenizer.train(texts)
                states.append(tokenizer.state())
            (folder / "tokenizers.json").write_text(json.dumps(states, ensure_ascii=False), encoding="utf-8")

        folder = cached_folder(self.cache_dir / "vocabulary" / key, write)
        states = json.loads((folder / "tokenizers.json").read_text(encoding="utf-8"))
        return TranslationCodec(
            source=self.source,
            target=self.target,
            source_tokenizer=states[0],
            target_tokenizer=None if self.joint_vocabulary else states[1],
        )

    def _encoded(self, splits: dict[str, ParallelTexts]) -> Path:
        tokenizers = (self.codec.source_tokenizer, self.codec.target_tokenizer)
        key = _sha256(ENCODING_VERSION, self.checksum, [tokenizer.state() for tokenizer in tokenizers])

        def write(folder: Path) -> None:
            total = sum(len(side) for texts in splits.values() for side in texts)
            with tqdm(total=total, desc="encoding", unit=" sentences", unit_scale=True, leave=False) as bar:
                for split, texts in splits.items():
                    for side, tokenizer, sentences in zip(texts._fields, tokenizers, texts, strict=True):
                        EncodedTexts.from_lists(_chunks(tokenizer, sentences, bar)).save(folder, f"{split}.{side}")

        return cached_folder(self.cache_dir / "encoded" / key, write)

    def _load(self, folder: Path, split: str) -> _Pairs:
        source, target = (EncodedTexts.load(folder, f"{split}.{side}") for side in ParallelTexts._fields)
        lengths = np.stack([source.lengths, target.lengths], axis=1) + 1  # (sentences, 2)
        rows = np.arange(len(lengths))
        if split == "train":
            rows = rows[(lengths > 1).all(axis=1) & (lengths <= self.caps).all(axis=1)]
        return _Pairs(source, target, rows, np.minimum(lengths[rows], self.caps))

    def _count(self) -> dict[str, Any]:
        train, pairs = self._pairs["train"], self._pairs
        if not len(train.rows):
            raise UserError(
                "training needs pairs within max_source_length and max_target_length, got none of "
                f"{len(train.source)} within {self.caps[0]} and {self.caps[1]} tokens (set data.max_source_length "
                "and data.max_target_length)"
            )
        dropped = len(train.source) - len(train.rows)
        truncated = {
            split: int(
                ((pairs[split].source.lengths >= self.caps[0]) | (pairs[split].target.lengths >= self.caps[1])).sum()
            )
            for split in ("val", "test")
        }
        if dropped:
            log.warning("left out %d of %d training pairs: empty or too long", dropped, len(train.source))
        for split, count in truncated.items():
            if count:
                log.warning("cut %d of %d pairs of %s to the longest allowed", count, len(pairs[split].source), split)
        return {
            "source": self.source,
            "target": self.target,
            "pairs": {split: len(pairs[split].rows) for split in SPLITS},
            "dropped": {"train": dropped},
            "truncated": truncated,
            "padding_share": round(padding_share(train.lengths, self._plan(0, 1)), 4),
            **self.sizes,
        }

    # What is known once prepared

    @property
    def sizes(self) -> dict[str, int]:
        """What the model's constructor takes of the data."""
        return self.codec.sizes

    def num_pairs(self, split: str) -> int:
        """Pairs of a split that batches hold."""
        return len(self._pairs[split].rows)

    def texts(self, split: str, number: int) -> tuple[str, str]:
        """Source and reference of a pair of val or test as they stand in the corpus; `number` as in a batch's ids."""
        return self._texts[split].source[number], self._texts[split].target[number]

    def num_train_batches(self, epoch: int, world_size: int) -> int:
        """Batches each of `world_size` processes takes in a pass."""
        return len(self._plan(epoch, world_size)) // world_size

    # Batches

    def train_dataloader(self) -> TrainStream:
        """Passes without end; the order depends on nothing but the seed and the pass."""
        rank, world_size = self._place()

        def batches(epoch: int, first: int) -> Iterator[TranslationBatch]:
            return (self._batch("train", rows) for rows in self._plan(epoch, world_size)[rank::world_size][first:])

        return TrainStream(lambda epoch: self.num_train_batches(epoch, world_size), batches, start=self.start_batch)

    def val_dataloader(self) -> EvaluationLoader:
        return self._evaluation("val")

    def test_dataloader(self) -> EvaluationLoader:
        return self._evaluation("test")

    def _plan(self, epoch: int, world_size: int) -> list[Ints]:
        return train_batches(
            self._pairs["train"].lengths,
            budget=self.batch_tokens,
            seed=self.seed,
            epoch=epoch,
            world_size=world_size,
        )

    def _evaluation(self, split: str) -> EvaluationLoader:
        rank, world_size = self._place()
        plan = evaluation_batches(
            self._pairs[split].lengths, budget=self.batch_tokens, rank=rank, world_size=world_size
        )
        return EvaluationLoader(plan, lambda rows: self._batch(split, rows))

    def _place(self) -> tuple[int, int]:
        return (0, 1) if self.trainer is None else (self.trainer.global_rank, self.trainer.world_size)

    def _batch(self, split: str, numbers: Ints) -> TranslationBatch:
        pairs = self._pairs[split]
        rows = pairs.rows[numbers]
        arrays = (
            rows,
            pairs.source.source_batch(rows, max_length=self.caps[0]),
            pairs.target.target_batch(rows, max_length=self.caps[1]),
        )
        return TranslationBatch(*map(torch.from_numpy, arrays))


def _chunks(tokenizer: Tokenizer, sentences: list[str], bar: tqdm) -> Iterator[list[list[int]]]:
    for start in range(0, len(sentences), CHUNK):
        chunk = sentences[start : start + CHUNK]
        yield tokenizer.encode(chunk)
        bar.update(len(chunk))


def _sha256(*values: Any) -> str:
    return hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()
