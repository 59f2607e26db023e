"""Gaussian kernel attention."""

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from attnlab.attention.core import Properties, Role
from attnlab.attention.masks import allowed_mask, masked_softmax
from attnlab.attention.parts.fused import fused_attention
from attnlab.errors import above_zero, between

ALIGNMENT = 8  # fused kernels want head widths divisible by it


class GaussianKernelAttention(nn.Module):
    """Kernel regression: a key counts by how near it lies to the query; each head learns how far "near" reaches.

    w_ij = exp(-|q_i - k_j|² / 2h²) / sum_j' exp(-|q_i - k_j'|² / 2h²),   h = exp(log_bandwidth)
    (Nadaraya, 1964; Watson, 1964; as attention, Tsai et al., 2019). What -|q - k|² / 2h² owes to the query
    alone falls out of the quotient, which leaves (q · k - |k|² / 2) / h²: `scaled_dot` with an own bandwidth for each
    head and a penalty on long keys; with keys of one length, a dot product.

    Cost: time T² D, memory T D. Fused.

    Raises ValueError unless `initial_bandwidth` is positive; None starts at h = Dh^¼, the scale of `scaled_dot`.
    """

    uses = frozenset({"query", "key"})
    properties = Properties()

    def __init__(
        self,
        *,
        num_heads: int,
        head_dim: int,
        role: Role,
        max_length: int,
        dropout: float,
        initial_bandwidth: float | None = None,
    ) -> None:
        super().__init__()
        bandwidth = head_dim**0.25 if initial_bandwidth is None else initial_bandwidth
        above_zero("attention.core", initial_bandwidth=bandwidth)
        between(1e-6, 1e6, "attention.core", initial_bandwidth=bandwidth)  # its square is a float32
        self.causal = role == "causal"
        self.dropout = dropout
        self.log_bandwidth = nn.Parameter(torch.full((num_heads, 1, 1), math.log(bandwidth)))

    def forward(
        self, q: Tensor, k: Tensor, v: Tensor, *, key_mask: Tensor | None = None, bias: Tensor | None = None
    ) -> Tensor:
        dropout = self.dropout if self.training else 0.0
        q, penalty = self._score_parts(q, k)
        # q · k - penalty is one dot product of vectors a bit longer, which leaves the kernel its causal path.
        q = torch.cat([q, -torch.ones_like(q[..., :1]), q.new_zeros(*q.shape[:-1], ALIGNMENT - 1)], dim=-1)
        k = torch.cat([k, penalty, k.new_zeros(*k.shape[:-1], ALIGNMENT - 1)], dim=-1)
        padded_v = F.pad(v, (0, ALIGNMENT))
        output = fused_attention(
            q, k, padded_v, scale=1.0, causal=self.causal, key_mask=key_mask, bias=bias, dropout=dropout
        )
        return output[..., : v.size(-1)]

    def weights(self, q: Tensor, k: Tensor, *, key_mask: Tensor | None = None, bias: Tensor | None = None) -> Tensor:
        q, penalty = self._score_parts(q, k)
        scores = q @ k.mT - penalty.mT  # (B, H, Tq, Tk)
        return masked_softmax(scores, allowed_mask(q, k, causal=self.causal, key_mask=key_mask), bias)

    def combine(self, weights: Tensor, v: Tensor) -> Tensor:
        return weights @ v

    def _score_parts(self, q: Tensor, k: Tensor) -> tuple[Tensor, Tensor]:
        """q / h² (B, H, Tq, Dh) and the penalty |k|² / 2h² (B, H, Tk, 1)."""
        inverse_variance = (-2 * self.log_bandwidth).exp()  # (H, 1, 1)
        penalty = inverse_variance * k.square().sum(-1, keepdim=True) / 2
        return (q * inverse_variance).to(q.dtype), penalty.to(k.dtype)
