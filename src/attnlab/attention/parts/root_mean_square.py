"""Vectors of one root mean square."""

import torch
from torch import Tensor

EPS = 1e-6  # added to the mean square, so that a vector of zeros stays one


def of_unit_root_mean_square(x: Tensor, gain: Tensor) -> Tensor:
    """g ⊙ x / sqrt(mean(x²) + ε) over the last axis of x (..., D), for gains g (D,)."""
    wide = torch.promote_types(x.dtype, torch.float32)  # the squares of a half's vectors may be beyond it
    mean_square = x.to(wide).square().mean(-1, keepdim=True)
    return (x * (mean_square + EPS).rsqrt() * gain).to(x.dtype)
