"""Between texts and the ids that a language model reads and writes."""

from collections.abc import Sequence
from typing import Any

from attnlab.data.text.tokenizers import Tokenizer, restore_tokenizer
from attnlab.models.special_tokens import EOS


class LanguageCodec:
    """One vocabulary, restorable from plain values.

    Args:
        tokenizer: a tokenizer's `state()`.
        marked: whether EOS stands before each text, as between the texts of a stream; else they begin with themselves.
    """

    def __init__(self, *, tokenizer: dict[str, Any], marked: bool = True) -> None:
        self.tokenizer: Tokenizer = restore_tokenizer(tokenizer)
        self.marked = marked

    @property
    def sizes(self) -> dict[str, int]:
        """The number of ids, as a model's constructor takes it."""
        return {"vocab_size": len(self.tokenizer)}

    def encode(self, text: str) -> list[int]:
        """The ids of a text's beginning, to be continued."""
        return [EOS] * self.marked + self.tokenizer.encode([text])[0]

    def continuation(self, ids: Sequence[int], num_given: int) -> str:
        """The text of all ids but the first `num_given`, as it stands after theirs."""
        given = self.tokenizer.decode(ids[:num_given])
        whole = self.tokenizer.decode(ids)
        # A letter whose bytes are parted is whole only together.
        return whole[len(given) :] if whole.startswith(given) else self.tokenizer.decode(ids[num_given:])

    def tokens(self, ids: Sequence[int]) -> list[str]:
        """A readable piece for each id."""
        return self.tokenizer.tokens(ids)

    def letters(self, ids: Sequence[int]) -> list[tuple[str, int]]:
        """Readable pieces of whole characters, and how many ids each has."""
        return self.tokenizer.letters(ids)

    def words(self, pieces: Sequence[str]) -> list[tuple[str, int]]:
        """The words that such pieces make, and how many pieces each has."""
        return self.tokenizer.words(pieces)

    def state(self) -> dict[str, Any]:
        """Plain values: `LanguageCodec(**state)` is this codec again."""
        return {"tokenizer": self.tokenizer.state(), "marked": self.marked}
