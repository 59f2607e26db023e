"""Attention among the places of a feature map, which know where they are."""

import torch
from torch import Tensor, nn

from attnlab.attention import MultiHeadAttention


class PlaceAttention(nn.Module):
    """x' = x + γ attention(x + p), the places of x as a sequence; p is learned for each row and each column.

    The gain γ is learned and starts at zero (Zhang et al., 2019, eq. 3), and with it the block as the identity.

    Args:
        size: height and width of the map.
        attention: the attention of `height * width` places, as wide as the map.
    """

    def __init__(self, channels: int, *, size: tuple[int, int], attention: MultiHeadAttention) -> None:
        super().__init__()
        height, width = size
        self.attention = attention
        self.row_positions = nn.Parameter(0.02 * torch.randn(channels, height, 1))
        self.column_positions = nn.Parameter(0.02 * torch.randn(channels, 1, width))
        self.gain = nn.Parameter(torch.zeros(()))

    def forward(self, x: Tensor) -> Tensor:
        places = (x + self.row_positions + self.column_positions).flatten(2).mT  # (B, H W, C)
        attended: Tensor = self.attention(places)
        return x + self.gain * attended.mT.reshape(x.shape)
