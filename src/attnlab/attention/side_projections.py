"""What the shell projects for a core besides q, k and v."""

from collections.abc import Mapping
from typing import Literal

from torch import Tensor, nn

from attnlab.attention.call_checks import projected
from attnlab.attention.core import Side


class SideProjections(nn.ModuleDict):
    """Those of a core's sides that come from one source, each a linear map without bias; often none.

    They start as torch's Linear does: from inputs of unit variance come numbers of about 0.6, whatever the width, so
    that gates begin near their bias. Raises ValueError for a name that can't be one.
    """

    def __init__(
        self, sides: Mapping[str, Side], source: Literal["query", "key"], *, in_dim: int, num_heads: int
    ) -> None:
        named = {name: side for name, side in sides.items() if side.source == source}
        for name in named:
            if not name.isidentifier() or hasattr(nn.ModuleDict, name):
                raise ValueError(f"a side's name must be an identifier that is no method of modules, got {name!r}")
        super().__init__({name: _linear(side, in_dim, num_heads) for name, side in named.items()})
        self.source = source
        self.num_heads = num_heads

    def forward(self, x: Tensor) -> dict[str, Tensor]:
        """x (B, T, in_dim) -> each (B, num_heads, T, width)."""
        return {name: self._split(projected(self.source, x, projection)) for name, projection in self.items()}

    def _split(self, x: Tensor) -> Tensor:
        width = x.size(-1) // self.num_heads  # -1 says nothing in an empty batch
        return x.view(*x.shape[:2], self.num_heads, width).transpose(1, 2)


def _linear(side: Side, in_dim: int, num_heads: int) -> nn.Module:
    out_dim = num_heads * side.width
    if side.rank is None:
        return nn.Linear(in_dim, out_dim, bias=False)
    return nn.Sequential(nn.Linear(in_dim, side.rank, bias=False), nn.Linear(side.rank, out_dim, bias=False))
