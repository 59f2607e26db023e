"""What attention keeps of the steps before: keys and values, which grow, or a state, which doesn't."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import NamedTuple, Protocol, runtime_checkable

import torch
from torch import Tensor, nn

from attnlab.attention.masks import all_of


class KeyValue(NamedTuple):
    """Projected keys and values of a source, each (B, Hkv, Tk, Dh), before heads are shared out.

    Made by `MultiHeadAttention.project`; a decoder keeps one per layer as its cache. Where a mechanism doesn't use
    keys, `k` is the same tensor as `v`.
    """

    k: Tensor
    v: Tensor
    side: Mapping[str, Tensor] | None = None
    """Of a core that declares sides, those of keys, each (B, Hkv, Tk, width)."""
    mask: Tensor | None = None
    """(B, Tk) bool, True where a key may be attended; None for all."""

    def append(self, other: "KeyValue") -> "KeyValue":
        """These followed by `other` in time. Raises ValueError for what isn't of the same batch and heads."""
        self._check_follows(other)
        v = torch.cat([self.v, other.v], dim=-2)
        shared = self.k is self.v and other.k is other.v
        k = v if shared else torch.cat([self.k, other.k], dim=-2)
        side = None
        if self.side is not None and other.side is not None:
            side = {name: torch.cat([x, other.side[name]], dim=-2) for name, x in self.side.items()}
        mask = None
        if self.mask is not None or other.mask is not None:
            mask = torch.cat([each.whole_mask() for each in (self, other)], dim=-1)
        return KeyValue(k, v, side, mask)

    def select(self, rows: Tensor) -> "KeyValue":
        """The rows of the batch named by indices (N,), which may repeat or reorder, or by a bool mask (B,)."""
        mask = None if self.mask is None else self.mask[rows]
        return self._map(lambda tensor: tensor[rows])._replace(mask=mask)

    def repeat_heads(self, times: int) -> "KeyValue":
        """Each head `times` times in a row, (B, Hkv * times, Tk, Dh); a view, not a copy, where that can be."""
        if times == 1:
            return self
        return self._map(lambda tensor: tensor.unsqueeze(2).expand(-1, -1, times, -1, -1).flatten(1, 2))

    def whole_mask(self) -> Tensor:
        """(B, Tk), also where there is none."""
        if self.mask is not None:
            return self.mask
        return torch.ones(self.v.size(0), self.v.size(-2), dtype=torch.bool, device=self.v.device)

    def _check_follows(self, other: object) -> None:
        if not isinstance(other, KeyValue):
            raise ValueError(
                f"what is appended must be what project gives, an attnlab.attention.KeyValue, got "
                f"{type(other).__name__} (write kv.append(attention.project(key)))"
            )
        mine, its = ((*each.v.shape[:2], each.v.shape[-1]) for each in (self, other))
        if mine != its:
            raise ValueError(
                f"what is appended must be of the same batch, heads and width, here {mine}, got {its} (project both by "
                "one attention)"
            )

    def _map(self, function: Callable[[Tensor], Tensor]) -> "KeyValue":
        v = function(self.v)
        side = None if self.side is None else {name: function(x) for name, x in self.side.items()}
        return KeyValue(v if self.k is self.v else function(self.k), v, side, self.mask)


class State(tuple[Tensor, ...]):
    """What a recurrent core keeps of all steps before, each tensor (B, ...), of one size however many they were."""

    def select(self, rows: Tensor) -> "State":
        """The rows of the batch, as of `KeyValue`."""
        return State(tensor[rows] for tensor in self)


Past = KeyValue | State
"""What `advance` hands on from step to step: nothing but its `select` is the model's affair."""


class _Attention(Protocol):
    def project(self, key: Tensor, value: Tensor | None = None) -> KeyValue: ...

    def __call__(self, query: Tensor, *, kv: KeyValue | None = None, key_mask: Tensor | None = None) -> Tensor: ...


@runtime_checkable
class _Advances(Protocol):
    def advance(
        self, query: Tensor, past: Past | None = None, *, key_mask: Tensor | None = None
    ) -> tuple[Tensor, Past]: ...


def advance(
    attention: _Attention, query: Tensor, past: Past | None, *, key_mask: Tensor | None = None
) -> tuple[Tensor, Past]:
    """The outputs (B, T, D) of the next queries (B, T, D) of causal attention, and what is kept with them.

    As `MultiHeadAttention.advance`; a sibling of the shell that has none keeps keys and values.
    """
    if isinstance(attention, _Advances):
        return attention.advance(query, past, key_mask=key_mask)
    so_far = extended(past, attention.project(query), key_mask)
    return attention(query, kv=so_far, key_mask=so_far.mask), so_far


def extended(past: Past | None, newest: KeyValue, key_mask: Tensor | None) -> KeyValue:
    """Keys and values so far with the newest, and a mask (B, T) of those, if there is one.

    Raises ValueError for the state of a recurrence, in which keys aren't to be had.
    """
    if key_mask is not None:
        newest = newest._replace(mask=all_of(newest.mask, key_mask))
    if past is None:
        return newest
    if isinstance(past, State):
        raise ValueError(
            "decoding was begun with a state, which has no keys and so no weights to see, change or take away (begin "
            "it inside the block, too)"
        )
    return past.append(newest)


def own_advance(core: object) -> Callable[..., tuple[Tensor, tuple[Tensor, ...]]] | None:
    """A core's way from step to step in constant memory, if it has one and nobody needs its weights."""
    found: Callable[..., tuple[Tensor, tuple[Tensor, ...]]] | None = getattr(core, "advance", None)
    return found


@contextmanager
def keys_kept(core: nn.Module) -> Iterator[None]:
    """Have decoding keep a core's keys, in whose weights somebody has an interest, while the block runs.

    Blocks may overlap and end in any order.
    """
    own = vars(core)
    own["advance"], own["_interested"] = None, own.get("_interested", 0) + 1
    try:
        yield
    finally:
        own["_interested"] -= 1
        if not own["_interested"]:
            del own["advance"], own["_interested"]
