"""What kernels of compact support share: distances in units of a learned bandwidth."""

import math

import torch
from torch import Tensor, nn

from attnlab.errors import above_zero, between


def log_bandwidth_parameter(initial_bandwidth: float | None, *, num_heads: int, head_dim: int) -> nn.Parameter:
    """log h for each head, (H, 1, 1), starting at h = `initial_bandwidth`, or 2 sqrt(Dh) if None.

    Independent q and k of unit variance lie sqrt(2 Dh) apart on average, so that at first nearly all keys are near.
    Raises ValueError unless `initial_bandwidth` is positive.
    """
    bandwidth = 2 * head_dim**0.5 if initial_bandwidth is None else initial_bandwidth
    above_zero("attention.core", initial_bandwidth=bandwidth)
    between(1e-6, 1e6, "attention.core", initial_bandwidth=bandwidth)  # its square is a float32
    return nn.Parameter(torch.full((num_heads, 1, 1), math.log(bandwidth)))


def squared_distances(q: Tensor, k: Tensor, log_bandwidth: Tensor) -> Tensor:
    """|q_i - k_j|² / h², (B, H, Tq, Tk), in float32 or wider: whether a key is inside the window is decided by it."""
    dtype = torch.promote_types(q.dtype, torch.float32)
    q, k, scale = q.to(dtype), k.to(dtype), (-2 * log_bandwidth.to(dtype)).exp()
    if any(isinstance(size, torch.SymInt) for size in (*q.shape, *k.shape)):  # in a graph for any length cdist can't be
        return (q.unsqueeze(-2) - k.unsqueeze(-3)).square().sum(-1) * scale
    return torch.cdist(q, k).square() * scale
