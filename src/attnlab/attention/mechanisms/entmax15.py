"""1.5-entmax attention."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from attnlab.attention.core import Properties, Role
from attnlab.attention.masks import allowed_mask
from attnlab.attention.parts.sparse_scores import sparse_scores


class Entmax15Attention(nn.Module):
    """Halfway between softmax and sparsemax: keys far behind get no weight, yet weights are differentiable.

    w_i = argmax_{p in simplex} p · z_i + H(p),   z_ij = q_i · k_j / sqrt(Dh),   H(p) = 4/3 sum_j (p_j - p_j^1.5)
        = max(0, z_ij / 2 - τ_i)², with the threshold τ_i for which a row sums to one
    (Peters et al., 2019, eqs. 9 and 10 for α = 1.5; the threshold exactly, by their algorithm 2.) Their α = 1 is
    `scaled_dot`, α = 2 `sparsemax`.

    Cost: time T² (D + H log T), memory T² H. The logarithm is for sorting.
    """

    uses = frozenset({"query", "key"})
    properties = Properties()

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
        bias = None if bias is None else bias / 2
        weights = entmax15(sparse_scores(scores / 2, allowed, bias)).to(scores.dtype)
        return weights if allowed is None else weights.masked_fill(~allowed, 0.0)

    def combine(self, weights: Tensor, v: Tensor) -> Tensor:
        return weights @ v


def entmax15(halved: Tensor) -> Tensor:
    """1.5-entmax of each row of 2 * `halved` (..., T)."""
    with torch.no_grad():
        # From -1 below the largest on there is no weight: what lies lower would only cost precision in the squares.
        ranked = halved.sort(dim=-1, descending=True).values
        ranked = (ranked - ranked[..., :1]).clamp(min=-1.0)
        rank = torch.arange(1, halved.size(-1) + 1, dtype=halved.dtype, device=halved.device)
        mean, mean_square = ranked.cumsum(-1) / rank, ranked.square().cumsum(-1) / rank
        # If the support were the first `rank`; the root is real for the true support.
        threshold = mean - (1 / rank - mean_square + mean.square()).clamp(min=0).sqrt()
        size = (ranked > threshold).sum(-1, keepdim=True)
        support = halved - halved.amax(-1, keepdim=True) > threshold.gather(-1, size - 1)
    # Given the support, the threshold solves a quadratic equation that autograd differentiates.
    size = support.sum(-1, keepdim=True)
    mean = (halved * support).sum(-1, keepdim=True) / size
    spread = ((halved - mean) * support).square().sum(-1, keepdim=True)
    threshold = mean - ((1 - spread) / size).sqrt()
    return ((halved - threshold) * support).square()
