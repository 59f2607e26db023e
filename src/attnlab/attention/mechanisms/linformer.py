"""Linformer attention."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from attnlab.attention.core import Properties, Role, RoleError, require_length
from attnlab.attention.masks import allowed_mask
from attnlab.errors import at_least


class LinformerAttention(nn.Module):
    """Keys and values are first mixed down to `rank` of each, whatever the length: cost linear in it.

    o_i = softmax(q_i (E k)ᵀ / sqrt(Dh)) F v,   so w_ij = sum_r softmax_r(q_i · (E k)_r / sqrt(Dh)) F_rj
    (Wang et al., 2020, eq. 7.) E and F (rank, max_length) are learned and shared by the heads, the paper's "headwise
    sharing"; a shorter input uses their first columns, a masked key's column counts as zero. Weights may be negative
    and don't sum to one. Dropout drops a mixed key. There are no scores of single keys, so a bias raises ValueError.

    Cost: time T · rank · D, memory T · (D + rank · H). Parameters grow with max_length · rank.

    Raises ValueError for a rank below 1; RoleError for the roles causal, as mixed keys hold later ones, and cross, for
    which the paper doesn't define it. An input longer than `max_length` raises ValueError.
    """

    uses = frozenset({"query", "key"})
    properties = Properties(rows_sum_to_one=False, non_negative=False, permutation_equivariant=False, takes_bias=False)

    def __init__(
        self, *, num_heads: int, head_dim: int, role: Role, max_length: int, dropout: float, rank: int = 32
    ) -> None:
        super().__init__()
        if role == "causal":
            raise RoleError("linformer attention mixes keys over all positions, later ones too, got role causal")
        if role == "cross":
            raise RoleError("linformer attention is defined for a sequence that attends itself, got role cross")
        at_least(1, "attention.core", rank=rank)
        self.scale = head_dim**-0.5
        self.dropout = dropout
        self.max_length = max_length
        self.key_mixing = nn.Parameter(torch.randn(rank, max_length) * rank**-0.5)  # E
        self.value_mixing = nn.Parameter(torch.randn(rank, max_length) * rank**-0.5)  # F

    def forward(
        self, q: Tensor, k: Tensor, v: Tensor, *, key_mask: Tensor | None = None, bias: Tensor | None = None
    ) -> Tensor:
        mixed_weights, value_mixing = self._parts(q, k, key_mask, bias)
        mixed_values = value_mixing @ v  # (B, H, rank, Dh)
        return F.dropout(mixed_weights, self.dropout, self.training) @ mixed_values

    def weights(self, q: Tensor, k: Tensor, *, key_mask: Tensor | None = None, bias: Tensor | None = None) -> Tensor:
        mixed_weights, value_mixing = self._parts(q, k, key_mask, bias)
        return mixed_weights @ value_mixing

    def combine(self, weights: Tensor, v: Tensor) -> Tensor:
        return weights @ v

    def _parts(self, q: Tensor, k: Tensor, key_mask: Tensor | None, bias: Tensor | None) -> tuple[Tensor, Tensor]:
        """The weights of mixed keys (B, H, Tq, rank) and F (rank, Tk), or (B, 1, rank, Tk) under a mask."""
        if bias is not None:
            raise ValueError("linformer attention has no scores of single keys, so it takes no bias")
        num_keys = k.size(-2)
        require_length(num_keys, self.max_length)
        key_mixing, value_mixing = self.key_mixing[:, :num_keys], self.value_mixing[:, :num_keys]
        allowed = allowed_mask(q, k, causal=False, key_mask=key_mask)  # (B, 1, 1, Tk) or None
        if allowed is not None:
            key_mixing, value_mixing = key_mixing * allowed, value_mixing * allowed
        mixed_keys = key_mixing @ k  # (B, H, rank, Dh)
        scores = q @ mixed_keys.mT * self.scale  # (B, H, Tq, rank)
        return scores.softmax(-1), value_mixing
