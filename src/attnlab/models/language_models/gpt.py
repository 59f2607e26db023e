"""The Transformer's decoder alone, as a language model."""

from dataclasses import dataclass
from functools import partial
from typing import Literal, get_args

from torch import Tensor, nn

from attnlab.attention import Segments
from attnlab.errors import at_least, below_one, between
from attnlab.models.layers.embedding import TokenEmbedding
from attnlab.models.layers.positions import Positions
from attnlab.models.layers.slots import AttentionFactory, Slot, fill_slots, mechanism_name
from attnlab.models.layers.transformer_layers import CausalLayer, CausalPast, FeedForward

WhichPositions = Literal["learned", "sinusoidal", "none"]


@dataclass(frozen=True)
class GPTState:
    """How many tokens were read, and what each layer keeps of them."""

    length: int
    past: tuple[CausalPast, ...]

    def select(self, rows: Tensor) -> "GPTState":
        return GPTState(self.length, tuple(layer.select(rows) for layer in self.past))


class GPT(nn.Module):
    """Each token attends to those before it, and the next one is read off (Radford et al., 2019).

    z_0 = embedding + positions,   z_l = layer(z_l-1),   logits = E norm(z_L) + b
    Pre-norm layers, GELU, and an output tied to the embedding. Differs from the paper: the scale of the embedding, and
    positions may be sinusoidal (Vaswani et al., 2017) or none, as for a mechanism that brings its own or needs none.

    The attention stands in the one slot `decoder` (causal), in every layer. Of texts packed one after another each is
    read as if it stood alone: positions begin anew, and neither attention, nor a state, nor the convolution sees the
    one before.

    Args:
        context_length: tokens of a block that it is trained on.
        kernel_size: of the short convolution before each attention; 1 for none.
        max_length: most that it is to read; of learned positions there are `context_length`, and it reads no more.

    Raises:
        ValueError: a number out of its range, other positions, or an attention that can't serve the role causal.
    """

    def __init__(
        self,
        *,
        vocab_size: int,
        context_length: int,
        max_length: int,
        attention: AttentionFactory,
        dim: int = 128,
        num_heads: int = 4,
        num_layers: int = 4,
        feed_forward_dim: int = 512,
        positions: WhichPositions = "sinusoidal",
        kernel_size: int = 1,
        dropout: float = 0.0,
        tie_embeddings: bool = True,
    ) -> None:
        super().__init__()
        between(1, 1000, "model", num_layers=num_layers)
        at_least(1, "model", context_length=context_length, max_length=max_length)
        below_one("model", dropout=dropout)
        if positions not in get_args(WhichPositions):
            raise ValueError(
                f"positions must be {', '.join(get_args(WhichPositions))}, got {positions!r} (set model.positions)"
            )
        self.context_length = context_length
        self.max_length = context_length if positions == "learned" else max_length
        self.embedding = TokenEmbedding(vocab_size, dim)
        self.positions: Positions | None = None
        if positions != "none":
            self.positions = Positions(
                self.max_length, dim, learned=positions == "learned", key="data.context_length or data.max_length"
            )
        slot = Slot(role="causal", max_length=self.max_length, num_layers=num_layers)
        filled = fill_slots(attention, {"decoder": slot}, dim=dim, num_heads=num_heads)["decoder"]
        self.slots = {"decoder": mechanism_name(filled[0])}
        feed_forward = partial(FeedForward, dim, feed_forward_dim, activation="gelu", dropout=dropout)
        self.decoder = nn.ModuleList(
            CausalLayer(dim, attention=each, feed_forward=feed_forward(), dropout=dropout, kernel_size=kernel_size)
            for each in filled
        )
        self.norm = nn.LayerNorm(dim)
        self.dropout = nn.Dropout(dropout)
        self.output = tied_output(self.embedding, tied=tie_embeddings)

    def forward(self, tokens: Tensor, segments: Tensor | None = None) -> Tensor:
        if segments is None:
            return self.advance(tokens)[0]
        apart = Segments(segments)
        x = self.embedding(tokens)  # (B, T, D)
        x = self.dropout(x if self.positions is None else self.positions.at(x, apart.places))
        for layer in self.decoder:
            assert isinstance(layer, CausalLayer)
            x = layer.apart(x, apart)
        logits: Tensor = self.output(self.norm(x))
        return logits

    def advance(self, tokens: Tensor, state: GPTState | None = None) -> tuple[Tensor, GPTState]:
        length = 0 if state is None else state.length
        x = self.embedding(tokens)  # (B, T, D)
        x = self.dropout(x if self.positions is None else self.positions(x, length))
        past: list[CausalPast] = []
        for number, layer in enumerate(self.decoder):
            x, present = layer(x, None if state is None else state.past[number])
            past.append(present)
        logits: Tensor = self.output(self.norm(x))
        return logits, GPTState(length + tokens.shape[1], tuple(past))


def tied_output(embedding: TokenEmbedding, *, tied: bool) -> nn.Linear:
    """The projection D -> V, whose weight is the embedding's table where `tied` (Press and Wolf, 2017)."""
    vocab_size, dim = embedding.table.weight.shape
    output = nn.Linear(dim, vocab_size)
    nn.init.zeros_(output.bias)
    if tied:
        output.weight = embedding.table.weight
    else:
        nn.init.normal_(output.weight, std=dim**-0.5)
    return output
