"""What a mechanism must provide to stand in the shell: the one contract of this package.

Shapes, in every file of the package: B batch, H heads, Tq/Tk query and key length, D model width, Dh head width.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, Protocol, runtime_checkable

from torch import Tensor

from attnlab.errors import naming_its_fields

Role = Literal["self", "causal", "cross"]
"""Where attention stands: over its own sequence, over its own past, or over another sequence."""


class RoleError(ValueError):
    """Raised by a mechanism's constructor that can't serve the role, saying why; a bad value is a plain ValueError."""


@naming_its_fields
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


@dataclass(frozen=True)
class Side:
    """A projection of the layer's input that a core wants besides q, k and v: gates, decays, write strengths.

    `width` channels for each head, of what queries or keys are projected from: (B, H, Tq, width) or (B, H, Tk, width).
    By two matrices with `rank` numbers in between, where it is given. The projection has no bias: what is made of the
    raw numbers, and where they start, is the core's affair. Raises ValueError for a count below 1 or another source.
    """

    width: int
    source: Literal["query", "key"]
    rank: int | None = None

    def __post_init__(self) -> None:
        if self.width < 1 or (self.rank is not None and self.rank < 1):
            raise ValueError(f"a side's width and rank must be 1 or more, got {self.width} and {self.rank}")
        if self.source not in ("query", "key"):
            raise ValueError(f"a side is projected from query or key, got {self.source!r}")


Sides = Mapping[str, Tensor]
"""Each side by its name, projected."""


@runtime_checkable
class Core(Protocol):
    """One attention mechanism: an nn.Module that turns queries, keys and values, already projected, into an output.

    It is built by `core(num_heads=, head_dim=, role=, max_length=, dropout=)` and arguments of its own, all by keyword.
    A causal core applies the causal mask itself: of Tq queries, query i sits at position Tk - Tq + i, so that the last
    one sees every key. Lengths agree with the role: Tq = Tk in self, Tq <= Tk in causal, any in cross; `max_length` is
    the greatest to come.

    Everywhere: q (B, H, Tq, Dh); k and v (B, H, Tk, Dh); `key_mask` (B, Tk) bool, True where a key may be attended;
    `bias` floats broadcastable to (B, H, Tq, Tk), added to the scores, -inf where a key may not be attended (never
    in a whole row: the shell sees to that). A query with no key to attend gets zero weights and a zero output, not NaN.

    Five attributes more are for those that need them; a core without them is called without a word of them.

    - `side: Mapping[str, Side]`, of the instance: `forward`, `weights`, `combine` and `advance` then take `side=`, each
      by its name. A masked key's sides are to change nothing.
    - `advance(q, k, v, state, *, key_mask=None) -> (output, state)`: the next T >= 1 steps of a causal core from what
      it kept of all before, `state`, a tuple of tensors (B, ...) whose sizes don't grow, None at the start. It gives
      what `forward` gives over the whole; without it, decoding keeps keys and values.
    - `on_segments = True`, of one whose `advance` takes `segments=`, too, (B, T) whole numbers that grow where a text
      begins of several packed one after another, 0 for steps that go on with `state`: each text is then read as if it
      stood alone, and the state is the last one's. A core without it is given each text as a row of its own.
    - `on_places = True`, of one that minds places on a grid: `forward` and `weights` then take `places=`, an
      `attnlab.attention.Places`. It refuses the roles in which it has no use for them, and models without a grid refuse
      it.
    - `undecayed: frozenset[str]`: parameters of its own that weight decay leaves alone, as gains and rates.
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


def sides_of(core: object) -> Mapping[str, Side]:
    """The sides that a core declares."""
    declared: Mapping[str, Side] = getattr(core, "side", {})
    return declared


def reads(core: Core) -> frozenset[str]:
    """Of {"query", "key"}, those whose content changes what a core gives, by its projections or by its sides."""
    return frozenset(core.uses) | {side.source for side in sides_of(core).values()}


def with_side(side: Sides | None) -> dict[str, Any]:
    """How a core is given its sides: by a keyword that one without isn't called with."""
    return {} if side is None else {"side": side}


def on_segments(core: object) -> bool:
    """Whether a core's `advance` is told where texts begin, by the keyword `segments`."""
    return bool(getattr(core, "on_segments", False))


def require_length(length: int, max_length: int) -> None:
    """Raise ValueError if a sequence of `length` positions is longer than `max_length`."""
    if length > max_length:
        raise ValueError(
            f"sequences must be at most {max_length} tokens long, got {length} "
            "(set data.max_source_length or data.max_target_length, or max_length in a module of your own)"
        )
