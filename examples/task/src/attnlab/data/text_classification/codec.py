"""Between texts with classes and the ids that a model reads and writes."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from torch import Tensor

from attnlab.models.special_tokens import SPECIAL_TOKENS, UNK


class TextClassificationBatch(NamedTuple):
    """Texts, right-padded with PAD, and their classes. All tensors int64."""

    ids: Tensor  # (B,) where the texts stand in their split
    words: Tensor  # (B, T)
    labels: Tensor  # (B,)
    truth: Sequence[str] | None = None  # (B,) the texts, of val and test


class TextClassificationCodec:
    """The words and classes of a model, restorable from plain values. Words are parted by white space."""

    def __init__(self, *, words: Sequence[str], classes: Sequence[str]) -> None:
        self.words, self.classes = list(words), list(classes)
        self._ids = {word: len(SPECIAL_TOKENS) + number for number, word in enumerate(words)}

    @property
    def sizes(self) -> dict[str, int]:
        """Numbers of ids and classes, as a model's constructor takes them."""
        return {"vocab_size": len(SPECIAL_TOKENS) + len(self.words), "num_classes": len(self.classes)}

    def split(self, text: str) -> list[str]:
        """The words of a text."""
        return text.split()

    def encode(self, text: str) -> list[int]:
        """An id a word: UNK for an unknown one."""
        return [self._ids.get(word, UNK) for word in self.split(text)]

    def state(self) -> dict[str, Any]:
        """Plain values: `TextClassificationCodec(**state)` is this codec again."""
        return {"words": self.words, "classes": self.classes}
