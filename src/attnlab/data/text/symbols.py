"""Symbols of sequences that are made up, as tokens."""

from collections.abc import Iterable, Sequence
from typing import Any

from attnlab.models.special_tokens import SPECIAL_TOKENS, UNK


class SymbolTokenizer:
    """A token is a symbol of a list that is known beforehand; in a text they stand with white space between them.

    The first symbol has the id 4, behind the special tokens.

    Raises:
        ValueError: there is none, two are the same, or one holds white space or is a special token.
    """

    lowercase = False

    def __init__(self, *, symbols: Sequence[str]) -> None:
        odd = [each for each in symbols if each.split() != [each] or each in SPECIAL_TOKENS]
        if odd or not symbols or len(set(symbols)) < len(symbols):
            raise ValueError("symbols must be different words, one or more, and no special tokens")
        self._pieces = [*SPECIAL_TOKENS, *symbols]
        self._ids = {symbol: number for number, symbol in enumerate(symbols, len(SPECIAL_TOKENS))}

    @classmethod
    def restore(cls, *, symbols: list[str]) -> "SymbolTokenizer":
        """From what its `state()` holds."""
        return cls(symbols=symbols)

    @property
    def settings(self) -> dict[str, Any]:
        return self.state()

    def __len__(self) -> int:
        return len(self._pieces)

    def train(self, texts: Iterable[str]) -> None:
        """There is nothing to learn."""

    def encode(self, texts: Sequence[str]) -> list[list[int]]:
        return [[self._ids.get(symbol, UNK) for symbol in text.split()] for text in texts]

    def decode(self, ids: Sequence[int]) -> str:
        return " ".join(self.tokens([each for each in ids if each >= UNK]))

    def tokens(self, ids: Sequence[int]) -> list[str]:
        for each in ids:
            if not 0 <= each < len(self):
                raise ValueError(f"a token id must be below {len(self)}, got {each}")
        return [self._pieces[each] for each in ids]

    def letters(self, ids: Sequence[int]) -> list[tuple[str, int]]:
        return [(symbol, 1) for symbol in self.tokens(ids)]

    def words(self, pieces: Sequence[str]) -> list[tuple[str, int]]:
        return [(piece, 1) for piece in pieces]

    def state(self) -> dict[str, Any]:
        """Plain values that `restore_tokenizer` takes."""
        return {"family": "symbols", "symbols": self._pieces[len(SPECIAL_TOKENS) :]}
