"""The convolutional block attention module."""

from torch import Tensor, nn

from attnlab.feature_attention.contract import Properties
from attnlab.feature_attention.parts.channels import reduced_channels
from attnlab.feature_attention.parts.gates import PooledGate, gate


class CbamFeatureAttention(nn.Module):
    """First each channel is opened, by its mean and its maximum, then each position of what came through.

    M_c = σ(W_2 ReLU(W_1 mean_p x_p) + W_2 ReLU(W_1 max_p x_p)),   y = M_c x
    M_s = σ(BN(f([mean_c y_c; max_c y_c]))),   x' = M_s y,   f a convolution of 7 × 7
    (Woo et al., 2018, eqs. 1 to 3.) `weights` are M_c M_s, over both; there is no residual. The batch normalisation is
    in the authors' code, not in the equations.

    Cost: time P (C + kernel_size²) + C²/reduction, memory P C.

    Raises ValueError if `reduction`, C over the width of the hidden layer, leaves no channel or `kernel_size` is even.
    """

    properties = Properties(weights_over="both")

    def __init__(self, channels: int, *, max_size: tuple[int, int], reduction: int = 16, kernel_size: int = 7) -> None:
        super().__init__()
        hidden = reduced_channels(channels, reduction)
        self.network = nn.Sequential(
            nn.Linear(channels, hidden, bias=False), nn.ReLU(), nn.Linear(hidden, channels, bias=False)
        )
        self.spatial_gate = PooledGate(kernel_size=kernel_size)

    def forward(self, x: Tensor) -> Tensor:
        return self.combine(self.weights(x), x)

    def weights(self, x: Tensor) -> Tensor:
        channel, spatial = self.channel_and_spatial(x)
        return gate(channel, spatial.expand_as(x))

    def channel_and_spatial(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """The two gates, M_c (B, C) and M_s (B, 1, H, W)."""
        channel = (self.network(x.mean((2, 3))) + self.network(x.amax((2, 3)))).sigmoid()
        return channel, self.spatial_gate(gate(channel, x), dim=1)

    def combine(self, weights: Tensor, x: Tensor) -> Tensor:
        return gate(weights, x)
