"""Epanechnikov kernel attention."""

import torch.nn.functional as F
from torch import Tensor, nn

from attnlab.attention.core import Properties, Role
from attnlab.attention.masks import all_of, allowed_mask, masked_softmax
from attnlab.attention.parts.kernel_distances import log_bandwidth_parameter, squared_distances

EPS = 1e-6  # a kernel below it is zero: float32 can't tell 1 - |u|² from rounding there, and 1 / K explodes


class KernelEpanechnikovAttention(nn.Module):
    """Kernel regression over a window: keys count by their nearness, and not at all beyond the bandwidth.

    w_ij = K_ij / sum_j' K_ij',   K_ij = max(0, 1 - |q_i - k_j|² / h²),   h = exp(log_bandwidth) of each head
    (Nadaraya, 1964; Watson, 1964; the kernel is that of Epanechnikov, 1969.) A query whose window holds no key gets
    zeros. A bias is added to log K, so it weighs keys inside the window and brings none in. Query, keys and bandwidth
    have the kernel's own gradients, to which keys outside contribute nothing.

    Cost: time T² D, memory T² H.

    Raises ValueError unless `initial_bandwidth` is positive; None is 2 sqrt(Dh), for nearly all keys inside at first.
    """

    uses = frozenset({"query", "key"})
    properties = Properties(smooth=False)

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
        self.causal = role == "causal"
        self.dropout = dropout
        self.log_bandwidth = log_bandwidth_parameter(initial_bandwidth, num_heads=num_heads, head_dim=head_dim)

    def forward(
        self, q: Tensor, k: Tensor, v: Tensor, *, key_mask: Tensor | None = None, bias: Tensor | None = None
    ) -> Tensor:
        weights = self.weights(q, k, key_mask=key_mask, bias=bias)
        return self.combine(F.dropout(weights, self.dropout, self.training), v)

    def weights(self, q: Tensor, k: Tensor, *, key_mask: Tensor | None = None, bias: Tensor | None = None) -> Tensor:
        kernel = 1 - squared_distances(q, k, self.log_bandwidth)  # (B, H, Tq, Tk), negative outside
        allowed = all_of(kernel > EPS, allowed_mask(q, k, causal=self.causal, key_mask=key_mask))
        return masked_softmax(kernel.clamp_min(EPS).log(), allowed, bias).to(q.dtype)

    def combine(self, weights: Tensor, v: Tensor) -> Tensor:
        return weights @ v
