"""Between sentences of words with labels and the ids that a tagging model reads and writes."""

import unicodedata
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Any

from attnlab.data.tagging.label_schemes import OUTSIDE, Span, spans
from attnlab.data.text.word_splitting import RULE, split_words
from attnlab.data.text.words import WordTokenizer, restore_word_tokenizer
from attnlab.models.special_tokens import CHARACTER_UNKNOWN

NUM_SPECIAL_CHARACTERS = 2


class TaggingCodec:
    """The words, characters and labels of a tagging model, restorable from plain values.

    Labels are IOB2: "O", then B-X and I-X of each type. A character is a code point after NFC, one that training saw;
    any other is CHARACTER_UNKNOWN.

    Args:
        words: a word tokenizer's `state()`.
        characters: all of them, as one string.
        types: of entities.
        max_characters: of a word's characters, how many at most `encode` gives (its word id is that of the whole).
        splitting: the rule by which raw text is split, as training's words were (see `split_words`).
        untrained: those of the types that training has no entity of.

    Raises:
        ValueError: a rule that this version doesn't know.
    """

    def __init__(
        self,
        *,
        words: dict[str, Any],
        characters: str,
        types: Sequence[str],
        max_characters: int,
        splitting: str = RULE,
        untrained: Sequence[str] = (),
    ) -> None:
        split_words("", rule=splitting)  # or a text given to it would be what is wrong
        self.words: WordTokenizer = restore_word_tokenizer(words)
        self.characters, self.max_characters = characters, max_characters
        self.types, self.untrained, self.splitting = sorted(types), sorted(untrained), splitting
        self.labels = [OUTSIDE, *(f"{letter}-{each}" for each in self.types for letter in "BI")]
        self._label_ids = {label: number for number, label in enumerate(self.labels)}
        self._character_ids = {each: NUM_SPECIAL_CHARACTERS + number for number, each in enumerate(characters)}

    @property
    def sizes(self) -> dict[str, int]:
        """Numbers of ids, as a model's constructor takes them."""
        return {
            "vocab_size": len(self.words),
            "num_characters": NUM_SPECIAL_CHARACTERS + len(self.characters),
            "num_labels": len(self.labels),
        }

    def split(self, text: str) -> list[tuple[int, int]]:
        """Where the words of a text stand: code points, end exclusive."""
        return self.words.split(text) if self.splitting == RULE else split_words(text, rule=self.splitting)

    def encode(self, words: Sequence[str]) -> tuple[list[int], list[list[int]]]:
        """Word ids, and the character ids of each word, one or more of them."""
        return self.words.encode_words(words), [self._characters(word) for word in words]

    def encode_labels(self, labels: Sequence[str]) -> list[int]:
        """Their places in `labels`, which has them all."""
        return [self._label_ids[label] for label in labels]

    def decode_labels(self, ids: Iterable[int]) -> list[str]:
        """The labels in these places."""
        return [self.labels[each] for each in ids]

    @property
    def untrained_labels(self) -> list[int]:
        """The places of the labels that training never showed, which no answer may have."""
        return [number for number, label in enumerate(self.labels) if label[2:] in self.untrained]

    def spans(self, labels: Sequence[str], offsets: Sequence[tuple[int, int]], text: str) -> list[Span]:
        """The entities, read strictly, of a sentence whose words stand at `offsets` of `text`."""
        return spans(labels, offsets, text)

    def cut(self, num_words: int, max_length: int) -> list[tuple[int, int]]:
        """Bounds of the pieces in which a model that reads `max_length` words reads a sentence; see `cut`."""
        return cut(num_words, max_length)

    def is_cut(self, word: str) -> bool:
        """Whether the word has characters beyond those that `encode` gives."""
        return len(unicodedata.normalize("NFC", word)) > self.max_characters

    def _characters(self, word: str) -> list[int]:
        text = unicodedata.normalize("NFC", word)[: self.max_characters]
        return [self._character_ids.get(each, CHARACTER_UNKNOWN) for each in text]

    def state(self) -> dict[str, Any]:
        """Plain values: `TaggingCodec(**state)` is this codec again, of this version and of those before."""
        return {
            "words": self.words.state(),
            "characters": self.characters,
            "types": self.types,
            "max_characters": self.max_characters,
            **({} if self.splitting == RULE else {"splitting": self.splitting}),
            **({"untrained": self.untrained} if self.untrained else {}),
        }


def cut(num_words: int, max_length: int) -> list[tuple[int, int]]:
    """Bounds (end exclusive) of the fewest pieces of at most `max_length` words, as equal in length as can be.

    Their labels, joined, are the labels of the sentence. One piece, where it is short enough.
    """
    num_pieces = max(1, -(-num_words // max_length))
    return list(pairwise(number * num_words // num_pieces for number in range(num_pieces + 1)))


def trained_codec(
    words: WordTokenizer,
    sentences: Sequence[Sequence[str]],
    *,
    types: Sequence[str],
    max_characters: int,
    splitting: str = RULE,
    untrained: Sequence[str] = (),
) -> TaggingCodec:
    """The words, by an untrained tokenizer, and the characters of training sentences, with these types."""
    words.train_words(sentences)
    characters = {character for each in sentences for word in each for character in unicodedata.normalize("NFC", word)}
    return TaggingCodec(
        words=words.state(),
        characters="".join(sorted(characters)),
        types=types,
        max_characters=max_characters,
        splitting=splitting,
        untrained=untrained,
    )
