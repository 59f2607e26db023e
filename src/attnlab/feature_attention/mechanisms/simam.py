"""SimAM."""

from torch import Tensor, nn

from attnlab.errors import above_zero, between
from attnlab.feature_attention.contract import Properties
from attnlab.feature_attention.parts.gates import gate


class SimamFeatureAttention(nn.Module):
    """What stands out from its channel is opened: a neuron counts by how easily a line parts it from the others.

    w_cp = σ(d_cp / (4 (v_c + λ)) + 1/2),   d_cp = (x_cp - mean_p x_cp)²,   v_c = Σ_p d_cp / (H W - 1)
    (Yang et al., 2021, eqs. 5 and 6: σ(1 / e*).) It has no parameters. Differs from the paper, as its code does: the
    variance is divided by H W - 1, not by H W.

    Cost: time P C, memory P C.

    Raises ValueError unless `regularisation`, the paper's λ, is positive.
    """

    properties = Properties(weights_over="both", equivariant_to="positions")

    def __init__(self, channels: int, *, max_size: tuple[int, int], regularisation: float = 1e-4) -> None:
        super().__init__()
        above_zero("feature_attention", regularisation=regularisation)
        # Less is nothing beside a float32 variance, and 0 / 0 where a channel is constant.
        between(1e-12, 1e6, "feature_attention", regularisation=regularisation)
        self.regularisation = regularisation

    def forward(self, x: Tensor) -> Tensor:
        return self.combine(self.weights(x), x)

    def weights(self, x: Tensor) -> Tensor:
        deviation = (x - x.mean((2, 3), keepdim=True)).square()
        degrees_of_freedom = max(1, x.size(2) * x.size(3) - 1)  # a single position deviates by zero
        variance = deviation.sum((2, 3), keepdim=True) / degrees_of_freedom
        return (deviation / (4 * (variance + self.regularisation)) + 0.5).sigmoid()

    def combine(self, weights: Tensor, x: Tensor) -> Tensor:
        return gate(weights, x)
