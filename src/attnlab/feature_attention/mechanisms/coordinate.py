"""Coordinate attention."""

import torch
from torch import Tensor, nn

from attnlab.feature_attention.contract import Properties
from attnlab.feature_attention.parts.channels import reduced_channels
from attnlab.feature_attention.parts.gates import gate

MIN_HIDDEN = 8  # the least in the authors' code


class CoordinateFeatureAttention(nn.Module):
    """Each channel is opened row by row and column by column, by its means along them: what it is and where.

    f = h(BN(W_1 [z^h; z^w])),   z^h_ci = mean_j x_cij,   z^w_cj = mean_i x_cij,   h the hard swish
    x'_cij = x_cij g^h_ci g^w_cj,   g^h = σ(W_h f^h),   g^w = σ(W_w f^w)      (Hou et al., 2021, eqs. 4 to 9)
    `weights` are g^h g^w, over both. Hidden channels are C/r, or 8 if that is more; W_1 has no bias before its norm.

    Cost: time P C + (H + W) C²/reduction, memory P C.

    Raises ValueError unless `reduction`, the paper's r, is positive.
    """

    properties = Properties(weights_over="both", equivariant_to="lines")

    def __init__(self, channels: int, *, max_size: tuple[int, int], reduction: int = 32) -> None:
        super().__init__()
        hidden = max(MIN_HIDDEN, reduced_channels(channels, reduction, least=0))
        self.reduce = nn.Sequential(nn.Conv1d(channels, hidden, 1, bias=False), nn.BatchNorm1d(hidden), nn.Hardswish())
        self.row_gate = nn.Conv1d(hidden, channels, 1)  # W_h
        self.column_gate = nn.Conv1d(hidden, channels, 1)  # W_w

    def forward(self, x: Tensor) -> Tensor:
        return self.combine(self.weights(x), x)

    def weights(self, x: Tensor) -> Tensor:
        rows, columns = self.row_and_column(x)
        return rows[:, :, :, None] * columns[:, :, None, :]

    def row_and_column(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """The two gates, g^h (B, C, H) and g^w (B, C, W)."""
        means = torch.cat([x.mean(3), x.mean(2)], dim=2)  # (B, C, H + W)
        rows, columns = self.reduce(means).split([x.size(2), x.size(3)], dim=2)
        return self.row_gate(rows).sigmoid(), self.column_gate(columns).sigmoid()

    def combine(self, weights: Tensor, x: Tensor) -> Tensor:
        return gate(weights, x)
