"""Vocabularies of whole words, for tasks that label each word."""

import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any, Protocol, runtime_checkable

from attnlab.data.text.torchtext_tokenizer import TorchtextTokenizer
from attnlab.data.text.word_splitting import RULE, split_words
from attnlab.errors import at_least
from attnlab.models.special_tokens import SPECIAL_TOKENS, UNK
from attnlab.reading.kinds import check_kinds


@runtime_checkable
class WordTokenizer(Protocol):
    """What a family of tokenizers provides to be used on words. Ids 0-3 are those of `special_tokens`."""

    @property
    def settings(self) -> dict[str, Any]:
        """Plain values that, with the training words, decide the vocabulary."""
        ...

    def __len__(self) -> int: ...

    def train_words(self, sentences: Iterable[Sequence[str]]) -> None: ...

    def encode_words(self, words: Sequence[str]) -> list[int]:
        """One id a word: UNK for an unknown one, never PAD."""
        ...

    def split(self, text: str) -> list[tuple[int, int]]:
        """Where the words of a raw text stand: code points, end exclusive."""
        ...

    def state(self) -> dict[str, Any]:
        """Plain values that `restore_word_tokenizer` takes."""
        ...


def restore_word_tokenizer(state: dict[str, Any]) -> WordTokenizer:
    """The tokenizer whose `state()` this is.

    Raises:
        ValueError: the state is of a family that this version doesn't know, or isn't such a state.
    """
    arguments = {key: value for key, value in state.items() if key != "family"}
    family = state.get("family")
    if family not in ("words", "torchtext"):
        raise ValueError(f"a word tokenizer's family must be words or torchtext, got {family!r}")
    check_kinds(WordVocabulary.restore if family == "words" else TorchtextTokenizer.restore, arguments)
    return WordVocabulary.restore(**arguments) if family == "words" else TorchtextTokenizer.restore(**arguments)


class WordVocabulary:
    """The words of the training sentences, the commonest first; words of one number of occurrences by code point.

    Words are compared after NFC, so that é is one letter however it was typed. Raw text is split by `split_words`.

    Args:
        min_frequency: how often a word must occur. Above 1, the words left out are what training learns UNK from.
        max_size: most ids, special tokens included (None: as many as there are words).
        lowercase: whether Apple and apple are one word.

    Raises:
        ValueError: min_frequency below 1, or max_size that leaves no word.
    """

    def __init__(self, *, min_frequency: int = 1, max_size: int | None = None, lowercase: bool = False) -> None:
        at_least(1, "tokenizer", min_frequency=min_frequency)
        if max_size is not None and max_size <= len(SPECIAL_TOKENS):
            raise ValueError(
                f"max_size must be {len(SPECIAL_TOKENS) + 1} or more, or null, so that a word has an id besides the "
                f"special tokens, got {max_size} (set tokenizer.max_size)"
            )
        self.min_frequency, self.max_size, self.lowercase = min_frequency, max_size, lowercase
        self._words: list[str] = []
        self._ids: dict[str, int] = {}

    @classmethod
    def restore(
        cls, *, min_frequency: int, max_size: int | None, lowercase: bool, splitting: str, words: list[str]
    ) -> "WordVocabulary":
        """A trained vocabulary from what its `state()` holds.

        Raises:
            ValueError: it splits text by a rule that this version doesn't know.
        """
        if splitting != RULE:
            raise ValueError(f"a vocabulary's splitting rule must be {RULE}, got {splitting!r}")
        restored = cls(min_frequency=min_frequency, max_size=max_size, lowercase=lowercase)
        restored._number(words)
        return restored

    @property
    def settings(self) -> dict[str, Any]:
        return {"family": "words", **self._arguments()}

    def _arguments(self) -> dict[str, Any]:
        arguments = {"min_frequency": self.min_frequency, "max_size": self.max_size, "lowercase": self.lowercase}
        return {**arguments, "splitting": RULE}

    def __len__(self) -> int:
        return len(SPECIAL_TOKENS) + len(self._words)

    def train_words(self, sentences: Iterable[Sequence[str]]) -> None:
        counts = Counter(self._normalized(word) for words in sentences for word in words)
        frequent = [word for word, count in counts.items() if count >= self.min_frequency]
        frequent.sort(key=lambda word: (-counts[word], word))
        self._number(frequent if self.max_size is None else frequent[: self.max_size - len(SPECIAL_TOKENS)])

    def _number(self, words: list[str]) -> None:
        self._words = words
        self._ids = {word: len(SPECIAL_TOKENS) + number for number, word in enumerate(words)}

    def encode_words(self, words: Sequence[str]) -> list[int]:
        return [self._ids.get(self._normalized(word), UNK) for word in words]

    def _normalized(self, word: str) -> str:
        word = unicodedata.normalize("NFC", word)
        # NFC once more: some letters fall apart when they become small.
        return unicodedata.normalize("NFC", word.lower()) if self.lowercase else word

    def split(self, text: str) -> list[tuple[int, int]]:
        return split_words(text)

    def state(self) -> dict[str, Any]:
        return {"family": "words", **self._arguments(), "words": self._words}
