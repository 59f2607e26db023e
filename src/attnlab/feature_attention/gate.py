"""The product that every gate ends in."""

from torch import Tensor


def gate(weights: Tensor, x: Tensor) -> Tensor:
    """x (B, C, H, W) times weights (B, C) of channels, (B, 1, H, W) of positions or (B, C, H, W) of both; x's dtype."""
    if weights.dim() == 2:
        weights = weights[:, :, None, None]
    return x * weights.to(x.dtype)  # under autocast weights may be wider than x
