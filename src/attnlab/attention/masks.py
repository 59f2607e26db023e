"""Masks of one sign, bool with True = may be attended, and the softmax that respects them."""

import torch
from torch import Tensor


def causal_mask(num_queries: int, num_keys: int, device: torch.device | str | None = None) -> Tensor:
    """(Tq, Tk): query i sits at position Tk - Tq + i and may attend the keys up to there.

    Bottom-right aligned, so that with a cache of earlier keys the last query sees them all.
    """
    return torch.ones(num_queries, num_keys, dtype=torch.bool, device=device).tril(num_keys - num_queries)


def all_of(*masks: Tensor | None) -> Tensor | None:
    """What every given mask allows; None, which allows everything, if none is given."""
    combined = None
    for mask in masks:
        if mask is not None:
            combined = mask if combined is None else combined & mask
    return combined


def allowed_mask(q: Tensor, k: Tensor, *, causal: bool, key_mask: Tensor | None) -> Tensor | None:
    """What each query may attend, broadcastable to (B, H, Tq, Tk), or None where everything is allowed.

    Raises ValueError if `key_mask` isn't bool: 0 and 1 in another type would be read as scores.
    """
    if key_mask is not None and key_mask.dtype != torch.bool:
        raise ValueError(f"key_mask must be bool, True where a key may be attended, got {key_mask.dtype}")
    num_queries, num_keys = q.size(-2), k.size(-2)
    # One query is the last position, which sees every key: a cached decoding step needs no causal mask.
    return all_of(
        causal_mask(num_queries, num_keys, q.device) if causal and num_queries > 1 else None,
        key_mask[:, None, None, :] if key_mask is not None else None,
    )


def masked_softmax(scores: Tensor, allowed: Tensor | None, bias: Tensor | None = None) -> Tensor:
    """softmax(scores + bias) over the allowed keys, zero elsewhere; a row with nothing allowed is all zeros."""
    if bias is not None:
        scores = scores + bias.to(scores.dtype)
    if allowed is None:
        return scores.softmax(-1)
    # The finite fill keeps a row with nothing allowed, and its gradient, free of NaN; the second fill makes it zero.
    weights = scores.masked_fill(~allowed, torch.finfo(scores.dtype).min).softmax(-1)
    return weights.masked_fill(~allowed, 0.0)


def without_empty(bias: Tensor | None) -> tuple[Tensor | None, Tensor | None]:
    """A bias with 0 for rows of nothing but -inf, which a softmax makes NaN; and which these are, (..., Tq, 1)."""
    if bias is None:
        return None, None
    empty = bias.isneginf().all(-1, keepdim=True)
    return bias.masked_fill(empty, 0.0), empty


def emptied(x: Tensor, empty: Tensor | None) -> Tensor:
    """Weights or heads (B, H, Tq, ...) that are zero for queries that may attend nothing."""
    return x if empty is None else x.masked_fill(empty, 0.0)
