"""Between texts and the ids that a summarization model reads and writes."""

from collections.abc import Sequence
from typing import Any

from attnlab.data.text.tokenizers import Tokenizer, restore_tokenizer
from attnlab.models.special_tokens import BOS, EOS


class SummarizationCodec:
    """One vocabulary for documents and summaries, so that words can be copied; restorable from plain values.

    Args:
        tokenizer: a tokenizer's `state()`.
    """

    def __init__(self, *, tokenizer: dict[str, Any]) -> None:
        self.tokenizer: Tokenizer = restore_tokenizer(tokenizer)

    @property
    def sizes(self) -> dict[str, int]:
        """Numbers of ids, as a model's constructor takes them."""
        return {"source_vocab_size": len(self.tokenizer), "target_vocab_size": len(self.tokenizer)}

    def encode_source(self, text: str) -> list[int]:
        """Ids that end in EOS; any white space counts as one space."""
        return [*self.tokenizer.encode([one_line(text)])[0], EOS]

    def encode_target(self, text: str) -> list[int]:
        """Ids that begin with BOS and end in EOS; a line for each sentence, where the summary has several."""
        return [BOS, *self.tokenizer.encode([text.strip()])[0], EOS]

    def decode_target(self, ids: Sequence[int]) -> str:
        """The text; special tokens are left out."""
        return self.tokenizer.decode(ids)

    def source_tokens(self, ids: Sequence[int]) -> list[str]:
        """A readable piece for each id."""
        return self.tokenizer.tokens(ids)

    def target_tokens(self, ids: Sequence[int]) -> list[str]:
        """A readable piece for each id."""
        return self.tokenizer.tokens(ids)

    def source_letters(self, ids: Sequence[int]) -> list[tuple[str, int]]:
        """Readable pieces of whole characters, and how many ids each has."""
        return self.tokenizer.letters(ids)

    def target_letters(self, ids: Sequence[int]) -> list[tuple[str, int]]:
        """Likewise."""
        return self.tokenizer.letters(ids)

    def source_words(self, pieces: Sequence[str]) -> list[tuple[str, int]]:
        """The words that such pieces make, and how many pieces each has."""
        return self.tokenizer.words(pieces)

    def target_words(self, pieces: Sequence[str]) -> list[tuple[str, int]]:
        """Likewise."""
        return self.tokenizer.words(pieces)

    def state(self) -> dict[str, Any]:
        """Plain values: `SummarizationCodec(**state)` is this codec again."""
        return {"tokenizer": self.tokenizer.state()}


def one_line(document: str) -> str:
    """A document as models read it, the same whether it came in one line or in many."""
    return " ".join(document.split())
