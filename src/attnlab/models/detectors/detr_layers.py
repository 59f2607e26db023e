"""The layers of DETR: positions are added to queries and keys, never to values."""

import math
from dataclasses import dataclass

from torch import Tensor, nn

from attnlab.attention import KeyValue, MultiHeadAttention, reads
from attnlab.attention.places import Grid
from attnlab.models.detectors.box_positions import NearBox
from attnlab.models.layers.slots import AttentionFactory, Slot, fill_slots, mechanism_name
from attnlab.models.layers.transformer_layers import FeedForward, Residual


class DetrEncoderLayer(nn.Module):
    """Every place looks at every other, then the feed-forward net. x (B, K, D), its positions and mask -> (B, K, D)."""

    def __init__(self, dim: int, *, attention: MultiHeadAttention, feed_forward: FeedForward, dropout: float) -> None:
        super().__init__()
        self.attention = attention
        self.feed_forward = feed_forward
        self.attention_residual = Residual(dim, dropout=dropout, norm_first=True)
        self.feed_forward_residual = Residual(dim, dropout=dropout, norm_first=True)

    def forward(self, x: Tensor, *, positions: Tensor, mask: Tensor) -> Tensor:
        y = self.attention_residual.enter(x)
        placed = y + positions
        x = self.attention_residual.leave(x, self.attention(placed, placed, y, key_mask=mask))
        y = self.feed_forward_residual.enter(x)
        return self.feed_forward_residual.leave(x, self.feed_forward(y))


class DetrDecoderLayer(nn.Module):
    """Queries look at each other, then at the image, each near its own box; then the feed-forward net.

    `near_box` stands where the mechanism takes a bias, None elsewhere.
    """

    def __init__(
        self,
        dim: int,
        *,
        self_attention: MultiHeadAttention,
        cross_attention: MultiHeadAttention,
        near_box: NearBox | None,
        feed_forward: FeedForward,
        dropout: float,
    ) -> None:
        super().__init__()
        self.self_attention = self_attention
        self.cross_attention = cross_attention
        self.near_box = near_box
        self.feed_forward = feed_forward
        self.self_residual = Residual(dim, dropout=dropout, norm_first=True)
        reads_x = "query" in reads(cross_attention.core) or near_box is not None
        self.cross_residual = Residual(dim, dropout=dropout, norm_first=True, reads_x=reads_x)
        self.feed_forward_residual = Residual(dim, dropout=dropout, norm_first=True)

    def forward(
        self,
        x: Tensor,
        *,
        positions: Tensor | float,
        mask: Tensor,
        boxes: Tensor,
        memory: KeyValue,
        memory_mask: Tensor,
        places: Tensor,
    ) -> Tensor:
        """x (B, Q, D) after the layer.

        Args:
            positions: of the queries, (B, Q, D), or 0.
            mask: (B, Q), True where there is a query.
            boxes: (B, Q, 4) where the queries look, centres in shares.
            memory: the projected image; `memory_mask` (B, K) and `places` (B, K, 2) are of its keys.
        """
        y = self.self_residual.enter(x)
        placed = y + positions
        x = self.self_residual.leave(x, self.self_attention(placed, placed, y, key_mask=mask))
        y = self.cross_residual.enter(x)
        bias = None if self.near_box is None else self.near_box(y, boxes, places)
        attended = self.cross_attention(y + positions, kv=memory, key_mask=memory_mask, bias=bias)
        x = self.cross_residual.leave(x, attended)
        y = self.feed_forward_residual.enter(x)
        return self.feed_forward_residual.leave(x, self.feed_forward(y))


@dataclass(frozen=True)
class DetrAttention:
    """What stands in each slot, layer by layer."""

    encoder: list[MultiHeadAttention]  # places to places
    decoder: list[MultiHeadAttention]  # queries to queries
    cross: list[MultiHeadAttention]  # queries to places
    num_heads: int

    @property
    def names(self) -> dict[str, str]:
        """The mechanisms by slot."""
        slots = {"encoder": self.encoder, "decoder": self.decoder, "cross": self.cross}
        return {name: mechanism_name(layers[0]) for name, layers in slots.items()}

    @property
    def read_queries(self) -> bool:
        """Whether a mechanism of the decoder sees what it is given as queries."""
        return bool(reads(self.decoder[0].core)) or "query" in reads(self.cross[0].core)


@dataclass(frozen=True, kw_only=True)
class DetrSlots:
    """How many layers there are, and the mechanism asked for in one slot alone; None for that of all."""

    encoder: AttentionFactory | None
    decoder: AttentionFactory | None
    cross: AttentionFactory | None
    num_encoder_layers: int
    num_decoder_layers: int

    def fill(
        self, attention: AttentionFactory, *, dim: int, num_heads: int, grid: Grid, num_queries: int
    ) -> DetrAttention:
        """Places stand on a `grid`. ValueError if `attention` fits none of the slots left to it."""
        num_places = math.prod(grid)
        longest = max(num_places, num_queries)
        encoder, decoder = self.num_encoder_layers, self.num_decoder_layers
        slots = {
            "encoder": Slot(role="self", max_length=num_places, num_layers=encoder, override=self.encoder, grid=grid),
            "decoder": Slot(role="self", max_length=num_queries, num_layers=decoder, override=self.decoder),
            "cross": Slot(role="cross", max_length=longest, num_layers=decoder, override=self.cross, grid=grid),
        }
        filled = fill_slots(attention, slots, dim=dim, num_heads=num_heads)
        return DetrAttention(**filled, num_heads=num_heads)


@dataclass(frozen=True)
class Sublayers:
    """What all layers are besides their attention."""

    dim: int
    feed_forward_dim: int
    dropout: float

    def feed_forward(self) -> FeedForward:
        return FeedForward(self.dim, self.feed_forward_dim, activation="gelu", dropout=self.dropout)


def encoder_layers(attention: DetrAttention, like: Sublayers) -> nn.ModuleList:
    return nn.ModuleList(
        DetrEncoderLayer(like.dim, attention=each, feed_forward=like.feed_forward(), dropout=like.dropout)
        for each in attention.encoder
    )


def decoder_layers(attention: DetrAttention, like: Sublayers, *, near_box: bool) -> nn.ModuleList:
    """Led to their queries' boxes if they are to be and the mechanism takes a bias."""
    led = near_box and attention.cross[0].core.properties.takes_bias
    return nn.ModuleList(
        DetrDecoderLayer(
            like.dim,
            self_attention=own,
            cross_attention=cross,
            near_box=NearBox(like.dim, num_heads=attention.num_heads) if led else None,
            feed_forward=like.feed_forward(),
            dropout=like.dropout,
        )
        for own, cross in zip(attention.decoder, attention.cross, strict=True)
    )
