"""Sparsemax attention."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from attnlab.attention.core import Properties, Role
from attnlab.attention.masks import allowed_mask
from attnlab.attention.parts.sparse_scores import sparse_scores


class SparsemaxAttention(nn.Module):
    """A key far behind the best one gets no weight at all.

    w_i = argmin_{p in simplex} |p - z_i|²,   z_ij = q_i · k_j / sqrt(Dh)
        = max(0, z_ij - τ_i), with the threshold τ_i for which a row sums to one
    (Martins & Astudillo, 2016, eqs. 2 and 3; the threshold exactly, by their algorithm 1.)

    Cost: time T² (D + H log T), memory T² H. The logarithm is for sorting.
    """

    uses = frozenset({"query", "key"})
    properties = Properties(smooth=False)

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
        allowed = allowed_mask(q, k, causal=self.causal, key_mask=key_mask)
        weights = sparsemax(sparse_scores(scores, allowed, bias)).to(scores.dtype)
        return weights if allowed is None else weights.masked_fill(~allowed, 0.0)

    def combine(self, weights: Tensor, v: Tensor) -> Tensor:
        return weights @ v


def sparsemax(scores: Tensor) -> Tensor:
    """The Euclidean projection of each row of `scores` (..., T) on the simplex."""
    with torch.no_grad():
        ranked = scores.sort(dim=-1, descending=True).values
        rank = torch.arange(1, scores.size(-1) + 1, dtype=scores.dtype, device=scores.device)
        threshold = (ranked.cumsum(-1) - 1) / rank  # if the support were the first `rank`
        size = (ranked > threshold).sum(-1, keepdim=True)
        support = scores > threshold.gather(-1, size - 1)
    # Given the support, the threshold is linear in the scores: differentiating it is the paper's eq. 14.
    threshold = ((scores * support).sum(-1, keepdim=True) - 1) / support.sum(-1, keepdim=True)
    return (scores - threshold) * support
