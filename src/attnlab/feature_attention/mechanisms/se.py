"""Squeeze-and-excitation."""

from torch import Tensor, nn

from attnlab.feature_attention.contract import Properties
from attnlab.feature_attention.parts.channels import reduced_channels
from attnlab.feature_attention.parts.gates import gate


class SeFeatureAttention(nn.Module):
    """A small network looks at each channel's mean and decides how far to open every channel.

    w = σ(W_2 ReLU(W_1 z)),   z_c = mean_p x_cp,   x'_cp = w_c x_cp        (Hu et al., 2018, eqs. 2 to 4)
    W_1 is C/r × C and W_2 C × C/r; the paper writes no biases, both layers have them, as in other implementations.

    Cost: time P C + C²/reduction, memory P C.

    Raises ValueError if `reduction`, the paper's r, leaves no channel.
    """

    properties = Properties(weights_over="channels", equivariant_to="positions")

    def __init__(self, channels: int, *, max_size: tuple[int, int], reduction: int = 16) -> None:
        super().__init__()
        hidden = reduced_channels(channels, reduction)
        self.network = nn.Sequential(nn.Linear(channels, hidden), nn.ReLU(), nn.Linear(hidden, channels), nn.Sigmoid())

    def forward(self, x: Tensor) -> Tensor:
        return self.combine(self.weights(x), x)

    def weights(self, x: Tensor) -> Tensor:
        weights: Tensor = self.network(x.mean((2, 3)))  # (B, C)
        return weights

    def combine(self, weights: Tensor, x: Tensor) -> Tensor:
        return gate(weights, x)
