"""What every language model offers: a pass over whole sequences to train, and reading on from a state to write."""

from typing import Any, Protocol, Self

from torch import Tensor


class ReadingState(Protocol):
    """All that a model keeps of what it has read, a row per sequence."""

    length: int  # tokens read

    def select(self, rows: Tensor) -> Self:
        """The state of `rows`, indices (N,): sequences reordered, repeated, dropped."""
        ...


class LanguageModel(Protocol):
    """A model, an nn.Module, of p(token | those before), called in two ways that agree: `forward`, and `advance`."""

    context_length: int  # tokens of a block that it is trained on
    max_length: int  # most that it can read
    slots: dict[str, str]  # which mechanism stands where; empty without attention

    def __call__(self, tokens: Tensor, segments: Tensor | None = None) -> Tensor:
        """Logits (B, T, V) of tokens (B, T); those at t predict what follows token t, and no later token moves them.

        `segments` (B, T) are whole numbers, of texts packed one after another: no token of another text moves them,
        either. A model that doesn't take them is refused where texts are to be apart (`data.texts_apart`).
        """
        ...

    def advance(self, tokens: Tensor, state: Any = None) -> tuple[Tensor, Any]:
        """Logits (B, T, V) after reading tokens (B, T) from a state of this model's on, or None; and the next state."""
        ...
