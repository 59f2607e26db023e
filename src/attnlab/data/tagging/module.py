"""Sentences of labelled words for named entity recognition, from any tagged corpus."""

import logging
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from tqdm import tqdm

from attnlab.data.files.cached_folder import cached_folder, content_key
from attnlab.data.module import DataModule
from attnlab.data.tagging.codec import TaggingCodec, trained_codec
from attnlab.data.tagging.corpora import TaggedCorpus, TaggedText, checksum
from attnlab.data.tagging.label_schemes import entities
from attnlab.data.tagging.sentences import EncodedSentences, SeenInTraining, TaggedSentences, TaggingBatches
from attnlab.data.text.words import WordTokenizer
from attnlab.data.translation.corpora import SPLITS
from attnlab.errors import UserError, at_least
from attnlab.models.special_tokens import UNK

log = logging.getLogger(__name__)

ENCODING_VERSION = 1  # raise it when the same corpus and settings give other ids, so that old caches aren't used


class TaggingDataModule(DataModule):
    """Reads a tagged corpus, takes the vocabulary from its train split, and batches by number of words.

    Encoded sentences are cached on disk under the sha256 of the corpus and the vocabulary, and memory-mapped.

    Nothing is left out: a sentence longer than `max_length` is cut into pieces, in training as in val and test, that
    the model reads one by one; scores are of the whole sentence (see `TaggingBatch`). The pieces are counted in
    `summary` and logged. A type of entity that only val or test has gets its labels too, is said in one line, and
    counts as not found.

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
        at_least(1, "data", batch_tokens=batch_tokens, max_length=max_length, max_characters=max_characters)
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
        split = self._adopted.split if self._adopted is not None else self.tokenizer().split
        texts, notes = self.corpus.read(root=self.root, cache_dir=self.cache_dir, split=split)
        sha256 = checksum(texts)
        counts = {split: _count_entities(each) for split, each in texts.items()}
        codec = self._checked_codec(texts, counts)
        seen = SeenInTraining(texts["train"], codec.labels)
        batches = TaggingBatches(self._encoded(texts, codec, sha256), texts, seen)
        plans = batches.plans(batch_tokens=self.batch_tokens, seed=self.seed)
        padding = round(batches.sentences["train"].padding_share(plans.train_plan(0, 1)), 4)
        summary = {**_count(batches, codec), "padding_share": padding, "entities": counts, **notes}
        self._hold(codec=codec, checksum=sha256, summary=summary, plans=plans, make=batches)

    def _checked_codec(
        self, texts: Mapping[str, Sequence[TaggedText]], counts: dict[str, dict[str, int]]
    ) -> TaggingCodec:
        if not counts["train"]:
            raise UserError("training needs entities, got labels that are all O in the train split (set data.root)")
        types = sorted(set().union(*counts.values()))
        if self._adopted is not None:
            if strange := [each for each in types if each not in self._adopted.types]:
                raise UserError(
                    f"the model knows the types {', '.join(self._adopted.types)}, got {', '.join(strange)} in the data "
                    "(set data)"
                )
            return self._adopted
        for split in ("val", "test"):
            if strange := [each for each in counts[split] if each not in counts["train"]]:
                log.warning("training has no entity of %s, which %s has: none will be found", ", ".join(strange), split)
        sentences = [text.words for text in texts["train"]]
        return trained_codec(self.tokenizer(), sentences, types=types, max_characters=self.max_characters)

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
        encoded = {split: EncodedSentences.load(folder, split) for split in SPLITS}
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
