"""What every encoder-decoder offers: a teacher-forced pass to train, and one step at a time to decode."""

from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol, Self, runtime_checkable

import torch
from torch import Tensor

from attnlab.attention import KeyValue
from attnlab.models.special_tokens import PAD


class DecoderState(Protocol):
    """All that decoding carries from one step to the next, a row per hypothesis."""

    def select(self, rows: Tensor) -> Self:
        """The state of `rows`, indices (N,): hypotheses reordered, repeated, dropped."""
        ...


class EncoderDecoder(Protocol):
    """A model, an nn.Module, of p(target | source), called in two ways that agree: `forward` and repeated `step`.

    Sequences are right-padded with PAD; targets begin with BOS. A target is at most `max_target_length` tokens long,
    of which BOS isn't one: a decoder reads up to `max_target_length` + 1.
    """

    max_source_length: int
    max_target_length: int
    slots: dict[str, str]  # which mechanism stands where, as {"cross": "additive"}

    def __call__(self, source: Tensor, target: Tensor) -> Tensor:
        """Logits (B, Tt, V) of source (B, Ts) and target (B, Tt) ids; those at i predict the token after target i."""
        ...

    def start(self, source: Tensor) -> DecoderState:
        """The state before the first step, from source (B, Ts)."""
        ...

    def step(self, token: Tensor, state: Any) -> tuple[Tensor, Any]:
        """Logits (B, V) after reading a token (B,), first BOS, in a state of this model's; and the next state."""
        ...


class Reading(NamedTuple):
    """What a teacher-forced pass gives; None where the model has no such thing."""

    logits: Tensor  # (B, Tt, V)
    copying: Tensor | None  # (B, Tt) the probability that the next token is copied from the source, not generated
    overlap: Tensor | None  # (B, Tt) how much of the attention goes where earlier attention went already


@runtime_checkable
class ReadingModel(Protocol):
    """An encoder-decoder that gives more than logits."""

    coverage: bool  # whether readings have an overlap

    def read(self, source: Tensor, target: Tensor) -> Reading:
        """`forward`, and what else there is to say."""
        ...


def source_mask(source: Tensor) -> Tensor:
    """True at the source's real tokens, (B, Ts)."""
    return source != PAD


@dataclass(frozen=True)
class SourceMemory:
    """What decoding reads of the source: a projected KeyValue a layer, the source mask, and which source a row has."""

    layers: tuple[KeyValue, ...]
    mask: Tensor  # (B, Ts)
    source: Tensor  # (B,), the source's number

    @classmethod
    def of(cls, layers: tuple[KeyValue, ...], mask: Tensor) -> "SourceMemory":
        return cls(layers, mask, torch.arange(mask.size(0), device=mask.device))

    def select(self, rows: Tensor) -> "SourceMemory":
        source = self.source[rows]
        # Beam search mostly reorders hypotheses of one source, for which nothing here moves.
        if torch.equal(source, self.source):
            return self
        return SourceMemory(tuple(layer.select(rows) for layer in self.layers), self.mask[rows], source)
