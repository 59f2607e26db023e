"""Where a model has attention, and which mechanism stands in each place."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Protocol, runtime_checkable

from torch import nn

from attnlab.attention import MultiHeadAttention, Role, RoleError, ScaledDotAttention
from attnlab.attention.places import Grid, told_grid

AttentionFactory = Callable[..., MultiHeadAttention]
"""`factory(dim, num_heads=, role=, max_length=, key_dim=, value_dim=)`: the attention of one layer."""

SCALED_DOT = partial(MultiHeadAttention, core=ScaledDotAttention)


@runtime_checkable
class HasSlots(Protocol):
    """A model that says which mechanism stands where."""

    slots: dict[str, str]


def slots_of(model: object) -> dict[str, str]:
    """What a model says of that; nothing if it says none."""
    return model.slots if isinstance(model, HasSlots) else {}


class NoSlotFits(RoleError):
    """An attention serves none of the roles that the places of a model which are left to it have."""

    def __init__(self, message: str, *, roles: Iterable[Role]) -> None:
        super().__init__(message)
        self.roles = frozenset(roles)


@dataclass(frozen=True, kw_only=True)
class Slot:
    """One place of a model where attention stands, once per layer."""

    role: Role
    max_length: int
    num_layers: int
    key_dim: int | None = None  # width of keys and values; None for the queries'
    override: AttentionFactory | None = None  # the mechanism asked for in this slot alone
    grid: Grid | None = None  # of the map whose places the last keys are; None where they stand on a line
    num_extra: int = 0  # keys before them, without a place

    def fill(self, attention: AttentionFactory, *, dim: int, num_heads: int) -> list[MultiHeadAttention]:
        attention = told_grid(attention, self.grid, num_extra=self.num_extra)
        return [
            attention(
                dim,
                num_heads=num_heads,
                role=self.role,
                max_length=self.max_length,
                key_dim=self.key_dim,
                value_dim=self.key_dim,
            )
            for _ in range(self.num_layers)
        ]


def fill_slots(
    attention: AttentionFactory, slots: Mapping[str, Slot], *, dim: int, num_heads: int
) -> dict[str, list[MultiHeadAttention]]:
    """Each slot's attention, layer by layer: its override, else `attention`, else scaled dot-product.

    Scaled dot-product stands in where `attention` raises RoleError; an override's names its key.
    NoSlotFits, with the reasons, if an override doesn't fit its slot, or `attention` none of those left to it.
    """
    filled: dict[str, list[MultiHeadAttention]] = {}
    refusals: dict[str, RoleError] = {}
    for name, slot in slots.items():
        try:
            filled[name] = slot.fill(slot.override or attention, dim=dim, num_heads=num_heads)
        except RoleError as refusal:
            if slot.override is not None:
                key = f"model.{name.removesuffix('_attention')}_attention"
                raise NoSlotFits(f"{refusal} (set {key})", roles=[slot.role]) from refusal
            refusals[name] = refusal
            filled[name] = slot.fill(SCALED_DOT, dim=dim, num_heads=num_heads)
    free = [name for name, slot in slots.items() if slot.override is None]
    if free and len(refusals) == len(free):
        reasons = "; ".join(f"{name}: {refusal}" for name, refusal in refusals.items())
        raise NoSlotFits(
            f"the attention must fit some slot of the model, got refusals from all: {reasons} (set attention)",
            roles=[slots[name].role for name in free],
        )
    return filled


def mechanism_name(attention: nn.Module) -> str:
    """The mechanism of a built attention in snake case: `scaled_dot` for a shell around ScaledDotAttention."""
    mechanism = attention.core if isinstance(attention, MultiHeadAttention) else attention
    return snake_case(type(mechanism).__name__).removesuffix("_attention")


def snake_case(name: str) -> str:
    """`ScaledDot` as `scaled_dot`."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()
