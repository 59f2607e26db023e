"""What a call of the shell is given, held to its shapes before torch broadcasts or breaks over them.

B batch, T length of the query or the key, D width.
"""

import torch
from torch import Tensor, nn

from attnlab.attention.core import Role
from attnlab.attention.past import KeyValue, State
from attnlab.attention.places import Places

FROM_MASK = (
    "torch.zeros(mask.shape).masked_fill(~mask, -math.inf) for a mask that is True where a key may be attended, and "
    "without ~ for one that is True where it may not"
)
"""How a mask of pairs becomes a bias; torch's attn_mask has either sign."""


def check_tensor(name: str, given: object) -> None:
    """Raise ValueError if an argument is a list or an array of another library's."""
    if not isinstance(given, Tensor):
        kind = f"{type(given).__module__}.{type(given).__qualname__}".removeprefix("builtins.")
        raise ValueError(f"{name} must be a tensor of torch, got {kind} (write torch.as_tensor({name}))")


def check_sequence(name: str, given: Tensor, width: int) -> None:
    """Raise ValueError if what is to be projected isn't (B, T, `width`)."""
    check_tensor(name, given)
    if given.dtype == torch.bool:
        raise ValueError(
            f"{name} must be of floats, got {given.dtype} {tuple(given.shape)} (a mask goes in as key_mask=)"
        )
    if given.dim() != 3:
        raise ValueError(f"{name} must be a batch (B, T, D), got {tuple(given.shape)} (one example: {name}[None])")
    if given.size(2) != width:
        raise ValueError(f"{name} must be (B, T, {width}), as wide as what projects it, got {tuple(given.shape)}")


def check_sources(key: Tensor, value: Tensor | None, *, key_dim: int, value_dim: int) -> None:
    """Raise ValueError if keys (B, T, `key_dim`) and values (B, T, `value_dim`), by default the keys, don't fit."""
    check_sequence("key", key, key_dim)
    if value is None:
        if value_dim != key_dim:
            raise ValueError(
                f"values of width {value_dim} can't be made from keys of width {key_dim} (give value, too)"
            )
        return
    check_sequence("value", value, value_dim)
    if value.shape[:2] != key.shape[:2]:
        raise ValueError(f"there is a value to each key, got key {tuple(key.shape)} and value {tuple(value.shape)}")


def check_source(source: Tensor, query: Tensor, role: Role) -> None:
    """Raise ValueError if what is attended to, its length at -2, hasn't the query's batch, or not the role's length."""
    batch, num_queries = query.shape[:2]
    if source.size(0) != batch:
        raise ValueError(
            f"query and key must be of one batch, got {batch} of a query {tuple(query.shape)} and {source.size(0)} of "
            f"a key with {source.size(-2)} places"
        )
    num_keys = source.size(-2)
    if role == "self" and num_queries != num_keys:
        raise ValueError(
            f"in the role self there are as many queries as keys, got {num_queries} and {num_keys} (build it with the "
            "role cross)"
        )
    if role == "causal" and num_queries > num_keys:
        raise ValueError(
            f"in the role causal the queries are the last of the keys, got {num_queries} queries and {num_keys} keys "
            "(build it with the role cross)"
        )


def check_key_mask(key_mask: Tensor, query: Tensor, num_keys: int) -> None:
    """Raise ValueError if a mask isn't bool of shape (B, Tk) where the query is."""
    check_tensor("key_mask", key_mask)
    wanted = (query.size(0), num_keys)
    if key_mask.shape == (query.size(0),) and not (key_mask.is_floating_point() or key_mask.dtype == torch.bool):
        raise ValueError(
            f"key_mask must be bool {wanted}, True where a key may be attended, got {key_mask.dtype} "
            f"{tuple(key_mask.shape)} (of lengths: write torch.arange({num_keys}) < lengths[:, None], where these are)"
        )
    if key_mask.dtype != torch.bool:
        raise ValueError(
            f"key_mask must be bool, True where a key may be attended, got {key_mask.dtype}{_as_bool(key_mask)}"
        )
    if key_mask.shape != wanted:
        raise ValueError(
            f"key_mask must be (B, Tk), here {wanted}, True where a key may be attended, got "
            f"{tuple(key_mask.shape)}{_reshaped(key_mask, query, num_keys)}"
        )
    if key_mask.device != query.device:
        raise ValueError(f"key_mask must be where the query is, on {query.device}, got it on {key_mask.device}")


def _as_bool(key_mask: Tensor) -> str:
    """How to make a mask of what is to be added to scores: 0 there is what may be attended, the opposite of 0 and 1."""
    readable = not key_mask.is_meta and not torch.compiler.is_compiling()  # a device may be waited for: nothing goes on
    if readable and key_mask.is_floating_point() and bool((key_mask < 0).any()):
        return " of 0 and values below, to be added to scores (write key_mask == 0)"
    return " (write key_mask.bool(), if 1 means so)"


def _reshaped(key_mask: Tensor, query: Tensor, num_keys: int) -> str:
    """What to do with a mask that seems to be one of pairs, or the right one in another shape."""
    batch, given = query.size(0), tuple(key_mask.shape)
    if given in ((num_keys,), (1, num_keys)):
        return f" (one for the whole batch: write key_mask.expand({batch}, -1))"
    if given == (batch, *(1 for _ in given[2:]), num_keys) and len(given) > 2:
        return f" (write key_mask.reshape({batch}, {num_keys}))"
    if given == (num_keys, batch):
        return " (write key_mask.T)"
    if key_mask.shape[-2:] == (query.size(1), num_keys) and num_keys > 1:
        return " (a mask of pairs goes in as a bias, -inf where a key may not be attended)"
    return ""


def check_kv(kv: object) -> None:
    """Raise ValueError if the source of a call isn't what `project` gives."""
    if not isinstance(kv, KeyValue):
        raise ValueError(
            f"kv must be what project gives, an attnlab.attention.KeyValue, got {_kind(kv)} (write "
            "kv=attention.project(key))"
        )


def check_heads_of(source: KeyValue, num_kv_heads: int, head_dim: int) -> None:
    """Raise ValueError if keys and values were projected by attention with other heads."""
    shape = source.v.shape
    if source.v.dim() != 4 or (shape[1], shape[3]) != (num_kv_heads, head_dim):
        raise ValueError(
            f"kv must be what this attention's own project gives, values (B, {num_kv_heads}, Tk, {head_dim}), got "
            f"{tuple(shape)} (write kv=attention.project(key))"
        )


def check_past(past: object) -> None:
    """Raise ValueError if what decoding goes on from isn't what `advance` gave."""
    if past is not None and not isinstance(past, KeyValue | State):
        raise ValueError(
            f"past must be what advance gave before, or None at the start, got {_kind(past)} (write output, past = "
            "attention.advance(query, past))"
        )


def check_places(places: object) -> None:
    """Raise ValueError if where keys stand isn't said as `Places`."""
    if places is not None and not isinstance(places, Places):
        raise ValueError(
            f"places must be an attnlab.attention.Places, got {places!r} (write "
            "places=attnlab.attention.Places(((height, width),)))"
        )


def _kind(given: object) -> str:
    return type(given).__name__ + (f" of {tuple(given.shape)}" if isinstance(given, Tensor) else "")


def check_segments(segments: Tensor, query: Tensor, core: object, *, told: bool) -> None:
    """Raise ValueError if numbers of texts aren't whole ones (B, T) as the query's steps, or the core keeps keys."""
    check_tensor("segments", segments)
    wanted = tuple(query.shape[:2])
    if segments.shape != wanted or segments.is_floating_point() or segments.dtype == torch.bool:
        raise ValueError(
            f"segments must be whole numbers (B, T), here {wanted}, got {segments.dtype} of {tuple(segments.shape)}"
        )
    if not told:
        raise ValueError(
            f"{type(core).__name__} keeps keys, which aren't parted by segments (give it each text as a row of its "
            "own, as attnlab.attention.segments.attend_apart does)"
        )


def check_bias(bias: Tensor, query: Tensor, num_heads: int, num_keys: int) -> None:
    """Raise ValueError if a bias isn't of floats that broadcast to (B, H, Tq, Tk) where the query is."""
    check_tensor("bias", bias)
    wanted = (query.size(0), num_heads, query.size(1), num_keys)
    if not bias.is_floating_point():
        how = ".float()" if bias.dtype != torch.bool else FROM_MASK
        raise ValueError(f"bias must be of floats, which are added to the scores, got {bias.dtype} (write {how})")
    if bias.dim() == 3 and bias.size(0) > 1:  # (B, T, T) and (H, T, T) can't be told apart where B is H
        raise ValueError(
            f"bias of three dimensions must say whose the first is, got {tuple(bias.shape)} (write bias[:, None] where "
            "it is the example, bias[None] where it is the head)"
        )
    sizes = zip(reversed(bias.shape), reversed(wanted), strict=False)
    if bias.dim() > len(wanted) or any(size not in (1, full) for size, full in sizes):
        raise ValueError(f"bias must broadcast to (B, H, Tq, Tk), here {wanted}, got {tuple(bias.shape)}")
    if bias.device != query.device:
        raise ValueError(f"bias must be where the query is, on {query.device}, got it on {bias.device}")


def projected(name: str, given: Tensor, projection: nn.Module) -> Tensor:
    """What a projection makes of an argument; a device or dtype that torch refuses is a ValueError that says so."""
    try:
        output: Tensor = projection(given)
        return output
    except RuntimeError:
        if (reason := _misplaced(name, given, projection)) is not None:
            raise ValueError(reason) from None
        raise


def _misplaced(name: str, given: Tensor, projection: nn.Module) -> str | None:
    weight = next(projection.parameters(), None)
    if weight is None:
        return None
    name = "key (the query, where none is given)" if name == "key" else name
    if given.device != weight.device:
        return f"{name} must be where the attention is, on {weight.device}, got it on {given.device} (move one by .to)"
    if given.dtype != weight.dtype and not torch.is_autocast_enabled(given.device.type):
        return f"{name} must be {weight.dtype}, as the attention's weights are, got {given.dtype} (convert one by .to)"
    return None
