"""Neighbourhood attention."""

import torch
from torch import Tensor, nn

from attnlab.attention.core import Properties, Role
from attnlab.attention.parts.grid_windows import (
    attended_in_windows,
    distance_bias,
    grid_mask,
    nearest_axis,
    nearest_mask,
    weights_in_windows,
)
from attnlab.attention.parts.windows import check_window
from attnlab.attention.places import Places, require_self
from attnlab.errors import between


class NeighbourhoodAttention(nn.Module):
    """Each place of a map sees the square of places around it, as many at the border as in the middle.

    w_ij = softmax_j(q_i · k_j / sqrt(Dh) + b_{j-i}) over the window by window places nearest to i
    (Hassani et al., 2023, eqs. 1-3.) At a border the square keeps within the map, so that i isn't in its middle there.
    The bias b of a distance, by row and by column, is learned for each head and starts at zero. Keys without a place,
    as a class token, see all and are seen by all. In a map with padding the border is the map's, and a query whose
    whole window is masked gets zeros. A window as large as the map is `scaled_dot` with b.

    Cost: time T · window² · D, memory T · window² · H. Queries go in tiles, which also look at the keys in between.

    Raises ValueError for a window that is even or not in 3 to 1,023, RoleError for the roles causal and cross.
    """

    uses = frozenset({"query", "key"})
    properties = Properties(permutation_equivariant=False)
    on_places = True
    undecayed = frozenset({"table"})

    def __init__(
        self, *, num_heads: int, head_dim: int, role: Role, max_length: int, dropout: float, window: int = 3
    ) -> None:
        super().__init__()
        require_self("neighbourhood", role)
        check_window(window)
        between(3, 1023, "attention.core", window=window)
        self.scale = head_dim**-0.5
        self.dropout = dropout
        self.window = window
        self.table = nn.Parameter(torch.zeros(num_heads, 2 * window - 1, 2 * window - 1))

    def forward(
        self,
        q: Tensor,
        k: Tensor,
        v: Tensor,
        *,
        places: Places,
        key_mask: Tensor | None = None,
        bias: Tensor | None = None,
    ) -> Tensor:
        rows, columns = (nearest_axis(size, window=self.window, device=q.device) for size in places.one_grid())
        return attended_in_windows(
            q,
            k,
            v,
            rows=rows,
            columns=columns,
            num_extra=places.num_extra(k.size(-2)),
            table=self.table,
            scale=self.scale,
            key_mask=key_mask,
            bias=bias,
            dropout=self.dropout if self.training else 0.0,
        )

    def weights(
        self, q: Tensor, k: Tensor, *, places: Places, key_mask: Tensor | None = None, bias: Tensor | None = None
    ) -> Tensor:
        grid, num_extra = places.one_grid(), places.num_extra(k.size(-2))
        rows, columns = (nearest_mask(size, window=self.window, device=q.device) for size in grid)
        return weights_in_windows(
            q,
            k,
            near=grid_mask(rows, columns, num_extra=num_extra).unsqueeze(0),
            distances=distance_bias(self.table, grid, num_extra=num_extra),
            scale=self.scale,
            key_mask=key_mask,
            bias=bias,
        )

    def combine(self, weights: Tensor, v: Tensor) -> Tensor:
        return weights @ v
