"""T5's relative position bias."""

import math

import torch
from torch import Tensor, nn

from attnlab.attention.core import Properties, Role, RoleError
from attnlab.attention.masks import allowed_mask, masked_softmax
from attnlab.attention.parts.fused import fused_attention
from attnlab.attention.parts.relative_positions import all_relative_positions, spread


class T5BiasAttention(nn.Module):
    """Each head learns what it is worth to stand near or far, in buckets that widen with the distance.

    w_ij = softmax_j(q_i · k_j / sqrt(Dh) + b_h[bucket(j - i)])        (Raffel et al., 2020, section 2.1)
    Half of a direction's buckets are for one distance each, the others grow geometrically up to `max_distance`, and the
    last is for all beyond. The role causal has one direction; self has two and shares the `num_buckets` out to them.
    Differs from the paper: scores are scaled, and layers don't share b, which starts at zero. Lengths beyond
    `max_length` are served.

    Cost: time T² D, memory T² H. The bias learns, so no kernel is fused in training.

    Raises ValueError unless `num_buckets` is a multiple of 4 and `max_distance` lies beyond the single distances;
    RoleError for the role cross, where the paper has no bias either.
    """

    uses = frozenset({"query", "key"})
    properties = Properties(permutation_equivariant=False)

    def __init__(
        self,
        *,
        num_heads: int,
        head_dim: int,
        role: Role,
        max_length: int,
        dropout: float,
        num_buckets: int = 32,
        max_distance: int = 128,
    ) -> None:
        super().__init__()
        if role == "cross":
            raise RoleError("t5_bias attention needs queries and keys that share one line of positions, got role cross")
        if num_buckets < 4 or num_buckets % 4:
            raise ValueError(
                f"num_buckets must be a positive multiple of 4, got {num_buckets} (set attention.core.num_buckets)"
            )
        self.scale = head_dim**-0.5
        self.causal = role == "causal"
        self.dropout = dropout
        self.num_directed = num_buckets if self.causal else num_buckets // 2
        self.max_distance = max_distance
        if max_distance <= self.num_directed // 2:
            raise ValueError(
                f"max_distance must exceed the {self.num_directed // 2} distances that have a bucket of their own, "
                f"got {max_distance} (set attention.core.max_distance)"
            )
        self.bucket_bias = nn.Parameter(torch.zeros(num_heads, num_buckets))  # b

    def forward(
        self, q: Tensor, k: Tensor, v: Tensor, *, key_mask: Tensor | None = None, bias: Tensor | None = None
    ) -> Tensor:
        dropout = self.dropout if self.training else 0.0
        bias = self._distance_bias(q, k) if bias is None else self._distance_bias(q, k) + bias
        return fused_attention(
            q, k, v, scale=self.scale, causal=self.causal, key_mask=key_mask, bias=bias, dropout=dropout
        )

    def weights(self, q: Tensor, k: Tensor, *, key_mask: Tensor | None = None, bias: Tensor | None = None) -> Tensor:
        scores = q @ k.mT * self.scale + self._distance_bias(q, k)  # (B, H, Tq, Tk)
        return masked_softmax(scores, allowed_mask(q, k, causal=self.causal, key_mask=key_mask), bias)

    def combine(self, weights: Tensor, v: Tensor) -> Tensor:
        return weights @ v

    def _distance_bias(self, q: Tensor, k: Tensor) -> Tensor:
        """b_h[bucket(j - i)], (H, Tq, Tk)."""
        offset = all_relative_positions(q.size(-2), k.size(-2), q.device)
        bias = self.bucket_bias[:, self._buckets(offset)]  # (H, Tq + Tk - 1)
        return spread(bias.to(q.dtype), q.size(-2))  # under autocast the parameter is wider than q

    def _buckets(self, offset: Tensor) -> Tensor:
        """The bucket of each j - i: those of the past first, then, unless causal, those of what comes later."""
        single = self.num_directed // 2
        distance = offset.neg().clamp(min=0) if self.causal else offset.abs()
        growth = torch.log(distance.clamp(min=1) / single) / math.log(self.max_distance / single)
        widening = single + (growth * (self.num_directed - single)).long()
        bucket = torch.where(distance < single, distance, widening.clamp(max=self.num_directed - 1))
        return bucket if self.causal else bucket + self.num_directed * (offset > 0)
