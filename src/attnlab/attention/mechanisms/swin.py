"""Shifted-window attention."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from attnlab.attention.core import Properties, Role
from attnlab.attention.parts.grid_windows import (
    attended_in_windows,
    distance_bias,
    grid_mask,
    tiled_axis,
    tiled_mask,
    weights_in_windows,
)
from attnlab.attention.places import Places, require_self
from attnlab.errors import between


class SwinAttention(nn.Module):
    """A map is cut into square windows, in which all places see each other; for every other head half a window on.

    w_ij = softmax_j(q_i · k_j / sqrt(Dh) + b_{j-i}) over the places j of i's window        (Liu et al., 2021, eq. 4)
    Windows of heads 0, 2, ... begin in the first corner, those of heads 1, 3, ... window // 2 rows and columns before
    it, and are cut off at the border. The bias b of a distance, by row and by column, is learned for each head. Keys
    without a place, as a class token, see all and are seen by all. Differs from the paper: heads take turns at the
    shift, not layers, so windows never meet where there is one head alone; b starts at zero. A window as large as the
    map is `scaled_dot` with b.

    Cost: time T · window² · D, memory T · window² · H.

    Raises ValueError for a window that isn't in 2 to 1,023, RoleError for the roles causal and cross.
    """

    uses = frozenset({"query", "key"})
    properties = Properties(permutation_equivariant=False)
    on_places = True
    undecayed = frozenset({"table"})

    def __init__(
        self, *, num_heads: int, head_dim: int, role: Role, max_length: int, dropout: float, window: int = 4
    ) -> None:
        super().__init__()
        require_self("swin", role)
        between(2, 1023, "attention.core", window=window)
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
        bias = None if bias is None else bias.expand(*q.shape[:-1], k.size(-2))
        num_heads, num_turns = q.size(1), min(2, q.size(1))
        outputs = []
        for turn in range(num_turns):
            of = slice(turn, None, 2)
            rows, columns = (
                tiled_axis(size, window=self.window, shift=self._shift(turn), device=q.device)
                for size in places.one_grid()
            )
            output = attended_in_windows(
                q[:, of],
                k[:, of],
                v[:, of],
                rows=rows,
                columns=columns,
                num_extra=places.num_extra(k.size(-2)),
                table=self.table[of],
                scale=self.scale,
                key_mask=key_mask,
                bias=None if bias is None else bias[:, of],
                dropout=self.dropout if self.training else 0.0,
            )
            outputs.append(output)
        order = [*range(0, num_heads, 2), *range(1, num_heads, 2)]
        return torch.cat(outputs, dim=1)[:, [order.index(head) for head in range(num_heads)]]

    def weights(
        self, q: Tensor, k: Tensor, *, places: Places, key_mask: Tensor | None = None, bias: Tensor | None = None
    ) -> Tensor:
        grid, num_extra = places.one_grid(), places.num_extra(k.size(-2))
        near = torch.stack(
            [self._same_window(grid, shift=self._shift(head), device=q.device) for head in range(q.size(1))]
        )
        return weights_in_windows(
            q,
            k,
            near=F.pad(near, (num_extra, 0, num_extra, 0), value=True),
            distances=distance_bias(self.table, grid, num_extra=num_extra),
            scale=self.scale,
            key_mask=key_mask,
            bias=bias,
        )

    def combine(self, weights: Tensor, v: Tensor) -> Tensor:
        return weights @ v

    def _shift(self, head: int) -> int:
        return head % 2 * (self.window // 2)

    def _same_window(self, grid: tuple[int, int], *, shift: int, device: torch.device) -> Tensor:
        """(h w, h w) bool."""
        rows, columns = (tiled_mask(size, window=self.window, shift=shift, device=device) for size in grid)
        return grid_mask(rows, columns, num_extra=0)
