"""A plain block of 1 × 1 convolutions, a control."""

from torch import Tensor, nn

from attnlab.errors import at_least
from attnlab.feature_attention.contract import Properties


class WiderFeatureAttention(nn.Module):
    """What attention's parameters are worth without attention: each position goes through a small network by itself.

    x' = x + W_2 ReLU(W_1 x + b_1) + b_2        (no paper; W_1 is h × C and W_2 C × h, convolutions of 1 × 1)
    It has h (2 C + 1) + C parameters, as many as `se` for h = C/reduction. W_2 and b_2 begin at zero, so that a net
    begins as it would without.

    Cost: time P C h, memory P (C + h).

    Raises ValueError if `hidden_dim`, h, isn't positive.
    """

    properties = Properties(equivariant_to="positions")

    def __init__(self, channels: int, *, max_size: tuple[int, int], hidden_dim: int = 3) -> None:
        super().__init__()
        at_least(1, "feature_attention", hidden_dim=hidden_dim)
        last = nn.Conv2d(hidden_dim, channels, 1)
        nn.init.zeros_(last.weight)
        assert last.bias is not None
        nn.init.zeros_(last.bias)
        self.network = nn.Sequential(nn.Conv2d(channels, hidden_dim, 1), nn.ReLU(), last)

    def forward(self, x: Tensor) -> Tensor:
        added: Tensor = self.network(x)
        return x + added
