"""Efficient channel attention."""

import math

from torch import Tensor, nn

from attnlab.errors import above_zero, between
from attnlab.feature_attention.contract import Properties
from attnlab.feature_attention.parts.gates import gate


class EcaFeatureAttention(nn.Module):
    """Each channel is opened by its own mean and those of its neighbours in the order of channels: k weights in all.

    w = σ(f(z)),   z_c = mean_p x_cp,   f a convolution over c of k weights, without bias
    k is the odd number nearest to |log2(C) / γ + b / γ|, the greater of two        (Wang et al., 2020, section 3.2)

    Cost: time P C, memory P C.

    Raises ValueError unless `gamma`, the paper's γ, is positive; `offset` is its b.
    """

    properties = Properties(weights_over="channels", equivariant_to="positions")

    def __init__(self, channels: int, *, max_size: tuple[int, int], gamma: float = 2.0, offset: float = 1.0) -> None:
        super().__init__()
        above_zero("feature_attention", gamma=gamma)
        between(1e-3, 1e3, "feature_attention", gamma=gamma)
        between(-1e3, 1e3, "feature_attention", offset=offset)
        kernel_size = 2 * int(abs(math.log2(channels) + offset) / gamma / 2) + 1
        self.convolution = nn.Conv1d(1, 1, kernel_size, padding=kernel_size // 2, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        return self.combine(self.weights(x), x)

    def weights(self, x: Tensor) -> Tensor:
        means = x.mean((2, 3)).unsqueeze(1)  # (B, 1, C)
        weights: Tensor = self.convolution(means).squeeze(1).sigmoid()
        return weights

    def combine(self, weights: Tensor, x: Tensor) -> Tensor:
        return gate(weights, x)
