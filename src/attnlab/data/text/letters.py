"""Letters as tokens."""

import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from attnlab.data.text.word_splitting import split_words
from attnlab.errors import at_least
from attnlab.models.special_tokens import SPECIAL_TOKENS, UNK


class LetterTokenizer:
    """A token is a character of Unicode, after NFC, so that é is one however it was typed.

    A letter that the vocabulary lacks is read, and may be written, as UNK.

    Args:
        min_frequency: how often a letter must occur. Above 1, those left out are what training learns UNK from.
        lowercase: whether to encode, and so to generate, small letters only.

    Raises:
        ValueError: min_frequency below 1.
    """

    def __init__(self, *, min_frequency: int = 1, lowercase: bool = False) -> None:
        at_least(1, "tokenizer", min_frequency=min_frequency)
        self.min_frequency, self.lowercase = min_frequency, lowercase
        self._use([])

    @classmethod
    def restore(cls, *, min_frequency: int, lowercase: bool, letters: list[str]) -> "LetterTokenizer":
        """A trained tokenizer from what its `state()` holds.

        Raises:
            ValueError: one is no letter, or stands there twice.
        """
        if len(set(letters)) < len(letters) or any(len(each) != 1 for each in letters):
            raise ValueError("a tokenizer's letters must be of one character each, and different")
        restored = cls(min_frequency=min_frequency, lowercase=lowercase)
        restored._use(letters)
        return restored

    def _use(self, letters: Sequence[str]) -> None:
        self._pieces = [*SPECIAL_TOKENS, *letters]
        self._ids = {letter: number for number, letter in enumerate(letters, len(SPECIAL_TOKENS))}

    @property
    def settings(self) -> dict[str, Any]:
        return {"family": "letters", **self._arguments()}

    def _arguments(self) -> dict[str, Any]:
        return {"min_frequency": self.min_frequency, "lowercase": self.lowercase}

    def __len__(self) -> int:
        return len(self._pieces)

    def train(self, texts: Iterable[str]) -> None:
        counts = Counter[str]()
        for text in texts:
            counts.update(self._normal(text))
        self._use(sorted(letter for letter, count in counts.items() if count >= self.min_frequency))

    def _normal(self, text: str) -> str:
        text = unicodedata.normalize("NFC", text)
        # Once more: some letters fall apart when they become small.
        return unicodedata.normalize("NFC", text.lower()) if self.lowercase else text

    def encode(self, texts: Sequence[str]) -> list[list[int]]:
        return [[self._ids.get(letter, UNK) for letter in self._normal(text)] for text in texts]

    def decode(self, ids: Sequence[int]) -> str:
        return "".join(self._piece(each) for each in ids if each >= UNK)

    def tokens(self, ids: Sequence[int]) -> list[str]:
        """Letters, with a low line for a space."""
        return [self._piece(each).replace(" ", "▁") for each in ids]

    def letters(self, ids: Sequence[int]) -> list[tuple[str, int]]:
        return [(piece, 1) for piece in self.tokens(ids)]

    def words(self, pieces: Sequence[str]) -> list[tuple[str, int]]:
        """Words as `split_words` tells them; a letter between them goes with the next."""
        text = "".join(piece if piece not in SPECIAL_TOKENS else "\0" for piece in pieces).replace("▁", " ")
        ends = {end for _, end in split_words(text)}
        found: list[tuple[str, int]] = []
        start = 0
        for end, piece in enumerate(pieces, 1):
            if end in ends or end == len(pieces) or piece in SPECIAL_TOKENS:
                found.append((text[start:end].strip("\0 \n") or pieces[start], end - start))
                start = end
        return found

    def byte_lengths(self, ids: Sequence[int]) -> list[int]:
        known = {each: len(self._piece(each).encode()) if each > UNK else 0 for each in set(ids)}
        return [known[each] for each in ids]

    def _piece(self, token_id: int) -> str:
        if not 0 <= token_id < len(self):
            raise ValueError(f"a token id must be below {len(self)}, got {token_id}")
        return self._pieces[token_id]

    def state(self) -> dict[str, Any]:
        """Plain values that `restore_tokenizer` takes."""
        return {"family": "letters", **self._arguments(), "letters": self._pieces[len(SPECIAL_TOKENS) :]}
