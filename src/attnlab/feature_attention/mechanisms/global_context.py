"""The global context block."""

from torch import Tensor, nn

from attnlab.feature_attention.contract import Properties
from attnlab.feature_attention.parts.channels import reduced_channels
from attnlab.feature_attention.parts.gates import gate

MIN_HIDDEN = 2


class GlobalContextFeatureAttention(nn.Module):
    """Positions are pooled by learned weights; what a network makes of the result is added to every position.

    x'_p = x_p + W_2 ReLU(LN(W_1 Σ_q α_q x_q)),   α_q = softmax_q(w · x_q)        (Cao et al., 2019, eq. 5)
    `weights` are α, over positions. W_2 starts at zero, as in the authors' code, and with it the block as the identity.

    Hidden channels are C/r, or two if that is more: a norm of one is constant.

    Cost: time P C + C²/reduction, memory P C.

    Raises ValueError unless `reduction`, the paper's r, is positive.
    """

    properties = Properties(weights_over="positions", weights_sum="one", equivariant_to="positions")

    def __init__(self, channels: int, *, max_size: tuple[int, int], reduction: int = 16) -> None:
        super().__init__()
        hidden = max(MIN_HIDDEN, reduced_channels(channels, reduction, least=0))
        self.score = nn.Conv2d(channels, 1, 1, bias=False)  # a bias would cancel in the softmax
        self.network = nn.Sequential(
            nn.Linear(channels, hidden), nn.LayerNorm(hidden), nn.ReLU(), last := nn.Linear(hidden, channels)
        )
        nn.init.zeros_(last.weight)
        nn.init.zeros_(last.bias)

    def forward(self, x: Tensor) -> Tensor:
        return self.combine(self.weights(x), x)

    def weights(self, x: Tensor) -> Tensor:
        scores: Tensor = self.score(x)  # (B, 1, H, W)
        return scores.flatten(2).softmax(-1).view_as(scores)

    def combine(self, weights: Tensor, x: Tensor) -> Tensor:
        context = gate(weights, x).sum((2, 3))  # (B, C)
        added: Tensor = self.network(context)
        return x + added[:, :, None, None]
