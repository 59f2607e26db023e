"""Norms over the channels of a head, in float32 at least; a vector of zeros stays one."""

import torch
from torch import Tensor

EPS = 1e-5  # within the root, so that zeros have a finite gradient


def rms_normed(x: Tensor) -> Tensor:
    """x / sqrt(mean(x²) + ε)."""
    x = x.to(torch.promote_types(x.dtype, torch.float32))
    return x * (x.square().mean(-1, keepdim=True) + EPS).rsqrt()


def centred_normed(x: Tensor) -> Tensor:
    """(x - mean(x)) / sqrt(var(x) + ε)."""
    x = x.to(torch.promote_types(x.dtype, torch.float32))
    return rms_normed(x - x.mean(-1, keepdim=True))


def of_unit_length(x: Tensor) -> Tensor:
    """x / sqrt(|x|² + ε)."""
    x = x.to(torch.promote_types(x.dtype, torch.float32))
    return x * (x.square().sum(-1, keepdim=True) + EPS).rsqrt()
