"""Sentences of labelled words for named entity recognition, from any tagged corpus."""

import logging
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from functools import cached_property
from pathlib import Path
from typing import Any

from tqdm import tqdm

from attnlab.data.cached_folder import cached_folder, content_key, default_cache_dir
from attnlab.data.corpora import SPLITS
from attnlab.data.folded_text import folded
from attnlab.data.label_schemes import entities, repair_iob2, spans
from attnlab.data.module import DataModule
from attnlab.data.stream import EvaluationLoader, TrainStream, place
from attnlab.data.tagged_corpora import TaggedCorpus, TaggedText, checksum
from attnlab.data.tagged_sentences import EncodedSentences, TaggedSentences, TaggingBatch, TaggingTruth
from attnlab.data.tagging_codec import TaggingCodec, cut, trained_codec
from attnlab.data.words import WordTokenizer
from attnlab.errors import UserError
from attnlab.special_tokens import UNK

log = logging.getLogger(__name__)

__all__ = ["TaggedText", "TaggingBatch", "TaggingCodec", "TaggingDataModule", "cut"]

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

    codec: TaggingCodec

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
        super().__init__()
        sizes = {"batch_tokens": batch_tokens, "max_length": max_length, "max_characters": max_characters}
        for key, size in sizes.items():
            if size < 1:
                raise ValueError(f"{key} must be 1 or more, got {size} (set data.{key})")
        if seed < 0:
            raise ValueError(f"seed must be 0 or more, got {seed} (set data.seed)")
        if not isinstance(made := tokenizer(), WordTokenizer):
            raise ValueError(
                f"labels are of whole words, which this tokenizer doesn't keep, got {type(made).__name__} "
                "(set tokenizer=words)"
            )
        self.corpus, self.tokenizer = corpus, tokenizer
        self.batch_tokens, self.max_length, self.max_characters = batch_tokens, max_length, max_characters
        self.seed = seed
        self.root = Path(root).expanduser() if root is not None else None
        self.cache_dir = Path(cache_dir).expanduser() if cache_dir is not None else default_cache_dir()
        self.start_batch = 0  # batches of training already taken, on resume
        self._adopted: TaggingCodec | None = None
        self._sentences: dict[str, TaggedSentences] = {}

    @property
    def example_sizes(self) -> dict[str, int]:
        """Stand-ins for `sizes` before any data is there."""
        return {"vocab_size": 101, "num_characters": 31, "num_labels": 7}

    def adopt(self, codec: TaggingCodec) -> None:
        """Use a trained model's vocabulary and labels instead of those of the data; before `prepare_data`."""
        self._adopted = codec

    # Preparation

    def prepare_data(self) -> None:
        """Read, number the words, encode, cache; what is cached already isn't done again.

        Raises:
            UserError: a mistake in the corpus's files, no entity in training, or one of a type that the adopted model
                doesn't know.
        """
        if self._sentences:
            return
        split = self._adopted.split if self._adopted else self.tokenizer().split
        self._texts, notes = self.corpus.read(root=self.root, cache_dir=self.cache_dir, split=split)
        self.checksum = checksum(self._texts)
        counts = {split: _count_entities(texts) for split, texts in self._texts.items()}
        self.codec = self._checked_codec(counts)
        self._sentences = self._encoded()
        self.summary = {**self._count(), "entities": counts, **notes, **self.sizes}

    def setup(self, stage: str) -> None:
        """As `prepare_data`: the other processes of a node find its results in the cache."""
        self.prepare_data()

    def _checked_codec(self, counts: dict[str, dict[str, int]]) -> TaggingCodec:
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
        sentences = [text.words for text in self._texts["train"]]
        return trained_codec(self.tokenizer(), sentences, types=types, max_characters=self.max_characters)

    def _encoded(self) -> dict[str, TaggedSentences]:
        def write(folder: Path) -> None:
            total = sum(map(len, self._texts.values()))
            with tqdm(total=total, desc="encoding", unit=" sentences", unit_scale=True, leave=False) as bar:
                for split, texts in self._texts.items():
                    EncodedSentences.encode(self.codec, texts, bar).save(folder, split)

        key = content_key(ENCODING_VERSION, self.checksum, self.codec.state())
        folder = cached_folder(self.cache_dir / "encoded" / key, write)
        return {
            split: TaggedSentences(
                EncodedSentences.load(folder, split),
                max_length=self.max_length,
                batch_tokens=self.batch_tokens,
                seed=self.seed,
            )
            for split in SPLITS
        }

    def _count(self) -> dict[str, Any]:
        cut_up = {split: each.num_cut for split, each in self._sentences.items()}
        for split, count in cut_up.items():
            if count:
                total = len(self._sentences[split])
                log.warning("cut %d of %d sentences of %s into pieces that the model reads", count, total, split)
        return {
            "sentences": {split: len(each) for split, each in self._sentences.items()},
            "words": {split: each.num_words for split, each in self._sentences.items()},
            "cut_into_pieces": cut_up,
            "pieces": {split: each.num_pieces for split, each in self._sentences.items()},
            "unknown_words": {split: each.count_words(UNK) for split, each in self._sentences.items()},
            "words_with_cut_characters": {
                split: sum(self.codec.is_cut(word) for each in texts for word in each.words)
                for split, texts in self._texts.items()
            },
            "padding_share": round(self._sentences["train"].padding_share(), 4),
        }

    # What is known once prepared

    @property
    def sizes(self) -> dict[str, int]:
        """What the model's constructor takes of the data."""
        return self.codec.sizes

    def num_sentences(self, split: str) -> int:
        """Sentences of a split."""
        return len(self._sentences[split])

    def texts(self, split: str, number: int) -> TaggedText:
        """A sentence as it stands in the corpus; `number` as in a batch's ids."""
        return self._texts[split][number]

    @cached_property
    def train_entities(self) -> frozenset[str]:
        """The texts, `folded`, that are an entity somewhere in training."""
        return frozenset(
            folded(span["text"])
            for each in self._texts["train"]
            for span in spans(each.labels, each.offsets, each.text)
        )

    def commonest_labels(self, split: str) -> list[list[str]]:
        """What the baseline says of each sentence: each word's commonest label in training, O if it isn't there.

        An I- that then continues nothing becomes a B-.
        """
        return [self._commonest_labels(each) for each in self._texts[split]]

    def _commonest_labels(self, sentence: TaggedText) -> list[str]:
        return repair_iob2([self._commonest.get(word, "O") for word in sentence.words])

    @cached_property
    def _commonest(self) -> dict[str, str]:
        counts: dict[str, Counter[str]] = {}
        for each in self._texts["train"]:
            for word, label in zip(each.words, each.labels, strict=True):
                counts.setdefault(word, Counter())[label] += 1
        order = {label: number for number, label in enumerate(self.codec.labels)}
        return {word: max(each, key=lambda label: (each[label], -order[label])) for word, each in counts.items()}

    def num_examples(self, split: str) -> int:
        """Examples of a split that batches hold."""
        return len(self._sentences[split])

    def num_train_batches(self, epoch: int, world_size: int) -> int:
        """Batches each of `world_size` processes takes in a pass."""
        return len(self._sentences["train"].plan(epoch, world_size)) // world_size

    # Batches

    def train_dataloader(self) -> TrainStream:
        """Passes without end; the order depends on nothing but the seed and the pass."""
        rank, world_size = place(self.trainer)
        train = self._sentences["train"]

        def batches(epoch: int, first: int) -> Iterator[TaggingBatch]:
            return map(train.batch, train.plan(epoch, world_size)[rank::world_size][first:])

        return TrainStream(lambda epoch: self.num_train_batches(epoch, world_size), batches, start=self.start_batch)

    def val_dataloader(self) -> EvaluationLoader:
        return self._evaluation("val")

    def test_dataloader(self) -> EvaluationLoader:
        return self._evaluation("test")

    def _evaluation(self, split: str) -> EvaluationLoader:
        rank, world_size = place(self.trainer)
        loader = self._sentences[split].evaluation_loader(rank=rank, world_size=world_size)
        return EvaluationLoader(loader.plan, lambda rows: self._with_truth(split, loader.batch(rows)))

    def _with_truth(self, split: str, batch: TaggingBatch) -> TaggingBatch:
        sentences = [self._texts[split][number] for number in dict.fromkeys(batch.ids.tolist())]
        commonest = [self._commonest_labels(each) for each in sentences]
        return batch._replace(truth=TaggingTruth(sentences, commonest, self.train_entities))


def _count_entities(texts: Iterable[TaggedText]) -> dict[str, int]:
    counts = Counter(entity.type for each in texts for entity in entities(each.labels))
    return dict(sorted(counts.items()))
