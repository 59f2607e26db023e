"""What a mechanism must provide to stand in the shell: the one contract of this package.

Shapes, in every file of the package: B batch, H heads, Tq/Tk query and key length, D model width, Dh head width.
"""

from dataclasses import dataclass
from typing import Literal, Protocol, runtime_checkable

from torch import Tensor

Role = Literal["self", "causal", "cross"]
"""Where attention stands: over its own sequence, over its own past, or over another sequence."""


class RoleError(ValueError):
    """Raised by a mechanism's constructor that can't serve the role, saying why; a bad value is a plain ValueError."""


@dataclass(frozen=True, kw_only=True)
class Properties:
    """What holds of a mechanism; `attnlab.attention.conformance.checks` holds it to its word."""

    rows_sum_to_one: bool = True
    """The weights of a query that has a key to attend sum to one."""
    non_negative: bool = True
    """No weight is below zero, so that a bias on a key can't lower its weight."""
    permutation_equivariant: bool = True
    """Reordering the keys, with their values, reorders the weights and leaves the output as it was (causal aside)."""
    smooth: bool = True
    """Differentiable everywhere, so that gradients agree with finite differences."""
    tolerance: float = 0.0
    """How far `forward` may lie from `combine(weights, v)` beyond rounding, for values of unit variance."""
    takes_bias: bool = True
    """A bias can be added to the scores; otherwise a bias raises ValueError."""


@runtime_checkable
class Core(Protocol):
    """One attention mechanism: an nn.Module that turns queries, keys and values, already projected, into an output.

    It is built by `core(num_heads=, head_dim=, role=, max_length=, dropout=)` and arguments of its own, all by keyword.
    A causal core applies the causal mask itself: of Tq queries, query i sits at position Tk - Tq + i, so that the last
    one sees every key. Lengths agree with the role: Tq = Tk in self, Tq <= Tk in causal, any in cross; `max_length` is
    the greatest to come.

    Everywhere: q (B, H, Tq, Dh); k and v (B, H, Tk, Dh); `key_mask` (B, Tk) bool, True where a key may be attended;
    `bias` finite floats broadcastable to (B, H, Tq, Tk), added to the scores. A query with no key to attend gets zero
    weights and a zero output, never NaN.
    """

    uses: frozenset[str]
    """Of {"query", "key"}, those whose content matters: the shell projects no other. The argument for one that isn't
    used is a stand-in of the right shape, dtype and device."""

    properties: Properties

    def forward(
        self, q: Tensor, k: Tensor, v: Tensor, *, key_mask: Tensor | None = None, bias: Tensor | None = None
    ) -> Tensor:
        """The output (B, H, Tq, Dh): `combine(weights(q, k), v)` the fastest way; in training, with dropout."""
        ...

    def weights(self, q: Tensor, k: Tensor, *, key_mask: Tensor | None = None, bias: Tensor | None = None) -> Tensor:
        """The weights (B, H, Tq, Tk), differentiable and without dropout: the definition of the mechanism."""
        ...

    def combine(self, weights: Tensor, v: Tensor) -> Tensor:
        """The output (B, H, Tq, Dh) of given weights (B, H, Tq, Tk); for most mechanisms `weights @ v`."""
        ...

    def __call__(
        self, q: Tensor, k: Tensor, v: Tensor, *, key_mask: Tensor | None = None, bias: Tensor | None = None
    ) -> Tensor:
        """`forward` with its hooks, as nn.Module provides it."""
        ...


def require_length(length: int, max_length: int) -> None:
    """Raise ValueError if a sequence of `length` positions is longer than `max_length`."""
    if length > max_length:
        raise ValueError(
            f"sequences must be at most {max_length} tokens long, got {length} "
            "(set data.max_source_length or data.max_target_length, or max_length in a module of your own)"
        )
