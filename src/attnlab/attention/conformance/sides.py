"""Cores that declare sides, for whatever knows q, k and v alone."""

import torch
from torch import Tensor, nn

from attnlab.attention.conformance.grids import OnGrid
from attnlab.attention.core import Core, Properties, Sides, reads, sides_of, with_side


class SidesFromQueryAndKey(nn.Module):
    """A core with sides in the shape of one without: each is a fixed random mixture of the channels of q or of k.

    So what is asked of q and k, as that a masked key changes nothing, is asked of the sides, too. `combine` takes those
    of the last call of `forward` or `weights`.
    """

    def __init__(self, core: Core) -> None:
        super().__init__()
        self.core = core
        self._last: Sides = {}

    @property
    def uses(self) -> frozenset[str]:
        """Where sides come from counts as used."""
        return reads(self.core)

    @property
    def properties(self) -> Properties:
        return self.core.properties

    def sides(self, q: Tensor, k: Tensor) -> Sides:
        """Those of the core, by name, of unit variance where q and k are."""
        return {
            name: _mixture(q if side.source == "query" else k, side.width, seed)
            for seed, (name, side) in enumerate(sides_of(self.core).items())
        }

    def forward(
        self, q: Tensor, k: Tensor, v: Tensor, *, key_mask: Tensor | None = None, bias: Tensor | None = None
    ) -> Tensor:
        self._last = self.sides(q, k)
        output: Tensor = self.core(q, k, v, key_mask=key_mask, bias=bias, **with_side(self._last))
        return output

    def weights(self, q: Tensor, k: Tensor, *, key_mask: Tensor | None = None, bias: Tensor | None = None) -> Tensor:
        self._last = self.sides(q, k)
        return self.core.weights(q, k, key_mask=key_mask, bias=bias, **with_side(self._last))

    def combine(self, weights: Tensor, v: Tensor) -> Tensor:
        return self.core.combine(weights, v, **with_side(self._last))


def without_wrapper(core: object) -> object:
    """A core itself, whether or not it was wrapped."""
    return without_wrapper(core.core) if isinstance(core, SidesFromQueryAndKey | OnGrid) else core


def _mixture(x: Tensor, width: int, seed: int) -> Tensor:
    generator = torch.Generator().manual_seed(seed)
    mixture = torch.randn(x.size(-1), width, generator=generator, dtype=torch.float64) / x.size(-1) ** 0.5
    mixed: Tensor = x @ mixture.to(x)
    return mixed
