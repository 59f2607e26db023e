"""Sigmoid attention."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from attnlab.attention.core import Properties, Role
from attnlab.attention.masks import allowed_mask


class SigmoidAttention(nn.Module):
    """Each key is let through on its own account, without competing with the others.

    w_ij = σ(q_i · k_j / sqrt(Dh) - log n_i),   n_i = #{allowed j}        (Ramapuram et al., 2024, eq. 3)
    The bias -log n keeps the sum of a row's weights near one at the start, as softmax would, but doesn't hold it there.
    It is fixed, as in most of the paper's runs, and not learned. Differs from the paper: n is not the batch's padded
    length but the number of keys that the query may attend, so that neither padding nor a cache changes a result.

    Cost: time T² D, memory T² H.
    """

    uses = frozenset({"query", "key"})
    properties = Properties(rows_sum_to_one=False)

    def __init__(self, *, num_heads: int, head_dim: int, role: Role, max_length: int, dropout: float) -> None:
        super().__init__()
        self.scale = head_dim**-0.5
        self.causal = role == "causal"
        self.dropout = dropout

    def forward(
        self, q: Tensor, k: Tensor, v: Tensor, *, key_mask: Tensor | None = None, bias: Tensor | None = None
    ) -> Tensor:
        weights = self.weights(q, k, key_mask=key_mask, bias=bias)
        return self.combine(F.dropout(weights, self.dropout, self.training), v)

    def weights(self, q: Tensor, k: Tensor, *, key_mask: Tensor | None = None, bias: Tensor | None = None) -> Tensor:
        scores = q @ k.mT * self.scale  # (B, H, Tq, Tk)
        if bias is not None:
            scores = scores + bias.to(scores.dtype)
        allowed = allowed_mask(q, k, causal=self.causal, key_mask=key_mask)
        if allowed is None:
            allowed = torch.ones_like(scores[:1, :1], dtype=torch.bool)
        num_allowed = allowed.sum(-1, keepdim=True, dtype=scores.dtype).clamp(
            min=1
        )  # a row without keys is zeroed below
        return torch.sigmoid(scores - num_allowed.log()).masked_fill(~allowed, 0.0)

    def combine(self, weights: Tensor, v: Tensor) -> Tensor:
        return weights @ v
