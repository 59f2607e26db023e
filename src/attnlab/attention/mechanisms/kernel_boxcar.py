"""Boxcar kernel attention."""

import torch.nn.functional as F
from torch import Tensor, nn

from attnlab.attention.core import Properties, Role
from attnlab.attention.masks import all_of, allowed_mask, masked_softmax
from attnlab.attention.parts.kernel_distances import log_bandwidth_parameter, squared_distances


class KernelBoxcarAttention(nn.Module):
    """Kernel regression at its plainest: the average of the keys within reach of the query.

    w_ij = K_ij / sum_j' K_ij',   K_ij = 1 if |q_i - k_j| < h else 0,   h = exp(log_bandwidth) of each head
    (Nadaraya, 1964; Watson, 1964.) A query whose window holds no key gets zeros. A bias is added to log K, so it weighs
    keys inside the window and brings none in. Such weights are constant almost everywhere and would teach query, keys
    and bandwidth nothing. So their gradients are those of scores -|q_i - k_j|² / h² over the keys inside, a Gaussian
    kernel's, in the manner of a straight-through estimator (Bengio et al., 2013); those of values and bias are exact.

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
        distance = squared_distances(q, k, self.log_bandwidth)  # (B, H, Tq, Tk)
        allowed = all_of(distance < 1, allowed_mask(q, k, causal=self.causal, key_mask=key_mask))
        zero = distance.detach() - distance  # of which the gradient is left
        return masked_softmax(zero, allowed, bias).to(q.dtype)

    def combine(self, weights: Tensor, v: Tensor) -> Tensor:
        return weights @ v
