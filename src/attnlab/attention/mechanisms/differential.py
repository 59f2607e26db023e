"""Differential attention."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from attnlab.attention.core import Properties, Role
from attnlab.attention.masks import allowed_mask, masked_softmax
from attnlab.attention.parts.fused import fused_attention
from attnlab.errors import below_one

EPS = 1e-5  # of the norm, as in the authors' code


class DifferentialAttention(nn.Module):
    """One look less a share of another: what both see, as noise, cancels.

    w_i = softmax(q¹_i · k¹_j / sqrt(d)) - λ softmax(q²_i · k²_j / sqrt(d)),   o_i = (1 - λ₀) RMSNorm(sum_j w_ij v_j),
    λ = exp(a¹ · b¹) - exp(a² · b²) + λ₀        (Ye et al., 2024, eqs. 1-3)
    The halves of a head's query and key, d = Dh / 2 wide, are q¹, q², k¹, k²; a, b and the norm's gain are learned and
    shared by the heads, each of which is normed alone. A mask and a bias act on both softmaxes. Differs from the paper:
    λ₀ is `initial_lambda` in every layer, where the paper's grows with depth, but finds that little hangs on it.

    Weights may be negative; a row sums to 1 - λ.

    Cost: time 2 T² D, memory T D. Fused, twice.

    Raises ValueError for an odd Dh or an `initial_lambda` outside [0, 1).
    """

    uses = frozenset({"query", "key"})
    properties = Properties(rows_sum_to_one=False, non_negative=False)

    def __init__(
        self, *, num_heads: int, head_dim: int, role: Role, max_length: int, dropout: float, initial_lambda: float = 0.8
    ) -> None:
        super().__init__()
        if head_dim % 2:
            raise ValueError(
                f"differential attention halves its heads, so their width must be even, got {head_dim} "
                "(set model.dim or model.num_heads)"
            )
        below_one("attention.core", initial_lambda=initial_lambda)
        self.scale = (head_dim // 2) ** -0.5
        self.causal = role == "causal"
        self.dropout = dropout
        self.initial_lambda = initial_lambda
        self.lambda_query = nn.Parameter(0.1 * torch.randn(2, head_dim // 2))  # a
        self.lambda_key = nn.Parameter(0.1 * torch.randn(2, head_dim // 2))  # b
        self.gain = nn.Parameter(torch.ones(head_dim))

    def forward(
        self, q: Tensor, k: Tensor, v: Tensor, *, key_mask: Tensor | None = None, bias: Tensor | None = None
    ) -> Tensor:
        dropout = self.dropout if self.training else 0.0
        first, second = (
            fused_attention(
                *halves, v, scale=self.scale, causal=self.causal, key_mask=key_mask, bias=bias, dropout=dropout
            )
            for halves in zip(_widened_halves(q), _widened_halves(k), strict=True)
        )
        return self._normed(first - self._lambda().to(first.dtype) * second)

    def weights(self, q: Tensor, k: Tensor, *, key_mask: Tensor | None = None, bias: Tensor | None = None) -> Tensor:
        allowed = allowed_mask(q, k, causal=self.causal, key_mask=key_mask)
        first, second = (
            masked_softmax(half_q @ half_k.mT * self.scale, allowed, bias)  # (B, H, Tq, Tk)
            for half_q, half_k in zip(q.chunk(2, dim=-1), k.chunk(2, dim=-1), strict=True)
        )
        return first - self._lambda().to(first.dtype) * second

    def combine(self, weights: Tensor, v: Tensor) -> Tensor:
        return self._normed(weights @ v)

    def _lambda(self) -> Tensor:
        first, second = (self.lambda_query * self.lambda_key).sum(-1).exp().unbind()
        return first - second + self.initial_lambda

    def _normed(self, x: Tensor) -> Tensor:
        wide = x.to(torch.promote_types(x.dtype, torch.float32))
        normed = wide * torch.rsqrt(wide.square().mean(-1, keepdim=True) + EPS)
        output: Tensor = (1 - self.initial_lambda) * self.gain * normed
        return output.to(x.dtype)


def _widened_halves(x: Tensor) -> tuple[Tensor, ...]:
    """Both halves, with zeros up to Dh: they change no dot product, and fused kernels want the values' width."""
    return tuple(F.pad(half, (0, half.size(-1))) for half in x.chunk(2, dim=-1))
