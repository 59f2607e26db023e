"""What stands in the shell's place, as the conformance checks see it."""

from collections.abc import Callable
from dataclasses import dataclass

from torch import Tensor, nn

from attnlab.attention.core import Role, reads
from attnlab.attention.multihead import MultiHeadAttention

ShellFactory = Callable[..., MultiHeadAttention]
"""`factory(dim, num_heads=, role=, max_length=, dropout=, key_dim=, value_dim=)`: the shell, or what is called as it
is: `project`, `forward` and `attend` with the shell's arguments, and `core`, the mechanism behind its projections."""


@dataclass(frozen=True)
class Sibling:
    """A factory of such a sibling, for whatever takes the factory of a core: called, it makes a `SiblingAsCore`."""

    factory: ShellFactory

    def __call__(
        self, *, num_heads: int, head_dim: int, role: Role, max_length: int, dropout: float
    ) -> "SiblingAsCore":
        dim = num_heads * head_dim
        return SiblingAsCore(
            self.factory(dim, num_heads=num_heads, role=role, max_length=max_length, dropout=dropout), num_heads
        )


class SiblingAsCore(nn.Module):
    """A sibling of the shell in the shape of a core: its query, key and value are the heads of q, k and v in a row.

    It keeps a core's contract, but for a query that has nothing to attend: that gets what the sibling's own projections
    make of zeros, which is `combine` of zero weights.
    """

    def __init__(self, attention: MultiHeadAttention, num_heads: int) -> None:
        super().__init__()
        self.attention = attention
        self.num_heads = num_heads
        self.uses = reads(attention.core)  # models ask its core, so it may have no use for more
        self.properties = attention.core.properties

    def forward(
        self, q: Tensor, k: Tensor, v: Tensor, *, key_mask: Tensor | None = None, bias: Tensor | None = None
    ) -> Tensor:
        output: Tensor = self.attention(_in_a_row(q), _in_a_row(k), _in_a_row(v), key_mask=key_mask, bias=bias)
        return self._split(output)

    def weights(self, q: Tensor, k: Tensor, *, key_mask: Tensor | None = None, bias: Tensor | None = None) -> Tensor:
        _, weights = self.attention.attend(_in_a_row(q), _in_a_row(k), key_mask=key_mask, bias=bias)
        return weights

    def combine(self, weights: Tensor, v: Tensor) -> Tensor:
        """What the sibling makes of given weights: those of its core are replaced by them for one call."""
        own: object = self.attention.core
        value = _in_a_row(v)
        query = value.new_zeros(value.size(0), weights.size(-2), value.size(-1))
        vars(own)["weights"] = lambda *_, **__: weights  # shadows the method for this instance
        try:
            output, _ = self.attention.attend(query, value, value)
        finally:
            del vars(own)["weights"]
        return self._split(output)

    def _split(self, output: Tensor) -> Tensor:
        return output.view(*output.shape[:2], self.num_heads, -1).transpose(1, 2)  # (B, H, Tq, Dh)


def _in_a_row(heads: Tensor) -> Tensor:
    """(B, H, T, Dh) -> (B, T, D)"""
    return heads.transpose(1, 2).flatten(2)
