"""Attention with relative position representations."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from attnlab.attention.core import Properties, Role, RoleError
from attnlab.attention.masks import allowed_mask, masked_softmax
from attnlab.attention.parts.relative_positions import relative_positions
from attnlab.errors import at_least


class RelativeAttention(nn.Module):
    """Each distance has a vector that is added to the keys standing there, and another one added to their values.

    w_ij = softmax_j(q_i · (k_j + a_{j-i}) / sqrt(Dh)),   o_i = sum_j w_ij (v_j + c_{j-i})
    (Shaw et al., 2018, eqs. 3 and 4.) Distances beyond `max_distance` count as it; a and c are shared by the heads, as
    in the paper. In the role causal there is a vector for the past's distances only. Lengths beyond `max_length` are
    served.

    Cost: time T² D, memory T² H.

    Raises ValueError for a `max_distance` below 1, RoleError for the role cross.
    """

    uses = frozenset({"query", "key"})
    properties = Properties(permutation_equivariant=False)

    def __init__(
        self, *, num_heads: int, head_dim: int, role: Role, max_length: int, dropout: float, max_distance: int = 16
    ) -> None:
        super().__init__()
        if role == "cross":
            raise RoleError(
                "relative attention needs queries and keys that share one line of positions, got role cross"
            )
        at_least(1, "attention.core", max_distance=max_distance)
        self.scale = head_dim**-0.5
        self.causal = role == "causal"
        self.dropout = dropout
        self.max_distance = max_distance
        num_distances = max_distance + 1 if self.causal else 2 * max_distance + 1
        self.key_embedding = nn.Parameter(torch.empty(num_distances, head_dim))  # a, from the farthest past on
        self.value_embedding = nn.Parameter(torch.empty(num_distances, head_dim))  # c
        for embedding in (self.key_embedding, self.value_embedding):
            nn.init.xavier_uniform_(embedding)

    def forward(
        self, q: Tensor, k: Tensor, v: Tensor, *, key_mask: Tensor | None = None, bias: Tensor | None = None
    ) -> Tensor:
        weights = self.weights(q, k, key_mask=key_mask, bias=bias)
        return self.combine(F.dropout(weights, self.dropout, self.training), v)

    def weights(self, q: Tensor, k: Tensor, *, key_mask: Tensor | None = None, bias: Tensor | None = None) -> Tensor:
        by_distance = q @ self.key_embedding.mT  # (B, H, Tq, distances)
        rows = self._rows(q.size(-2), k.size(-2), q.device).expand(*q.shape[:-1], -1)
        scores = (q @ k.mT + by_distance.gather(-1, rows)) * self.scale  # (B, H, Tq, Tk)
        return masked_softmax(scores, allowed_mask(q, k, causal=self.causal, key_mask=key_mask), bias)

    def combine(self, weights: Tensor, v: Tensor) -> Tensor:
        # Keys at one distance share a vector: their weights are added up before it is multiplied.
        by_distance = weights.new_zeros(*weights.shape[:-1], len(self.value_embedding))  # (B, H, Tq, distances)
        rows = self._rows(weights.size(-2), weights.size(-1), weights.device).expand_as(weights)
        of_values = weights @ v
        of_distances = by_distance.scatter_add(-1, rows, weights) @ self.value_embedding
        return of_values + of_distances

    def _rows(self, num_queries: int, num_keys: int, device: torch.device) -> Tensor:
        """Which row of the embeddings is for query i and key j, (Tq, Tk)."""
        latest = 0 if self.causal else self.max_distance
        return relative_positions(num_queries, num_keys, device).clamp(-self.max_distance, latest) + self.max_distance
