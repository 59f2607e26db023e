"""Attention along rows, then along columns."""

from collections.abc import Callable

import torch
from torch import Tensor, nn

from attnlab.attention.places import NeedsGrid
from attnlab.feature_attention.contract import Properties
from attnlab.feature_attention.parts.channels import check_num_heads


class AxialFeatureAttention(nn.Module):
    """A position attends to its row, then to its column: two steps reach every other, for H + W pairs and not H W.

    y = x + γ_1 row_attention(x),   x' = y + γ_2 column_attention(y), each line a sequence of its own
    (Ho et al., 2019; Wang et al., 2020, who begin with columns.) Differs from both papers: no positional terms but what
    the mechanism has; the gains γ are learned and start at zero, as in `non_local`, and with them the block as the
    identity. The weights are the cores', (B H, heads, W, W) and (B W, heads, H, H), the lines of an image in a row:
    `attnlab.attention.capture_attention` sees them.

    Cost: time P (H + W) C + P C², memory P C. With scaled_dot; another mechanism's cost is that of sequences of H and
    of W.

    Args:
        channels: C, divisible by `num_heads`.
        max_size: the greatest height and width to come; the `max_length` of columns and of rows.
        attention: the factory of a query-key-value attention, `attention(dim, num_heads=, role=, max_length=)`.
        num_heads: heads, each on C / num_heads channels.

    Raises:
        ValueError: heads that don't divide C; from the attention, RoleError if it can't serve the role self, or lines.
    """

    properties = Properties(equivariant_to="lines")

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
        try:
            self.row_attention = attention(channels, num_heads=num_heads, role="self", max_length=width)
            self.column_attention = attention(channels, num_heads=num_heads, role="self", max_length=height)
        except NeedsGrid as refusal:
            raise NeedsGrid(f"rows and columns are lines: {refusal} (set attention)") from refusal
        self.row_gain = nn.Parameter(torch.zeros(()))
        self.column_gain = nn.Parameter(torch.zeros(()))

    def forward(self, x: Tensor) -> Tensor:
        x = x + self.row_gain * along_rows(self.row_attention, x)
        return x + self.column_gain * along_rows(self.column_attention, x.mT).mT


def along_rows(attention: nn.Module, x: Tensor) -> Tensor:
    """What each position of x (B, C, H, W) gathers from its row, (B, C, H, W)."""
    lines = x.permute(0, 2, 3, 1)  # (B, H, W, C)
    attended: Tensor = attention(lines.flatten(0, 1))  # (B H, W, C)
    return attended.reshape(lines.shape).permute(0, 3, 1, 2)
