"""Attention whose weights are products of features, and so cost nothing to sum: `linear` and `performer` share it.

w_ij = φ(q_i) · φ(k_j) / sum_j' φ(q_i) · φ(k_j'),   o_i = φ(q_i)ᵀ (sum_j φ(k_j) v_jᵀ) / φ(q_i)ᵀ (sum_j φ(k_j))
Features (B, H, T, F) are non-negative, at least in float32, and zero for a key that may not be attended.
"""

import torch
import torch.nn.functional as F
from torch import Tensor

CHUNK_LENGTH = 64  # queries of causal attention that go through at once; about F and Dh balances time and memory


def kernel_attention(
    query_features: Tensor, key_features: Tensor, v: Tensor, *, causal: bool, dropout: float
) -> Tensor:
    """The output (B, H, Tq, Dh), linear in Tq and Tk. `dropout` drops a key for all queries of its head."""
    v = v.to(key_features.dtype)
    numerator = v * F.dropout(v.new_ones(*v.shape[:-1], 1), dropout)
    sums = torch.cat([numerator, torch.ones_like(v[..., :1])], dim=-1)  # the normaliser is summed up like a value
    with torch.autocast(v.device.type, enabled=False):
        summed = (
            _prefix_sums(query_features, key_features, sums) if causal else query_features @ (key_features.mT @ sums)
        )
    return _normalised(summed[..., :-1], summed[..., -1:])


def kernel_weights(query_features: Tensor, key_features: Tensor, *, causal: bool) -> Tensor:
    """The weights (B, H, Tq, Tk)."""
    with torch.autocast(query_features.device.type, enabled=False):
        weights = query_features @ key_features.mT
    if causal:
        weights = weights.tril(key_features.size(-2) - query_features.size(-2))
    return _normalised(weights, weights.sum(-1, keepdim=True))


def _prefix_sums(query_features: Tensor, key_features: Tensor, v: Tensor) -> Tensor:
    """sum_{j <= Tk - Tq + i} φ(q_i) · φ(k_j) v_j: within a chunk pair by pair, before it through a running sum."""
    num_queries, num_earlier = query_features.size(-2), v.size(-2) - query_features.size(-2)
    earlier = key_features[..., :num_earlier, :].mT @ v[..., :num_earlier, :]  # (B, H, F, Dh)
    length = min(CHUNK_LENGTH, num_queries)
    queries, keys, values = (
        _chunks(x, length) for x in (query_features, key_features[..., num_earlier:, :], v[..., num_earlier:, :])
    )  # (B, H, N, C, F or Dh)
    before = torch.cat([earlier.unsqueeze(2), (keys.mT @ values)[:, :, :-1]], dim=2).cumsum(2)  # (B, H, N, F, Dh)
    within = (queries @ keys.mT).tril()  # (B, H, N, C, C)
    return (queries @ before + within @ values).flatten(2, 3)[:, :, :num_queries]


def _chunks(x: Tensor, length: int) -> Tensor:
    """(B, H, T, F) cut into (B, H, N, length, F), zeros at the end."""
    padded = F.pad(x, (0, 0, 0, -x.size(-2) % length))
    return padded.reshape(*x.shape[:2], padded.size(-2) // length, length, x.size(-1))


def _normalised(x: Tensor, total: Tensor) -> Tensor:
    """x / total, and zero where a row has nothing to attend."""
    # Below this a gradient, of the order of 1 / total, and what it meets could overflow.
    return x / total.clamp(min=torch.finfo(total.dtype).tiny ** 0.5)
