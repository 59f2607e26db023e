"""Softmax over positions."""

from torch import Tensor, nn

from attnlab.feature_attention.contract import Properties
from attnlab.feature_attention.parts.gates import gate


class SpatialSoftmaxFeatureAttention(nn.Module):
    """The positions of an image compete for weight, which is one on average.

    x'_p = H W α_p x_p,   α_p = softmax_p(u · x_p)        (soft attention over positions: Xu et al., 2015, section 4.2)
    Differs from the paper: no query enters the score, and a map comes out, whose mean is the paper's Σ_p α_p x_p.
    The softmax runs over the positions of one image, never over the batch or over channels. It starts uniform (u = 0),
    as the identity.

    Cost: time P C, memory P C.
    """

    properties = Properties(weights_over="positions", weights_sum="positions", gates=False, equivariant_to="positions")

    def __init__(self, channels: int, *, max_size: tuple[int, int]) -> None:
        super().__init__()
        self.score = nn.Conv2d(channels, 1, 1, bias=False)  # u; a bias would cancel in the softmax
        nn.init.zeros_(self.score.weight)

    def forward(self, x: Tensor) -> Tensor:
        return self.combine(self.weights(x), x)

    def weights(self, x: Tensor) -> Tensor:
        scores: Tensor = self.score(x).flatten(1)  # (B, H W)
        return (scores.softmax(-1) * scores.size(-1)).view(-1, 1, *x.shape[2:])

    def combine(self, weights: Tensor, x: Tensor) -> Tensor:
        return gate(weights, x)

    def pool(self, x: Tensor) -> Tensor:
        """Σ_p α_p x_p, (B, C): attention pooling of x (B, C, H, W), in place of the mean before a classifier."""
        pooled: Tensor = self(x).mean((2, 3))
        return pooled
