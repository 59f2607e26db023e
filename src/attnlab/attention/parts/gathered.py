"""Attention in which a block of queries sees few keys: it gathers those, and never holds the (B, H, Tq, Tk) matrix."""

from typing import NamedTuple

import torch.nn.functional as F
from torch import Tensor

from attnlab.attention.masks import all_of, allowed_mask, masked_softmax


class BlockPlan(NamedTuple):
    """Which queries share which keys: N blocks of C queries and S keys.

    Indices are into the tensors at hand and always in range: filling up a block may repeat some.
    """

    queries: Tensor
    """(N, C), the index of each block's queries."""
    keys: Tensor
    """(N, S), the index of each block's keys."""
    allowed: Tensor
    """(N, C, S) bool, what each query may attend of them."""
    places: Tensor
    """(Tq,), where among the N * C places of all blocks each query is."""


def gathered_attention(
    q: Tensor,
    k: Tensor,
    v: Tensor,
    plan: BlockPlan,
    *,
    scale: float,
    key_mask: Tensor | None,
    bias: Tensor | None,
    dropout: float,
    block_bias: Tensor | None = None,
) -> Tensor:
    """softmax(scale q kᵀ + bias) v over the keys that the plan and the mask allow, (B, H, Tq, Dh).

    Memory and time are in proportion to N * C * S. `bias` is broadcastable to (B, H, Tq, Tk), `block_bias`, likewise
    added, to (B, H, N, C, S); `dropout` is the share of weights to drop now.
    """
    queries, keys = plan.queries, plan.keys
    block_q, block_k, block_v = _gather(q, queries), _gather(k, keys), _gather(v, keys)  # (B, H, N, C or S, Dh)
    masked = allowed_mask(q, k, causal=False, key_mask=key_mask)  # (B, 1, 1, Tk) or None
    if masked is not None:
        masked = masked.squeeze(-2)[..., keys].unsqueeze(-2)  # (B, 1, N, 1, S)
    if bias is not None:
        bias = bias.expand(*bias.shape[:-2], q.size(-2), k.size(-2))
        bias = bias[..., queries.unsqueeze(-1), keys.unsqueeze(-2)]  # (B, H, N, C, S)
    scores = block_q @ block_k.mT * scale  # (B, H, N, C, S)
    if block_bias is not None:
        scores = scores + block_bias.to(scores.dtype)
    weights = masked_softmax(scores, all_of(plan.allowed, masked), bias)
    output = F.dropout(weights, dropout) @ block_v  # (B, H, N, C, Dh)
    return output.flatten(2, 3).index_select(2, plan.places)


def _gather(x: Tensor, index: Tensor) -> Tensor:
    """(B, H, *index.shape, Dh); of torch's ways to index the one whose backward pass is fast."""
    return x.index_select(2, index.flatten()).view(*x.shape[:2], *index.shape, x.size(-1))
