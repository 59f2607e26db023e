"""The bottleneck attention module."""

from torch import Tensor, nn

from attnlab.errors import between
from attnlab.feature_attention.contract import Properties
from attnlab.feature_attention.parts.channels import reduced_channels
from attnlab.feature_attention.parts.gates import gate


class BamFeatureAttention(nn.Module):
    """What speaks for a channel and what speaks for a position is added up; what is opened comes on top of the map.

    x' = x + x M,   M = σ(M_c + M_s)                                        (Park et al., 2018, eqs. 1 and 2)
    M_c = BN(W_2 ReLU(W_1 mean_p x_p)),   M_s = BN(f_3 f_2 f_1 f_0 x)       (eqs. 3 and 4)
    f_0 and f_3 are convolutions of 1 × 1, f_1 and f_2 of 3 × 3 with holes, on C/r channels with a ReLU between.
    `weights` are M, over both. The authors' code differs: it multiplies M_c by M_s and normalises hidden layers.
    In training a batch needs two images, else the batch normalisation of M_c raises ValueError.

    Cost: time 9 P C²/reduction², memory P C.

    Raises ValueError if `reduction`, the paper's r, leaves no channel or `dilation`, its d, isn't positive.
    """

    properties = Properties(weights_over="both")

    def __init__(self, channels: int, *, max_size: tuple[int, int], reduction: int = 16, dilation: int = 4) -> None:
        super().__init__()
        between(1, 1000, "feature_attention", dilation=dilation)
        hidden = reduced_channels(channels, reduction)
        # The last layer of each branch has no bias: the normalisation, which would take it away again, has one.
        self.channel_branch = nn.Sequential(
            nn.Linear(channels, hidden), nn.ReLU(), nn.Linear(hidden, channels, bias=False), nn.BatchNorm1d(channels)
        )
        self.spatial_branch = nn.Sequential(
            nn.Conv2d(channels, hidden, 1),
            nn.ReLU(),
            nn.Conv2d(hidden, hidden, 3, padding=dilation, dilation=dilation),
            nn.ReLU(),
            nn.Conv2d(hidden, hidden, 3, padding=dilation, dilation=dilation),
            nn.ReLU(),
            nn.Conv2d(hidden, 1, 1, bias=False),
            nn.BatchNorm2d(1),
        )

    def forward(self, x: Tensor) -> Tensor:
        return self.combine(self.weights(x), x)

    def weights(self, x: Tensor) -> Tensor:
        channel, spatial = self.channel_and_spatial(x)
        return (channel[:, :, None, None] + spatial).sigmoid()

    def channel_and_spatial(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """What speaks for each channel and each position, of any sign: M_c (B, C) and M_s (B, 1, H, W)."""
        return self.channel_branch(x.mean((2, 3))), self.spatial_branch(x)

    def combine(self, weights: Tensor, x: Tensor) -> Tensor:
        return x + gate(weights, x)
