"""The shell around every mechanism: projections, heads and cache, so that two runs differ in the mechanism alone."""

from collections.abc import Callable
from math import lcm
from typing import NamedTuple, get_args

import torch.nn.functional as F
from torch import Tensor, nn

from attnlab.attention.call_checks import (
    check_bias,
    check_heads_of,
    check_key_mask,
    check_kv,
    check_past,
    check_places,
    check_segments,
    check_sequence,
    check_source,
    check_sources,
    projected,
)
from attnlab.attention.core import Core, Role, Sides, on_segments, sides_of, with_side
from attnlab.attention.core_checks import check_constructor, check_core, check_heads, constructing
from attnlab.attention.masks import all_of, emptied, without_empty
from attnlab.attention.past import KeyValue, Past, State, extended, own_advance
from attnlab.attention.places import Grid, NeedsGrid, Places, on_places, with_places
from attnlab.attention.side_projections import SideProjections
from attnlab.errors import at_least, below_one, check_whole, check_whole_or_none


class _Inputs(NamedTuple):
    """What a core is given: q (B, H, Tq, Dh), k and v (B, H, Tk, Dh), its sides if it declares any, and a mask."""

    q: Tensor
    k: Tensor
    v: Tensor
    side: Sides | None
    key_mask: Tensor | None


class MultiHeadAttention(nn.Module):
    """Several heads attend, each in a subspace of its own; which attention they pay is the `core`'s affair.

    head_h = core(W_q x_query, W_k x_key, W_v x_value)_h;   output = W_o [head_1; ...; head_H]
    (Vaswani et al., 2017, section 3.2.2; the paper's projections have no biases, these do.) With fewer key-value heads
    than heads, consecutive heads share them: grouped-query attention (Ainslie et al., 2023), or multi-query (Shazeer,
    2019) with one. A query or key projection that the core doesn't use isn't built; one for each side that it declares
    is.

    Args:
        dim: width D of the queries and of the output, divisible by `num_heads`.
        num_heads: heads H, each of width Dh = D / H.
        core: factory of the mechanism; see `attnlab.attention.core.Core`.
        role: where this attention stands; it decides masking and which mechanisms can serve.
        max_length: greatest number of queries or keys to come, from the config's caps.
        dropout: share of attention weights dropped in training, in [0, 1).
        num_kv_heads: heads of keys and values, a divisor of `num_heads`; None for as many.
        key_dim: width of what keys are projected from; None for D.
        value_dim: width of what values are projected from; None for the keys'.
        grid: height and width of the map whose places the last keys are, row by row; None where they stand on a line.
        num_extra: keys before them that have no place, as a class token.

    Raises:
        ValueError: a count or share out of its range, or a core that lacks a part of its contract; from the core,
            RoleError for a role it can't serve. RoleError, too, for a core that minds places where there is no grid.
    """

    def __init__(
        self,
        dim: int,
        *,
        num_heads: int,
        core: Callable[..., Core],
        role: Role,
        max_length: int,
        dropout: float = 0.0,
        num_kv_heads: int | None = None,
        key_dim: int | None = None,
        value_dim: int | None = None,
        grid: Grid | None = None,
        num_extra: int = 0,
    ) -> None:
        super().__init__()
        self.head_dim = checked_head_dim(dim, num_heads=num_heads, role=role, dropout=dropout)
        check_whole(max_length=max_length, num_extra=num_extra)
        check_whole_or_none(num_kv_heads=num_kv_heads, key_dim=key_dim, value_dim=value_dim)
        if num_extra < 0:
            raise ValueError(f"num_extra must be 0 or more, got {num_extra}")
        num_kv_heads = num_heads if num_kv_heads is None else num_kv_heads
        if num_kv_heads < 1 or num_heads % num_kv_heads:
            raise ValueError(
                f"the heads must be divisible by the key-value heads, got {num_heads} heads and {num_kv_heads} "
                "key-value heads (set attention.num_kv_heads)"
            )
        self.dim = dim
        self.num_heads = num_heads
        self.num_kv_heads = num_kv_heads
        self.role: Role = role
        self.dropout = dropout
        key_dim = dim if key_dim is None else key_dim
        value_dim = key_dim if value_dim is None else value_dim
        self.key_dim = key_dim
        self.value_dim = value_dim
        kv_width = num_kv_heads * self.head_dim

        check_constructor(core)
        with constructing(core):
            self.core: Core = core(
                num_heads=num_heads, head_dim=self.head_dim, role=role, max_length=max_length, dropout=dropout
            )
        check_core(self.core)
        if on_places(self.core) and grid is None:
            raise NeedsGrid(f"{type(self.core).__name__} needs places on a grid, this model has a line")
        self.places = Places((grid,)) if on_places(self.core) and grid is not None else None
        self.num_extra = num_extra
        self.query_projection = _linear(dim, dim) if "query" in self.core.uses else None
        self.key_projection = _linear(key_dim, kv_width) if "key" in self.core.uses else None
        self.value_projection = _linear(value_dim, kv_width)
        sides = sides_of(self.core)
        self.query_sides = SideProjections(sides, "query", in_dim=dim, num_heads=num_heads)
        self.key_sides = SideProjections(sides, "key", in_dim=key_dim, num_heads=num_kv_heads)
        self.output_projection = _linear(dim, dim)

    def project(self, key: Tensor, value: Tensor | None = None) -> KeyValue:
        """Keys and values of a source: key (B, Tk, key_dim) and value (B, Tk, value_dim), by default the key's tensor.

        Once per source; in decoding, `cache.append(project(newest))`. Raises ValueError for other shapes.
        """
        check_sources(key, value, key_dim=self.key_dim, value_dim=self.value_dim)
        named = ("key", key) if value is None else ("value", value)
        v = self._split_heads(projected(*named, self.value_projection))
        k = v if self.key_projection is None else self._split_heads(projected("key", key, self.key_projection))
        return KeyValue(k, v, self.key_sides(key) if sides_of(self.core) else None)

    def forward(
        self,
        query: Tensor,
        key: Tensor | None = None,
        value: Tensor | None = None,
        *,
        kv: KeyValue | None = None,
        key_mask: Tensor | None = None,
        bias: Tensor | None = None,
        places: Places | None = None,
    ) -> Tensor:
        """What each query (B, Tq, D) gathers, (B, Tq, D).

        The source is `kv`, projected before, or `key` (B, Tk, key_dim) and `value` (B, Tk, value_dim; by default the
        key's tensor); in the roles self and causal, by default the query. `key_mask` (B, Tk) is True where a key may be
        attended; `bias`, broadcastable to (B, H, Tq, Tk) and of 3 dimensions only where the first is 1, is added to the
        scores, and is -inf where a key may not be attended. `places`, of a map of another size than `grid`, are for
        cores that mind them. Raises ValueError for other shapes, or keys that aren't as many as places and `num_extra`.
        """
        q, k, v, side, key_mask = self._inputs(query, key, value, kv, key_mask, bias)
        placed = with_places(self._places(places, k.size(-2)))
        bias, empty = without_empty(bias)
        heads = self.core(q, k, v, key_mask=key_mask, bias=bias, **with_side(side), **placed)
        check_heads(heads, self.core)
        return self._join_heads(emptied(heads, empty))

    def attend(
        self,
        query: Tensor,
        key: Tensor | None = None,
        value: Tensor | None = None,
        *,
        kv: KeyValue | None = None,
        key_mask: Tensor | None = None,
        bias: Tensor | None = None,
        places: Places | None = None,
    ) -> tuple[Tensor, Tensor]:
        """`forward` and the weights (B, H, Tq, Tk), differentiable and before dropout: for copying and coverage."""
        q, k, v, side, key_mask = self._inputs(query, key, value, kv, key_mask, bias)
        placed = with_places(self._places(places, k.size(-2)))
        bias, empty = without_empty(bias)
        weights = self.core.weights(q, k, key_mask=key_mask, bias=bias, **with_side(side), **placed)
        weights = emptied(weights, empty)
        heads = self.core.combine(F.dropout(weights, self.dropout, self.training), v, **with_side(side))
        return self._join_heads(heads), weights

    def advance(
        self,
        query: Tensor,
        past: Past | None = None,
        *,
        key_mask: Tensor | None = None,
        segments: Tensor | None = None,
    ) -> tuple[Tensor, Past]:
        """What the next queries (B, T, D) gather, (B, T, D), from `past` and each other; and the past with them.

        In the role causal. Of a core that has a recurrence the past is its state, which doesn't grow, of others keys
        and values; None at the start. `key_mask` (B, T) is of these steps: what it hides stays hidden. `segments`
        (B, T), of texts that follow one another, are for a core that is told them (`Core`); what serves any core is
        `attnlab.attention.segments.attend_apart`. Raises ValueError in another role, for other shapes, and for segments
        where keys are kept.
        """
        if self.role != "causal":
            raise ValueError(f"only causal attention goes on from a past, got role {self.role}")
        check_sequence("query", query, self.dim)
        check_past(past)
        if key_mask is not None:
            check_key_mask(key_mask, query, query.size(1))
        newest, step = self.project(query), own_advance(self.core)
        if segments is not None:
            check_segments(segments, query, self.core, told=step is not None and on_segments(self.core))
        if step is None:
            newest = extended(past, newest, key_mask)
            return self(query, kv=newest), newest
        if isinstance(past, KeyValue):
            raise ValueError(
                "decoding was begun with keys, from which a recurrence can't go on (end it in the block where it began)"
            )
        q, k, v, side, key_mask = self._inputs(query, None, None, newest, key_mask, None)
        packed = {} if segments is None else {"segments": segments}
        output, state = step(q, k, v, past, key_mask=key_mask, **with_side(side), **packed)
        return self._join_heads(output), State(state)

    def _inputs(
        self,
        query: Tensor,
        key: Tensor | None,
        value: Tensor | None,
        kv: KeyValue | None,
        key_mask: Tensor | None,
        bias: Tensor | None,
    ) -> _Inputs:
        check_sequence("query", query, self.dim)
        source = projected_source(self.project, self.role, query, key, value, kv)
        check_heads_of(source, self.num_kv_heads, self.head_dim)
        check_source(source.v, query, self.role)
        if key_mask is not None:
            check_key_mask(key_mask, query, source.v.size(-2))
        if bias is not None:
            check_bias(bias, query, self.num_heads, source.v.size(-2))
        k, v, key_sides, mask = source.repeat_heads(self.num_heads // self.num_kv_heads)
        if self.query_projection is None:
            q = v.new_zeros(()).expand(query.size(0), self.num_heads, query.size(1), self.head_dim)
        else:
            q = self._split_heads(projected("query", query, self.query_projection))
        side = {**self.query_sides(query), **(key_sides or {})}
        if missing := [name for name in sides_of(self.core) if name not in side]:
            raise ValueError(f"the source must have the sides {', '.join(missing)}, got a KeyValue without (keep them)")
        return _Inputs(q, k, v, side or None, all_of(mask, key_mask))

    def _places(self, given: Places | None, num_keys: int) -> Places | None:
        """What a core that minds places is told, of another nothing. ValueError if keys aren't as many as these."""
        check_places(given)
        if self.places is None:
            return None
        places = given or self.places
        places.check(num_keys, num_extra=self.num_extra)
        return places

    def _split_heads(self, x: Tensor) -> Tensor:
        num_heads = x.size(-1) // self.head_dim  # -1 says nothing in an empty batch
        return x.view(*x.shape[:2], num_heads, self.head_dim).transpose(1, 2)  # (B, H or Hkv, T, Dh)

    def _join_heads(self, heads: Tensor) -> Tensor:
        output: Tensor = self.output_projection(heads.transpose(1, 2).flatten(2))  # (B, Tq, D)
        return output


def checked_head_dim(dim: int, *, num_heads: int, role: Role, dropout: float) -> int:
    """The width Dh of a head; ValueError where what any attention is built with is out of its range."""
    check_whole(dim=dim, num_heads=num_heads)
    at_least(1, "model", dim=dim, num_heads=num_heads)
    if dim % num_heads:
        step = lcm(2, num_heads)  # even, as positions need it
        near = " or ".join(str(each) for each in (dim // step * step, dim // step * step + step) if each)
        raise ValueError(
            f"the width must be divisible by the heads, got dim {dim} and {num_heads} heads "
            f"(set model.dim to {near}, or model.num_heads)"
        )
    below_one("attention", dropout=dropout)
    if role not in get_args(Role):
        raise ValueError(f"role must be one of {', '.join(get_args(Role))}, got {role!r}")
    return dim // num_heads


def projected_source(
    project: Callable[[Tensor, Tensor | None], KeyValue],
    role: Role,
    query: Tensor,
    key: Tensor | None,
    value: Tensor | None,
    kv: KeyValue | None,
) -> KeyValue:
    """What a call attends to: `kv`, or the projection of `key` and `value`, or, but for cross, of the query.

    Raises ValueError where none is given, or both; `project` checks their shapes.
    """
    if kv is not None:
        if key is not None or value is not None:
            raise ValueError("the source is either kv or key and value, got both")
        check_kv(kv)
        return kv
    if key is None and role == "cross":
        raise ValueError("cross-attention needs a key or a kv to attend to, got neither")
    return project(query if key is None else key, value)


def _linear(in_dim: int, out_dim: int) -> nn.Linear:
    linear = nn.Linear(in_dim, out_dim)
    nn.init.xavier_uniform_(linear.weight)
    nn.init.zeros_(linear.bias)
    return linear
