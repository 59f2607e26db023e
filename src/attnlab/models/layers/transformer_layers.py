"""The layers of the Transformer, around any attention."""

from dataclasses import dataclass
from typing import Literal, get_args

from torch import Tensor, nn

from attnlab.attention import KeyValue, MultiHeadAttention, Past, Segments, advance, attend_apart, reads
from attnlab.errors import between
from attnlab.models.layers.short_convolution import ShortConvolution

Activation = Literal["gelu", "relu"]


class Residual(nn.Module):
    """A sublayer's way in and out: `leave(x, sublayer(enter(x)))`.

    norm_first:  x + dropout(sublayer(norm(x)))       (pre-norm; Xiong et al., 2020)
    otherwise:   norm(x + dropout(sublayer(x)))       (post-norm; Vaswani et al., 2017)
    """

    def __init__(self, dim: int, *, dropout: float, norm_first: bool, reads_x: bool = True) -> None:
        super().__init__()
        # A norm before a sublayer that doesn't read x gets no gradient, and distributed training waits for one.
        self.norm = nn.LayerNorm(dim) if reads_x or not norm_first else nn.Identity()
        self.dropout = nn.Dropout(dropout)
        self.norm_first = norm_first

    def enter(self, x: Tensor) -> Tensor:
        entered: Tensor = self.norm(x) if self.norm_first else x
        return entered

    def leave(self, x: Tensor, y: Tensor) -> Tensor:
        y = x + self.dropout(y)
        left: Tensor = y if self.norm_first else self.norm(y)
        return left


class FeedForward(nn.Module):
    """W_2 f(W_1 x + b_1) + b_2 at each position, with dropout after f, which is GELU or ReLU.

    ValueError for another f or a width below 1.
    """

    def __init__(self, dim: int, hidden_dim: int, *, activation: Activation, dropout: float) -> None:
        super().__init__()
        if activation not in get_args(Activation):
            raise ValueError(f"activation must be gelu or relu, got {activation!r} (set model.activation)")
        between(1, 2**20, "model", feed_forward_dim=hidden_dim)
        self.widen = nn.Linear(dim, hidden_dim)
        self.activation = nn.GELU() if activation == "gelu" else nn.ReLU()
        self.dropout = nn.Dropout(dropout)
        self.narrow = nn.Linear(hidden_dim, dim)
        for linear in (self.widen, self.narrow):
            nn.init.xavier_uniform_(linear.weight)
            nn.init.zeros_(linear.bias)

    def forward(self, x: Tensor) -> Tensor:
        output: Tensor = self.narrow(self.dropout(self.activation(self.widen(x))))
        return output


class EncoderLayer(nn.Module):
    """Self-attention, then the feed-forward net. (B, Ts, D) and a mask (B, Ts), or none -> (B, Ts, D)."""

    def __init__(
        self, dim: int, *, attention: MultiHeadAttention, feed_forward: FeedForward, dropout: float, norm_first: bool
    ) -> None:
        super().__init__()
        self.attention = attention
        self.feed_forward = feed_forward
        self.attention_residual = Residual(dim, dropout=dropout, norm_first=norm_first)
        self.feed_forward_residual = Residual(dim, dropout=dropout, norm_first=norm_first)

    def forward(self, x: Tensor, mask: Tensor | None = None) -> Tensor:
        y = self.attention_residual.enter(x)
        x = self.attention_residual.leave(x, self.attention(y, key_mask=mask))
        y = self.feed_forward_residual.enter(x)
        return self.feed_forward_residual.leave(x, self.feed_forward(y))


@dataclass(frozen=True)
class CausalPast:
    """What a causal layer keeps of what it has read: its attention's past, and the convolution's last inputs."""

    attention: Past
    inputs: Tensor  # (B, K - 1, D)

    def select(self, rows: Tensor) -> "CausalPast":
        return CausalPast(self.attention.select(rows), self.inputs[rows])


class CausalLayer(nn.Module):
    """Causal self-attention, then the feed-forward net, pre-norm. (B, T, D) -> (B, T, D).

    Attention reads a short convolution of the layer's normed input where `kernel_size` is above 1.
    """

    def __init__(
        self,
        dim: int,
        *,
        attention: MultiHeadAttention,
        feed_forward: FeedForward,
        dropout: float,
        kernel_size: int = 1,
    ) -> None:
        super().__init__()
        self.convolution = ShortConvolution(dim, kernel_size=kernel_size)
        self.attention = attention
        self.feed_forward = feed_forward
        self.attention_residual = Residual(dim, dropout=dropout, norm_first=True)
        self.feed_forward_residual = Residual(dim, dropout=dropout, norm_first=True)

    def forward(self, x: Tensor, past: CausalPast | None) -> tuple[Tensor, CausalPast]:
        """`past` is what is kept of what was read so far, returned with x added."""
        y, inputs = self.convolution(self.attention_residual.enter(x), None if past is None else past.inputs)
        attended, kept = advance(self.attention, y, None if past is None else past.attention)
        return self._left(x, attended), CausalPast(kept, inputs)

    def apart(self, x: Tensor, segments: Segments) -> Tensor:
        """Of texts that follow one another in x, each as if it stood alone."""
        y, _ = self.convolution(self.attention_residual.enter(x), None, places=segments.places)
        return self._left(x, attend_apart(self.attention, y, segments))

    def _left(self, x: Tensor, attended: Tensor) -> Tensor:
        x = self.attention_residual.leave(x, attended)
        y = self.feed_forward_residual.enter(x)
        return self.feed_forward_residual.leave(x, self.feed_forward(y))


class DecoderLayer(nn.Module):
    """Causal self-attention, attention over the source, then the feed-forward net. (B, Tt, D) -> (B, Tt, D)."""

    def __init__(
        self,
        dim: int,
        *,
        self_attention: MultiHeadAttention,
        cross_attention: MultiHeadAttention,
        feed_forward: FeedForward,
        dropout: float,
        norm_first: bool,
    ) -> None:
        super().__init__()
        self.self_attention = self_attention
        self.cross_attention = cross_attention
        self.feed_forward = feed_forward
        self.self_residual = Residual(dim, dropout=dropout, norm_first=norm_first)
        self.cross_residual = Residual(
            dim, dropout=dropout, norm_first=norm_first, reads_x="query" in reads(cross_attention.core)
        )
        self.feed_forward_residual = Residual(dim, dropout=dropout, norm_first=norm_first)

    def forward(self, x: Tensor, *, past: Past | None, memory: KeyValue, memory_mask: Tensor) -> tuple[Tensor, Past]:
        """`past` is what is kept of the target so far, returned with x added; `memory` is the projected source."""
        attended, past = advance(self.self_attention, self.self_residual.enter(x), past)
        x = self.self_residual.leave(x, attended)
        y = self.cross_residual.enter(x)
        x = self.cross_residual.leave(x, self.cross_attention(y, kv=memory, key_mask=memory_mask))
        y = self.feed_forward_residual.enter(x)
        return self.feed_forward_residual.leave(x, self.feed_forward(y)), past
