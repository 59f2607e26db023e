"""The gate over two axes that cbam and triplet attention share."""

import torch
from torch import Tensor, nn


class PooledGate(nn.Module):
    """One axis is pooled away; over the two that are left, a convolution decides.

    g = σ(BN(f([mean; max]))),   f a convolution of k × k, without bias
    Woo et al. (2018, eq. 3) call it spatial attention, Misra et al. (2021) Z-pool and its convolution; the batch
    normalisation is in the code of both.

    Raises ValueError unless `kernel_size` is odd and positive.
    """

    def __init__(self, *, kernel_size: int) -> None:
        super().__init__()
        if kernel_size < 1 or kernel_size % 2 == 0:
            raise ValueError(
                f"kernel_size must be odd so that it has a centre, got {kernel_size} "
                "(set feature_attention.kernel_size)"
            )
        self.convolution = nn.Conv2d(2, 1, kernel_size, padding=kernel_size // 2, bias=False)
        self.norm = nn.BatchNorm2d(1)

    def forward(self, x: Tensor, *, dim: int) -> Tensor:
        """The gate of x (B, C, H, W), of the same shape but for a one at `dim`, the axis (1, 2 or 3) pooled away."""
        pooled = torch.stack([x.mean(dim), x.amax(dim)], dim=1)  # (B, 2, two of C, H and W)
        opened: Tensor = self.norm(self.convolution(pooled)).sigmoid()
        return opened.squeeze(1).unsqueeze(dim)


def gate(weights: Tensor, x: Tensor) -> Tensor:
    """x (B, C, H, W) times weights (B, C) of channels, (B, 1, H, W) of positions or (B, C, H, W) of both; x's dtype."""
    if weights.dim() == 2:
        weights = weights[:, :, None, None]
    return x * weights.to(x.dtype)  # under autocast weights may be wider than x
