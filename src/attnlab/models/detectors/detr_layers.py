"""The layers of DETR: positions are added to queries and keys, never to values."""

from torch import Tensor, nn

from attnlab.attention import KeyValue, MultiHeadAttention
from attnlab.models.detectors.box_positions import NearBox
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
        reads_x = "query" in cross_attention.core.uses or near_box is not None
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
