"""What every tagger offers, and the order in which it reads."""

from typing import Literal, Protocol, get_args

from torch import Tensor

from attnlab.attention import Role
from attnlab.models.layers.mirror import mirror_index, reorder
from attnlab.models.layers.recurrent import Cell, RecurrentEncoder
from attnlab.models.special_tokens import PAD
from attnlab.models.taggers.label_scores import LabelScores

Direction = Literal["bidirectional", "forward", "backward"]


class Tagger(Protocol):
    """A model, an nn.Module, that scores each word's labels in its sentence. Right-padded with PAD."""

    max_length: int  # words
    slots: dict[str, str]  # which mechanism stands where, as {"sentence": "additive"}
    reading: "Reading"
    label_scores: LabelScores  # what the emissions mean: a loss and the best labels

    def __call__(self, words: Tensor, characters: Tensor) -> Tensor:
        """Emissions (B, T, C) of word ids (B, T) and their characters' ids (B, T, Lc); those at padding mean nothing.

        Raises:
            ValueError: a sentence is longer than `max_length`.
        """
        ...


class Reading:
    """What a word's emissions may depend on: the whole sentence, the words up to it (forward), or those from it on.

    Its label depends on no other words either, except through the chain of a conditional random field.

    A backward tagger is a forward one on the sentence reversed within its own length. `arrange` puts sentences into
    the order of reading and, being its own inverse, what was read back into the sentence's.

    Raises:
        ValueError: no such direction.
    """

    def __init__(self, direction: Direction) -> None:
        if direction not in get_args(Direction):
            raise ValueError(
                f"direction must be one of {', '.join(get_args(Direction))}, got {direction!r} (set model.direction)"
            )
        self.direction = direction

    @property
    def bidirectional(self) -> bool:
        return self.direction == "bidirectional"

    @property
    def role(self) -> Role:
        """The attention's: over the whole sentence, or over what was read so far."""
        return "self" if self.bidirectional else "causal"

    def arrange(self, x: Tensor, mask: Tensor) -> Tensor:
        """x (B, T, ...) of sentences whose real words `mask` (B, T) shows, between their order and that of reading."""
        return reorder(x, mirror_index(mask)) if self.direction == "backward" else x

    def arrange_map(self, weights: Tensor) -> Tensor:
        """A captured map (..., T, T) of one sentence without padding, in the sentence's own order."""
        return weights.flip(-2, -1) if self.direction == "backward" else weights


def word_mask(words: Tensor) -> Tensor:
    """True at real words, (B, T): an unknown word is one of them."""
    return words != PAD


def check_length(words: Tensor, max_length: int) -> None:
    """ValueError for sentences (B, T) longer than the model was built for."""
    if words.shape[1] > max_length:
        raise ValueError(
            f"sentences must be at most {max_length} words long, got {words.shape[1]} (set data.max_length)"
        )


def tagger_encoder(dim: int, reading: Reading, *, cell: Cell, num_layers: int, dropout: float) -> RecurrentEncoder:
    """A net whose annotations have width D, shared by its two directions if it has two.

    Raises:
        ValueError: an odd width for two directions.
    """
    if reading.bidirectional and dim % 2:
        raise ValueError(f"dim must be even, for a net of two directions, got {dim} (set model.dim)")
    return RecurrentEncoder(
        dim // 2 if reading.bidirectional else dim,
        input_dim=dim,
        cell=cell,
        num_layers=num_layers,
        bidirectional=reading.bidirectional,
        dropout=dropout,
    )
