"""Between sentences and the ids that a translation model reads and writes."""

from collections.abc import Sequence
from typing import Any

from attnlab.data.text.tokenizers import Tokenizer, restore_tokenizer
from attnlab.models.special_tokens import BOS, EOS


class TranslationCodec:
    """The vocabulary of each language, restorable from plain values.

    Args:
        source, target: language codes.
        source_tokenizer: a tokenizer's `state()`.
        target_tokenizer: likewise, or None where both languages share the first.
    """

    def __init__(
        self,
        *,
        source: str,
        target: str,
        source_tokenizer: dict[str, Any],
        target_tokenizer: dict[str, Any] | None = None,
    ) -> None:
        self.source, self.target = source, target
        self.source_tokenizer: Tokenizer = restore_tokenizer(source_tokenizer)
        self.joint = target_tokenizer is None
        self.target_tokenizer = (
            self.source_tokenizer if target_tokenizer is None else restore_tokenizer(target_tokenizer)
        )

    @property
    def sizes(self) -> dict[str, int]:
        """Numbers of ids, as a model's constructor takes them."""
        return {"source_vocab_size": len(self.source_tokenizer), "target_vocab_size": len(self.target_tokenizer)}

    def encode_source(self, text: str) -> list[int]:
        """Ids that end in EOS."""
        return [*self.source_tokenizer.encode([text])[0], EOS]

    def encode_target(self, text: str) -> list[int]:
        """Ids that begin with BOS and end in EOS."""
        return [BOS, *self.target_tokenizer.encode([text])[0], EOS]

    def decode_target(self, ids: Sequence[int]) -> str:
        """The text; special tokens are left out."""
        return self.target_tokenizer.decode(ids)

    def source_tokens(self, ids: Sequence[int]) -> list[str]:
        """A readable piece for each id."""
        return self.source_tokenizer.tokens(ids)

    def target_tokens(self, ids: Sequence[int]) -> list[str]:
        """A readable piece for each id."""
        return self.target_tokenizer.tokens(ids)

    def source_letters(self, ids: Sequence[int]) -> list[tuple[str, int]]:
        """Readable pieces of whole characters, and how many ids each has."""
        return self.source_tokenizer.letters(ids)

    def target_letters(self, ids: Sequence[int]) -> list[tuple[str, int]]:
        """Likewise."""
        return self.target_tokenizer.letters(ids)

    def source_words(self, pieces: Sequence[str]) -> list[tuple[str, int]]:
        """The words that such pieces make, and how many pieces each has."""
        return self.source_tokenizer.words(pieces)

    def target_words(self, pieces: Sequence[str]) -> list[tuple[str, int]]:
        """Likewise."""
        return self.target_tokenizer.words(pieces)

    def state(self) -> dict[str, Any]:
        """Plain values: `TranslationCodec(**state)` is this codec again."""
        return {
            "source": self.source,
            "target": self.target,
            "source_tokenizer": self.source_tokenizer.state(),
            "target_tokenizer": None if self.joint else self.target_tokenizer.state(),
        }
