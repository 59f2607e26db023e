"""No attention."""

from torch import Tensor, nn

from attnlab.feature_attention.contract import Properties


class NoneFeatureAttention(nn.Module):
    """The map goes through as it is: the control that any mechanism has to beat.

    Cost: time 0, memory 0.
    """

    properties = Properties(equivariant_to="positions")

    def __init__(self, channels: int, *, max_size: tuple[int, int]) -> None:
        super().__init__()

    def forward(self, x: Tensor) -> Tensor:
        return x
