"""The Transformer for translation."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from typing import cast

from torch import Tensor, nn

from attnlab.attention import Past
from attnlab.errors import below_one, between
from attnlab.models.encoder_decoders.encoder_decoder import SourceMemory, source_mask
from attnlab.models.layers.embedding import build_vocabulary_layers
from attnlab.models.layers.positions import Positions
from attnlab.models.layers.slots import AttentionFactory, Slot, fill_slots, mechanism_name
from attnlab.models.layers.transformer_layers import Activation, DecoderLayer, EncoderLayer, FeedForward


@dataclass(frozen=True)
class TransformerState:
    """How many tokens were read, each decoder layer's past (None before the first token), and the source."""

    length: int
    past: tuple[Past | None, ...]
    memory: SourceMemory

    def select(self, rows: Tensor) -> "TransformerState":
        past = tuple(None if layer is None else layer.select(rows) for layer in self.past)
        return TransformerState(self.length, past, self.memory.select(rows))


class Transformer(nn.Module):
    """Attention in place of recurrence: over the source, over the target's past, and between the two.

    After Vaswani et al. (2017). Differs by default from the paper: pre-norm with a last norm, GELU, separate source and
    target embeddings.

    The attention stands in the slots `encoder` (self), `decoder` (causal) and `cross`; a mechanism that can't serve one
    leaves it to scaled dot-product, and `slots` says what stands where.
    """

    def __init__(
        self,
        *,
        source_vocab_size: int,
        target_vocab_size: int,
        max_source_length: int,
        max_target_length: int,
        attention: AttentionFactory,
        encoder_attention: AttentionFactory | None = None,
        decoder_attention: AttentionFactory | None = None,
        cross_attention: AttentionFactory | None = None,
        dim: int = 256,
        num_heads: int = 4,
        num_layers: int = 3,
        feed_forward_dim: int = 512,
        activation: Activation = "gelu",
        norm_first: bool = True,
        learned_positions: bool = False,
        dropout: float = 0.1,
        tie_embeddings: bool = True,
        share_embeddings: bool = False,
    ) -> None:
        super().__init__()
        between(1, 1000, "model", num_layers=num_layers)
        below_one("model", dropout=dropout)
        # One more than the cap: a decoder reads BOS besides every word of the longest target.
        num_inputs = max_target_length + 1
        self.source_embedding, self.target_embedding, self.output = build_vocabulary_layers(
            source_vocab_size, target_vocab_size, dim, tie_embeddings=tie_embeddings, share_embeddings=share_embeddings
        )
        self.source_positions = Positions(
            max_source_length, dim, learned=learned_positions, key="data.max_source_length"
        )
        self.target_positions = Positions(num_inputs, dim, learned=learned_positions, key="data.max_target_length")
        slots = {
            "encoder": Slot(
                role="self", max_length=max_source_length, num_layers=num_layers, override=encoder_attention
            ),
            "decoder": Slot(role="causal", max_length=num_inputs, num_layers=num_layers, override=decoder_attention),
            "cross": Slot(
                role="cross",
                max_length=max(max_source_length, num_inputs),
                num_layers=num_layers,
                override=cross_attention,
            ),
        }
        filled = fill_slots(attention, slots, dim=dim, num_heads=num_heads)
        self.slots = {name: mechanism_name(layers[0]) for name, layers in filled.items()}
        feed_forward = partial(FeedForward, dim, feed_forward_dim, activation=activation, dropout=dropout)
        encoder_layer = partial(EncoderLayer, dim, dropout=dropout, norm_first=norm_first)
        decoder_layer = partial(DecoderLayer, dim, dropout=dropout, norm_first=norm_first)
        self.encoder = nn.ModuleList(
            encoder_layer(attention=layer, feed_forward=feed_forward()) for layer in filled["encoder"]
        )
        self.decoder = nn.ModuleList(
            decoder_layer(self_attention=past, cross_attention=source, feed_forward=feed_forward())
            for past, source in zip(filled["decoder"], filled["cross"], strict=True)
        )
        self.encoder_norm = nn.LayerNorm(dim) if norm_first else nn.Identity()
        self.decoder_norm = nn.LayerNorm(dim) if norm_first else nn.Identity()
        self.dropout = nn.Dropout(dropout)
        self.max_source_length, self.max_target_length = max_source_length, max_target_length

    def forward(self, source: Tensor, target: Tensor) -> Tensor:
        x, _ = self._advance(target, self.start(source))
        logits: Tensor = self.output(x)  # (B, Tt, V)
        return logits

    def start(self, source: Tensor) -> TransformerState:
        mask = source_mask(source)
        x = self.dropout(self.source_positions(self.source_embedding(source)))
        for layer in self.encoder:
            x = layer(x, mask)
        x = self.encoder_norm(x)
        memory = tuple(layer.cross_attention.project(x) for layer in cast("Iterable[DecoderLayer]", self.decoder))
        return TransformerState(0, (None,) * len(memory), SourceMemory.of(memory, mask))

    def step(self, token: Tensor, state: TransformerState) -> tuple[Tensor, TransformerState]:
        x, state = self._advance(token.unsqueeze(1), state)
        return self.output(x).squeeze(1), state

    def _advance(self, target: Tensor, state: TransformerState) -> tuple[Tensor, TransformerState]:
        """The decoder's output (B, Tt, D) for target ids (B, Tt) read from `state` on, and the state after them."""
        memory = state.memory
        x = self.dropout(self.target_positions(self.target_embedding(target), state.length))
        presents = []
        for layer, past, source in zip(self.decoder, state.past, memory.layers, strict=True):
            x, present = layer(x, past=past, memory=source, memory_mask=memory.mask)
            presents.append(present)
        return self.decoder_norm(x), TransformerState(state.length + target.shape[1], tuple(presents), memory)
