"""Attention between all positions."""

from collections.abc import Callable

import torch
from torch import Tensor, nn

from attnlab.attention.places import Places, on_places, told_grid, with_places
from attnlab.feature_attention.contract import Properties
from attnlab.feature_attention.parts.channels import check_num_heads


class NonLocalFeatureAttention(nn.Module):
    """Every position attends to every other, by any query-key-value mechanism.

    x' = x + γ attention(x), x as a sequence of its H W positions, row by row
    (Wang et al., 2018, eq. 6; γ is SAGAN's, Zhang et al., 2019, eq. 3.) The gain γ is learned and starts at zero, and
    with it the block as the identity. Differs from both papers: query, key and value are as wide as x, not C/2 or C/8.
    The weights (B, heads, H W, H W) are the core's: `attnlab.attention.capture_attention` sees them.

    Cost: time P² C + P C², memory P C. With scaled_dot; another mechanism's cost is that of a sequence of P.

    Args:
        channels: C, divisible by `num_heads`.
        max_size: the greatest height and width to come; their product is the attention's `max_length`.
        attention: the factory of a query-key-value attention, `attention(dim, num_heads=, role=, max_length=)`.
        num_heads: heads, each on C / num_heads channels; the papers have one.

    Raises:
        ValueError: heads that don't divide C; from the attention, RoleError if it can't serve the role self.
    """

    properties = Properties(equivariant_to="positions")

    def __init__(
        self,
        channels: int,
        *,
        max_size: tuple[int, int],
        attention: Callable[..., nn.Module],
        num_heads: int = 1,
    ) -> None:
        super().__init__()
        check_num_heads(channels, num_heads)
        height, width = max_size
        attention = told_grid(attention, max_size)
        self.attention = attention(channels, num_heads=num_heads, role="self", max_length=height * width)
        self.gain = nn.Parameter(torch.zeros(()))

    def forward(self, x: Tensor) -> Tensor:
        positions = x.flatten(2).mT  # (B, H W, C)
        height, width = x.shape[2:]
        placed = with_places(Places(((height, width),)) if on_places(self.attention.core) else None)
        attended: Tensor = self.attention(positions, **placed)
        return x + self.gain * attended.mT.reshape(x.shape)
