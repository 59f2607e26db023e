"""Sentences of labelled words for named entity recognition, from any tagged corpus."""

import functools
import logging
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from tqdm import tqdm

from attnlab.data.alike_names import alike, shown
from attnlab.data.files.cached_folder import cached_folder, content_key
from attnlab.data.module import DataModule
from attnlab.data.tagging.codec import TaggingCodec, trained_codec
from attnlab.data.tagging.corpora import (
    Offsets,
    ReadsLoneTest,
    ShowsSplitting,
    TaggedCorpus,
    TaggedSplits,
    TaggedText,
    checksum,
)
from attnlab.data.tagging.label_schemes import OUTSIDE, entities
from attnlab.data.tagging.sentences import EncodedSentences, SeenInTraining, TaggedSentences, TaggingBatches
from attnlab.data.tagging.splitting import FAMILIAR, learned_rule, num_split_otherwise
from attnlab.data.text.doubtful_texts import warn_of_shared
from attnlab.data.text.held_out import check_not_empty, count_in_training
from attnlab.data.text.word_splitting import RULE, split_words
from attnlab.data.text.words import WordTokenizer
from attnlab.errors import UserError, at_least, between
from attnlab.models.special_tokens import UNK

log = logging.getLogger(__name__)

ENCODING_VERSION = 1  # raise it when the same corpus and settings give other ids, so that old caches aren't used


class TaggingDataModule(DataModule):
    """Reads a tagged corpus, takes the vocabulary from its train split, and batches by number of words.

    Encoded sentences are cached on disk under the sha256 of the corpus and the vocabulary, and memory-mapped.

    Nothing is left out: a sentence longer than `max_length` is cut into pieces, in training as in val and test, that
    the model reads one by one; scores are of the whole sentence (see `TaggingBatch`). The pieces are counted in
    `summary` and logged. A type of entity that only val or test has gets its labels too, is said in one line, and
    is never found. The rule by which raw text will be split is told from the words (see `learned_rule`), or said by a
    corpus of raw texts, and kept in the codec.

    With a trained model's codec it reads test alone, where training's files aren't there (`ReadsLoneTest`).

    Args:
        tokenizer: makes an untrained word tokenizer.
        batch_tokens: most words of a batch, padding included.
        max_length: most words of a sentence, or of a piece of one.
        max_characters: most characters of a word that the model's character input sees; the words that have more are
            counted in `summary`.
        root: folder of the corpus's files (None: bundled, downloaded, or where the user is).
        cache_dir: where downloads and prepared data go (None: $ATTNLAB_CACHE, else ~/.cache/attnlab).
        seed: of the order of training batches.

    Raises:
        ValueError: a size below what a word needs, or a tokenizer that isn't of words.
    """

    codec_type = TaggingCodec
    codec: TaggingCodec
    _adopted: TaggingCodec | None

    def __init__(
        self,
        corpus: TaggedCorpus,
        tokenizer: Callable[[], WordTokenizer],
        *,
        batch_tokens: int = 1024,
        max_length: int = 128,
        max_characters: int = 20,
        root: str | None = None,
        cache_dir: str | None = None,
        seed: int = 0,
    ) -> None:
        super().__init__(root=root, cache_dir=cache_dir, seed=seed)
        at_least(1, "data", batch_tokens=batch_tokens)
        between(1, 10**6, "data", max_length=max_length)
        between(1, 1000, "data", max_characters=max_characters)
        if not isinstance(made := tokenizer(), WordTokenizer):
            raise ValueError(
                f"labels are of whole words, which this tokenizer doesn't keep, got {type(made).__name__} "
                "(set tokenizer=words)"
            )
        self.corpus, self.tokenizer = corpus, tokenizer
        self.batch_tokens, self.max_length, self.max_characters = batch_tokens, max_length, max_characters
        self.example_sizes = {"vocab_size": 101, "num_characters": 31, "num_labels": 7}

    # Preparation

    def prepare_data(self) -> None:
        """Read, number the words, encode, cache; what is cached already isn't done again.

        Raises:
            UserError: a mistake in the corpus's files, no entity in training, or one of a type that the adopted model
                doesn't know.
        """
        if self.prepared:
            return
        rule = self._given_rule()
        split = functools.partial(split_words, rule=rule or RULE)
        texts, notes, warnings, self.clusters, labelled = self._read(split)
        for kind, message in warnings:
            self.warn(kind, message)
        check_not_empty({split: len(each) for split, each in texts.items()})
        sha256 = checksum(texts)
        counts = {split: _count_entities(each) for split, each in texts.items()}
        if not counts.get("train", True):
            raise UserError(f"training needs entities, got labels that are all O {labelled}")
        codec = self._checked_codec(texts, counts, rule=learned_rule(texts["train"]) if rule is None else rule)
        seen = SeenInTraining(texts["train"], codec.labels) if "train" in texts else None
        batches = TaggingBatches(self._encoded(texts, codec, sha256), texts, seen)
        plans = batches.plans(batch_tokens=self.batch_tokens, seed=self.seed)
        read = {"entities": counts, **self._compared(texts, codec), **notes}
        if "train" in texts:
            read["padding_share"] = round(batches.sentences["train"].padding_share(plans.train_plan(0, 1)), 4)
        summary = {**_count(batches, codec), **read}
        self._texts = texts
        self._hold(
            codec=codec,
            checksum=sha256,
            summary=summary,
            plans=plans,
            make=batches,
            train_tokens=plans.num_train_tokens(),
        )

    def has_entity(self, split: str, rows: Iterable[int]) -> bool:
        """Whether one of these sentences has an entity."""
        return any(label != OUTSIDE for row in rows for label in self._texts[split][row].labels)

    def _read(self, split: Callable[[str], Offsets]) -> TaggedSplits:
        """All splits; for a trained model test alone, where there is no more."""
        alone = None
        if self._adopted is not None and isinstance(self.corpus, ReadsLoneTest):
            alone = self.corpus.read_lone_test(root=self._root(), split=split)
        if alone is not None:
            log.warning("no files of training beside test's: what needs them is left out of its scores")
            return alone
        return self.corpus.read(root=self._root(), cache_dir=self.cache_dir, split=split)

    def _compared(self, texts: Mapping[str, Sequence[TaggedText]], codec: TaggingCodec) -> dict[str, Any]:
        """What of the words raw text won't give, and what of val and test stands in training, counted and said."""
        otherwise = {split: num_split_otherwise(each, codec.splitting) for split, each in texts.items()}
        if self._adopted is None:
            self._warn_of_splitting(otherwise["train"], sum(len(each.words) for each in texts["train"]))
        sentences = {split: [tuple(text.words) for text in each] for split, each in texts.items()}
        train = {*sentences.pop("train", ())}
        if "val" in sentences:
            warn_of_shared("sentences", sentences["val"], sentences["test"], self.warn)
        return {
            "splitting": codec.splitting,
            "words_split_otherwise": otherwise,
            "in_training": {
                split: count_in_training(split, "sentences", each, train, self.warnings)
                for split, each in sentences.items()
            },
        }

    def _warn_of_splitting(self, num_otherwise: int, num_words: int) -> None:
        if num_otherwise > (1 - FAMILIAR) * num_words:
            self.warn(
                "raw_text_split_otherwise",
                f"predict splits raw text otherwise: {num_otherwise:,} of {num_words:,} training words can't come out "
                "of it (give predict --words)",
            )

    def _given_rule(self) -> str | None:
        """The rule by which raw texts are split: the trained model's, else the corpus's; None if it has no raw ones."""
        if self._adopted is not None:
            return self._adopted.splitting
        return self.corpus.splitting(root=self._root()) if isinstance(self.corpus, ShowsSplitting) else None

    def _checked_codec(
        self, texts: Mapping[str, Sequence[TaggedText]], counts: dict[str, dict[str, int]], *, rule: str
    ) -> TaggingCodec:
        types = sorted(set().union(*counts.values()))
        if self._adopted is not None:
            if strange := [each for each in types if each not in self._adopted.types]:
                raise UserError(
                    f"the model knows the types {', '.join(self._adopted.types)}, got {', '.join(strange)} in the data "
                    "(set data)"
                )
            if lost := [each for each in types if each in self._adopted.untrained]:
                self.warn("untrained_types", f"training had no entity of {', '.join(lost)}: none is found")
            return self._adopted
        for split in ("val", "test"):
            if strange := [each for each in counts[split] if each not in counts["train"]]:
                self.warn(
                    "untrained_types",
                    f"training has no entity of {', '.join(strange)}, which {split} has: none will be found",
                )
            if not counts[split]:
                log.warning("%s has no entity: precision, recall and F1 are left out of its scores", split)
        self._warn_of_names(counts)
        return trained_codec(
            self.tokenizer(),
            [text.words for text in texts["train"]],
            types=types,
            max_characters=self.max_characters,
            splitting=rule,
            untrained=[each for each in types if each not in counts["train"]],
        )

    def _warn_of_names(self, counts: Mapping[str, Mapping[str, int]]) -> None:
        """Types that are hardly meant to be two, and those of training that no score will be of."""
        if groups := alike(name for each in counts.values() for name in each):
            self.warn(
                "alike_types",
                "types of entities that differ only in case, blanks or hyphens are learnt as different ones: "
                f"{shown(groups)} (write each in one way in the files, or set data.root)",
            )
        scored = counts["val"].keys() | counts["test"].keys()
        if rare := [each for each in counts["train"] if scored and each not in scored]:
            self.warn(
                "unscored_types",
                f"neither val nor test has an entity of {', '.join(rare)}, which training has: no score says how well "
                "it is found",
            )

    def _encoded(
        self, texts: Mapping[str, Sequence[TaggedText]], codec: TaggingCodec, sha256: str
    ) -> dict[str, TaggedSentences]:
        def write(folder: Path) -> None:
            total = sum(map(len, texts.values()))
            with tqdm(
                total=total, desc="encoding", unit=" sentences", unit_scale=True, leave=False, disable=None
            ) as bar:
                for split, each in texts.items():
                    EncodedSentences.encode(codec, each, bar).save(folder, split)

        key = content_key(ENCODING_VERSION, sha256, codec.state())
        folder = cached_folder(self.cache_dir / "encoded" / key, write)
        encoded = {split: EncodedSentences.load(folder, split) for split in texts}
        return {split: TaggedSentences(each, max_length=self.max_length) for split, each in encoded.items()}


def _count(batches: TaggingBatches, codec: TaggingCodec) -> dict[str, Any]:
    cut_up = {split: each.num_cut for split, each in batches.sentences.items()}
    for split, count in cut_up.items():
        if count:
            total = len(batches.sentences[split])
            log.warning("cut %d of %d sentences of %s into pieces that the model reads", count, total, split)
    return {
        "sentences": {split: len(each) for split, each in batches.sentences.items()},
        "words": {split: each.num_words for split, each in batches.sentences.items()},
        "cut_into_pieces": cut_up,
        "pieces": {split: each.num_pieces for split, each in batches.sentences.items()},
        "unknown_words": {split: each.count_words(UNK) for split, each in batches.sentences.items()},
        "words_with_cut_characters": {
            split: sum(codec.is_cut(word) for each in texts for word in each.words)
            for split, texts in batches.texts.items()
        },
    }


def _count_entities(texts: Iterable[TaggedText]) -> dict[str, int]:
    counts = Counter(entity.type for each in texts for entity in entities(each.labels))
    return dict(sorted(counts.items()))
