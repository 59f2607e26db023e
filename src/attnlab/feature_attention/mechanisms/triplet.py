"""Triplet attention."""

from torch import Tensor, nn

from attnlab.feature_attention.contract import Properties
from attnlab.feature_attention.parts.gates import PooledGate, gate


class TripletFeatureAttention(nn.Module):
    """Three gates, each over two of channels, height and width, so that channels and places are judged together.

    x' = (x g_hw + x g_cw + x g_ch) / 3,   each g = σ(BN(f([mean; max]))) with the third axis pooled away
    (Misra et al., 2021, section 3; f is a convolution of 7 × 7.) `weights` are the mean of the gates, over both. The
    convolution over channels takes them in their order, as if it meant something.

    Cost: time P C + kernel_size² (P + H C + W C), memory P C.

    Raises ValueError unless `kernel_size` is odd and positive.
    """

    properties = Properties(weights_over="both")

    def __init__(self, channels: int, *, max_size: tuple[int, int], kernel_size: int = 7) -> None:
        super().__init__()
        self.height_width = PooledGate(kernel_size=kernel_size)
        self.channel_width = PooledGate(kernel_size=kernel_size)
        self.channel_height = PooledGate(kernel_size=kernel_size)

    def forward(self, x: Tensor) -> Tensor:
        return self.combine(self.weights(x), x)

    def weights(self, x: Tensor) -> Tensor:
        gates: Tensor = self.height_width(x, dim=1) + self.channel_width(x, dim=2) + self.channel_height(x, dim=3)
        return gates / 3

    def combine(self, weights: Tensor, x: Tensor) -> Tensor:
        return gate(weights, x)
