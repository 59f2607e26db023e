"""What stands in the shell's place, as a user would write it; named on the command line as own_siblings.Scaled."""

from typing import Any

from torch import Tensor, nn

from attnlab.attention import KeyValue, LatentAttention, MultiHeadAttention, RoleError, ScaledDotAttention


class Scaled(nn.Module):
    """The shell with its output multiplied."""

    def __init__(
        self,
        dim: int,
        *,
        num_heads: int,
        role: Any,
        max_length: int,
        dropout: float = 0.0,
        key_dim: int | None = None,
        value_dim: int | None = None,
        gain: float = 2.0,
    ) -> None:
        super().__init__()
        if gain <= 0:
            raise ValueError(f"gain must be above 0, got {gain}")
        self.shell = MultiHeadAttention(
            dim,
            num_heads=num_heads,
            core=ScaledDotAttention,
            role=role,
            max_length=max_length,
            dropout=dropout,
            key_dim=key_dim,
            value_dim=value_dim,
        )
        self.gain = gain

    @property
    def core(self) -> Any:
        return self.shell.core

    def project(self, key: Tensor, value: Tensor | None = None) -> KeyValue:
        return self.shell.project(key, value)

    def forward(
        self,
        query: Tensor,
        key: Tensor | None = None,
        value: Tensor | None = None,
        *,
        kv: KeyValue | None = None,
        key_mask: Tensor | None = None,
        bias: Tensor | None = None,
    ) -> Any:
        return self.gain * self.shell(query, key, value, kv=kv, key_mask=key_mask, bias=bias)

    def attend(
        self,
        query: Tensor,
        key: Tensor | None = None,
        value: Tensor | None = None,
        *,
        kv: KeyValue | None = None,
        key_mask: Tensor | None = None,
        bias: Tensor | None = None,
    ) -> tuple[Tensor, Tensor]:
        output, weights = self.shell.attend(query, key, value, kv=kv, key_mask=key_mask, bias=bias)
        return self.gain * output, weights


class SeesPadding(Scaled):
    def forward(self, query: Tensor, *source: Any, **given: Any) -> Any:
        given["key_mask"] = None
        return super().forward(query, *source, **given)


class UnpacksAPair(Scaled):
    """As a sibling was written when a KeyValue was a pair."""

    def forward(self, query: Tensor, *source: Any, kv: Any = None, **given: Any) -> Any:
        kv = self.project(*(source or (query,))) if kv is None else kv
        k, v = kv
        return super().forward(query, kv=KeyValue(k, v), **given)


class NotForDecoding(Scaled):
    def __init__(self, dim: int, *, role: Any, **arguments: Any) -> None:
        if role == "causal":
            raise RoleError("sees all places at once, got role causal")
        super().__init__(dim, role=role, **arguments)


class NoCore(Scaled):
    core = None


class NoAttend(nn.Module):
    def __init__(self, dim: int, **arguments: Any) -> None:
        super().__init__()

    def project(self, key: Tensor) -> None: ...

    def forward(self, query: Tensor) -> Tensor:
        return query


class NoRole(LatentAttention):
    def __init__(
        self, dim: int, *, num_heads: int, max_length: int, dropout: float, key_dim: int, value_dim: int
    ) -> None:
        super().__init__(dim, num_heads=num_heads, role="self", max_length=max_length)
