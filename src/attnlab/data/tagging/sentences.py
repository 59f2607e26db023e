"""One split of encoded labelled sentences, and its batches."""

from collections import Counter
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor
from tqdm import tqdm

from attnlab.data.loading.batching import Ints, PlansByLength
from attnlab.data.loading.stream import Wanted
from attnlab.data.tagging.codec import TaggingCodec
from attnlab.data.tagging.corpora import TaggedText
from attnlab.data.tagging.label_schemes import folded, repair_iob2, spans
from attnlab.data.text.encoded import EncodedTexts
from attnlab.models.special_tokens import PAD

IGNORED = -100  # the label of padding, which a loss leaves out


class TaggingTruth(NamedTuple):
    """Sentences as they stand in the corpus, and what training knew of them.

    They stand in the order in which their numbers first appear in a batch's `ids`. Without training's files nothing is
    known of it.
    """

    sentences: Sequence[TaggedText]
    commonest: Sequence[list[str]] | None  # what the baseline says of each: its words' commonest labels in training
    train_entities: frozenset[str] | None  # the texts, `folded`, that are an entity somewhere in training


class TaggingBatch(NamedTuple):
    """Sentences, padded on the right. All tensors int64.

    A row is a sentence, save that one longer than `data.max_length` is several rows: its pieces (see
    `tagging_codec.cut`), one after another in one batch, with the same number in `ids`. The labels of each row are
    valid IOB2 by themselves.
    """

    ids: Tensor  # (B,) where the sentences stand in their split
    words: Tensor  # (B, T) PAD at padding, UNK for an unknown word
    characters: Tensor  # (B, T, Lc) 0 at padding
    labels: Tensor  # (B, T) IGNORED at padding
    truth: TaggingTruth | None = None  # of val and test


class EncodedSentences(NamedTuple):
    """A split's sentences as ids: words and labels by sentence, characters by word."""

    words: EncodedTexts
    labels: EncodedTexts
    characters: EncodedTexts

    @classmethod
    def encode(cls, codec: TaggingCodec, texts: Sequence[TaggedText], bar: tqdm) -> "EncodedSentences":
        words, labels, characters = [], [], []
        for each in texts:
            word_ids, character_ids = codec.encode(each.words)
            words.append(word_ids)
            characters += character_ids
            labels.append(codec.encode_labels(each.labels))
            bar.update()
        return cls(*(EncodedTexts.from_lists([each]) for each in (words, labels, characters)))

    @classmethod
    def load(cls, folder: Path, split: str) -> "EncodedSentences":
        """What `save` wrote."""
        return cls(*(EncodedTexts.load(folder, f"{split}.{name}") for name in cls._fields))

    def save(self, folder: Path, split: str) -> None:
        for name, each in zip(self._fields, self, strict=True):
            each.save(folder, f"{split}.{name}")


class TaggedSentences:
    """One split in batches; sentences longer than `max_length` words in pieces."""

    def __init__(self, encoded: EncodedSentences, *, max_length: int) -> None:
        self.encoded, self.max_length = encoded, max_length
        sizes = encoded.words.lengths
        self.pieces_of = np.maximum(1, -(-sizes // max_length))  # (sentences,)
        self.first_piece = np.cumsum(self.pieces_of) - self.pieces_of
        sentence = np.repeat(np.arange(len(sizes)), self.pieces_of)  # (pieces,)
        number = np.arange(len(sentence)) - self.first_piece[sentence]
        bounds = [(number + end) * sizes[sentence] // self.pieces_of[sentence] for end in (0, 1)]
        self.starts = encoded.words.offsets[sentence] + bounds[0]  # the piece's first word among those of the split
        self.sizes = bounds[1] - bounds[0]

    def __len__(self) -> int:
        return len(self.pieces_of)

    @property
    def num_words(self) -> int:
        return len(self.encoded.words.ids)

    @property
    def num_pieces(self) -> int:
        """Rows of all batches together."""
        return len(self.sizes)

    @property
    def num_cut(self) -> int:
        """Sentences of more than one piece."""
        return int((self.pieces_of > 1).sum())

    def count_words(self, word: int) -> int:
        """How often a word stands in the split."""
        return int((self.encoded.words.ids == word).sum())

    @property
    def lengths(self) -> Ints:
        """(sentences, 1) words; of a sentence in pieces, as many as its pieces could have.

        So no batch exceeds its budget, whatever pieces it mixes.
        """
        sizes = self.encoded.words.lengths
        return np.where(self.pieces_of > 1, self.pieces_of * self.max_length, sizes)[:, None]

    @property
    def _longest(self) -> Ints:
        """(sentences,) words of the longest piece."""
        return -(-self.encoded.words.lengths // self.pieces_of)

    def padding_share(self, batches: Sequence[Ints]) -> float:
        """The share of their cells that is padding; each sentence stands in one of them."""
        cells = sum(int(self.pieces_of[rows].sum() * self._longest[rows].max()) for rows in batches)
        return 1 - self.num_words / cells

    def batch(self, sentences: Ints) -> TaggingBatch:
        counts = self.pieces_of[sentences]
        pieces = _ranges(self.first_piece[sentences], counts)
        columns = np.arange(self.sizes[pieces].max())
        real = columns < self.sizes[pieces][:, None]  # (B, T)
        places = (self.starts[pieces][:, None] + columns)[real]  # of the words among those of the split
        words = np.full(real.shape, PAD, dtype=np.int64)
        words[real] = self.encoded.words.ids[places]
        labels = np.full(real.shape, IGNORED, dtype=np.int64)
        labels[real] = self.encoded.labels.ids[places]
        # A piece may begin inside an entity: there, as I-X stands right after B-X in the codec's labels, B-X.
        begins_inside = (labels[:, 0] > 0) & (labels[:, 0] % 2 == 0)
        labels[begins_inside, 0] -= 1
        characters = self._characters(places)
        spread = np.zeros((*real.shape, characters.shape[1]), dtype=np.int64)
        spread[real] = characters
        ids = np.repeat(sentences, counts)
        return TaggingBatch(
            torch.from_numpy(ids), torch.from_numpy(words), torch.from_numpy(spread), torch.from_numpy(labels)
        )

    def _characters(self, places: Ints) -> Ints:
        """(words, Lc) of the words in these places."""
        encoded = self.encoded.characters
        sizes = encoded.offsets[places + 1] - encoded.offsets[places]
        real = np.arange(sizes.max()) < sizes[:, None]
        characters = np.zeros(real.shape, dtype=np.int64)
        characters[real] = encoded.ids[_ranges(encoded.offsets[places], sizes)]
        return characters


class SeenInTraining:
    """What training sentences say of words, whatever a model makes of them; counted when first asked for."""

    def __init__(self, sentences: Sequence[TaggedText], labels: Sequence[str]) -> None:
        self.sentences, self.labels = sentences, labels  # all labels, the earlier the likelier among equals

    @cached_property
    def entities(self) -> frozenset[str]:
        """The texts, `folded`, that are an entity somewhere in training."""
        return frozenset(
            folded(span["text"]) for each in self.sentences for span in spans(each.labels, each.offsets, each.text)
        )

    def commonest_labels(self, words: Sequence[str]) -> list[str]:
        """What the baseline says of a sentence: each word's commonest label in training, O if it isn't there.

        An I- that then continues nothing becomes a B-.
        """
        return repair_iob2([self._commonest.get(word, "O") for word in words])

    @cached_property
    def _commonest(self) -> dict[str, str]:
        counts: dict[str, Counter[str]] = {}
        for each in self.sentences:
            for word, label in zip(each.words, each.labels, strict=True):
                counts.setdefault(word, Counter())[label] += 1
        order = {label: number for number, label in enumerate(self.labels)}
        return {word: max(each, key=lambda label: (each[label], -order[label])) for word, each in counts.items()}


class TaggingBatches:
    """Makes the batches of each split, those of val and test with their truth."""

    def __init__(
        self,
        sentences: Mapping[str, TaggedSentences],
        texts: Mapping[str, Sequence[TaggedText]],
        seen: SeenInTraining | None,
    ) -> None:
        self.sentences, self.texts, self.seen = sentences, texts, seen

    def __call__(self, wanted: Wanted) -> TaggingBatch:
        batch = self.sentences[wanted.split].batch(wanted.rows)
        return batch if wanted.place is not None else batch._replace(truth=self._truth(wanted))

    def _truth(self, wanted: Wanted) -> TaggingTruth:
        texts = [self.texts[wanted.split][row] for row in wanted.rows.tolist()]
        if self.seen is None:
            return TaggingTruth(texts, None, None)
        return TaggingTruth(texts, [self.seen.commonest_labels(each.words) for each in texts], self.seen.entities)

    def plans(self, *, batch_tokens: int, seed: int) -> PlansByLength:
        """Batches of at most `batch_tokens` words, padding included."""
        lengths = {split: each.lengths for split, each in self.sentences.items()}
        return PlansByLength(lengths=lengths, budget=batch_tokens, seed=seed)


def _ranges(starts: Ints, counts: Ints) -> Ints:
    """start, start + 1, ... of each, so many, one after another."""
    return np.repeat(starts - np.cumsum(counts) + counts, counts) + np.arange(counts.sum())
