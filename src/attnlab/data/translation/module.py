"""Sentence pairs for machine translation, from any parallel corpus."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from attnlab.data.files.tables import keys_of
from attnlab.data.loading.batching import PlansByLength
from attnlab.data.module import DataModule
from attnlab.data.text.doubtful_texts import warn_of_pairs, warn_of_shared
from attnlab.data.text.held_out import check_not_empty, count_copies, count_empty, count_in_training, warn_of_cut
from attnlab.data.text.text_pairs import TextPairBatches, TextPairs, TextTruth, checked_caps
from attnlab.data.text.tokenizers import Tokenizer, check_writes_text
from attnlab.data.text.vocabularies import cached_encoding, cached_tokenizers
from attnlab.data.translation.codec import TranslationCodec
from attnlab.data.translation.corpora import Corpus, ParallelTexts, ReadsOneSplit, checksum
from attnlab.errors import UserError, at_least

log = logging.getLogger(__name__)

FIRST_LEFT_OUT = 5  # pairs that are named


@dataclass(frozen=True)
class ParallelTruth:
    """Pairs as they stand in the corpus."""

    splits: Mapping[str, ParallelTexts]

    def __call__(self, split: str, number: int) -> TextTruth:
        texts = self.splits[split]
        return TextTruth(texts.source[number], texts.references(number))


class TranslationDataModule(DataModule):
    """Reads a corpus, trains the vocabulary on its train split, and batches by token count.

    Encoded sentences are cached on disk under the sha256 of the text and the vocabulary, and memory-mapped.

    Training pairs that are empty on a side or exceed a cap are left out; sentences of val and test are cut to it, never
    left out. Both are counted in `summary` and logged, as is what of val and test is empty, or stands in training.

    With a trained model's codec it reads test alone, if the corpus can (`ReadsOneSplit`).

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

    codec_type = TranslationCodec
    codec: TranslationCodec
    _adopted: TranslationCodec | None

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
        super().__init__(root=root, cache_dir=cache_dir, seed=seed)
        if source == target:
            raise ValueError(f"source and target must differ, got {source!r} for both (set data.source or data.target)")
        self.caps = checked_caps(max_source_length=max_source_length, max_target_length=max_target_length)
        at_least(1, "data", batch_tokens=batch_tokens)
        check_writes_text(tokenizer())  # what it can't be is refused now, before anything is read
        self.corpus, self.tokenizer, self.batch_tokens = corpus, tokenizer, batch_tokens
        self.source, self.target, self.joint_vocabulary = source, target, joint_vocabulary
        # Equal where the vocabulary is shared.
        self.example_sizes = {"source_vocab_size": 101, "target_vocab_size": 101 if joint_vocabulary else 103}

    def references(self, split: str, number: int) -> list[str]:
        """All that people wrote of example `number` of val or test, once prepared."""
        return self._truth(split, number).references

    # Preparation

    def prepare_data(self) -> None:
        """Read, train the vocabulary, encode, cache; what is cached already isn't done again.

        Raises:
            UserError: a mistake in the corpus's files, no training pair within the caps, or an adopted model of other
                languages.
        """
        if self.prepared:
            return
        if self._adopted is not None:
            self._check_languages(self._adopted)
        splits = self._read()
        sha256 = checksum(splits)
        codec = self._adopted or self._trained_codec(splits["train"], sha256)
        uncut = self._encoded(splits, codec, sha256)
        kept = uncut | ({"train": _fitting(uncut["train"], self.caps)} if "train" in uncut else {})
        batches = TextPairBatches(kept, ParallelTruth(splits))
        plans = batches.plans(batch_tokens=self.batch_tokens, seed=self.seed)
        summary = self._count(splits, uncut, plans)
        self._truth = batches.truth
        self.test_checksum = checksum({"test": splits["test"]})
        self.clusters = {split: each.clusters for split, each in splits.items() if each.clusters is not None}
        self._hold(
            codec=codec,
            checksum=sha256,
            summary=summary,
            plans=plans,
            make=batches,
            train_tokens=plans.num_train_tokens(),
        )

    def _read(self) -> dict[str, ParallelTexts]:
        if self._adopted is not None and isinstance(self.corpus, ReadsOneSplit):
            read = self.corpus.read_split
            splits = {"test": read("test", self.source, self.target, root=self._root(), cache_dir=self.cache_dir)}
        else:
            splits = self.corpus.read(self.source, self.target, root=self._root(), cache_dir=self.cache_dir)
        check_not_empty({split: len(texts.source) for split, texts in splits.items()})
        return splits

    def _check_languages(self, codec: TranslationCodec) -> None:
        if (codec.source, codec.target) != (self.source, self.target):
            raise UserError(
                f"the model translates {codec.source} to {codec.target}, got {self.source} to {self.target} "
                "(set data.source and data.target)"
            )

    def _trained_codec(self, train: ParallelTexts, sha256: str) -> TranslationCodec:
        parts = [[*train.source, *train.target]] if self.joint_vocabulary else [train.source, train.target]
        key = (sha256, self.tokenizer().settings, self.joint_vocabulary)
        states = cached_tokenizers(self.cache_dir, self.tokenizer, parts, key=key)
        return TranslationCodec(
            source=self.source,
            target=self.target,
            source_tokenizer=states[0],
            target_tokenizer=None if self.joint_vocabulary else states[1],
        )

    def _encoded(self, splits: dict[str, ParallelTexts], codec: TranslationCodec, sha256: str) -> dict[str, TextPairs]:
        encoded = cached_encoding(
            self.cache_dir,
            {"source": codec.source_tokenizer, "target": codec.target_tokenizer},
            {split: {"source": texts.source, "target": texts.target} for split, texts in splits.items()},
            checksum=sha256,
        )
        pairs = {}
        for split, sides in encoded.items():
            rows = np.arange(len(sides["source"]))
            pairs[split] = TextPairs.numbered(sides["source"], rows, sides["target"], rows, caps=self.caps)
        return pairs

    def _count(
        self, splits: Mapping[str, ParallelTexts], uncut: Mapping[str, TextPairs], plans: PlansByLength
    ) -> dict[str, Any]:
        given = len(uncut["train"]) if "train" in uncut else 0
        kept = plans.num_examples("train") if given else 0
        if given and not kept:
            raise UserError(
                "training needs pairs within max_source_length and max_target_length, got none of "
                f"{given} within {self.caps[0]} and {self.caps[1]} tokens (set data.max_source_length "
                "and data.max_target_length)"
            )
        held_out = [split for split in ("val", "test") if split in splits]
        truncated = {split: int((uncut[split].uncut_lengths > self.caps).any(axis=1).sum()) for split in held_out}
        if kept < given:
            _say_left_out(uncut["train"].uncut_lengths, self.caps, kept=kept)
        for split in held_out:
            warn_of_cut(split, uncut[split].uncut_lengths, self.caps, self.warnings)
        every = {split: {"sources": each.source, "targets": each.target} for split, each in splits.items()}
        sides = {split: every[split] for split in held_out}
        if "train" in splits:
            warn_of_pairs(every, self.warn, keys=keys_of(self.corpus))
            warn_of_shared("pairs", _pairs(splits["val"]), _pairs(splits["test"]), self.warn)
        return {
            "source": self.source,
            "target": self.target,
            "pairs": {split: plans.num_examples(split) for split in splits},
            "dropped": {"train": given - kept},
            "truncated": truncated,
            "empty": {split: count_empty(split, each, self.warnings) for split, each in sides.items()},
            "same_on_both_sides": {
                split: count_copies(split, _pairs(each), self.warnings) for split, each in splits.items()
            },
            "in_training": self._in_training(splits),
            **({"padding_share": round(plans.padding_share(), 4)} if given else {}),
        }

    def _in_training(self, splits: Mapping[str, ParallelTexts]) -> dict[str, int]:
        if "train" not in splits:
            return {}
        train = set(_pairs(splits["train"]))
        return {
            split: count_in_training(split, "pairs", _pairs(splits[split]), train, self.warnings)
            for split in ("val", "test")
        }


def _say_left_out(lengths: NDArray[Any], caps: tuple[int, int], *, kept: int) -> None:
    """How many training pairs are left out for which reason, and which the first are, counted from 1."""
    too_long = (lengths > caps).any(axis=1)
    left_out = too_long | (lengths <= 1).any(axis=1)
    first = ", ".join(str(number + 1) for number in np.flatnonzero(left_out)[:FIRST_LEFT_OUT])
    num_left, num_long = len(lengths) - kept, int(too_long.sum())
    log.warning(
        "left out %d of %d training pairs: %d empty, %d too long; the first: pairs %s",
        *(num_left, len(lengths), num_left - num_long, num_long, first),
    )


def _pairs(texts: ParallelTexts) -> list[tuple[str, str]]:
    return list(zip(texts.source, texts.target, strict=True))


def _fitting(train: TextPairs, caps: tuple[int, int]) -> TextPairs:
    """The pairs that aren't empty on a side and within the caps."""
    [fitting] = np.nonzero(((train.uncut_lengths > 1) & (train.uncut_lengths <= caps)).all(axis=1))
    return train.keep(fitting)
