"""What a mechanism on feature maps must provide: the one contract of this package.

Shapes, in every file of the package: B batch, C channels, H height, W width; a position is one of the H W places.
"""

from dataclasses import dataclass
from typing import Literal, Protocol, runtime_checkable

from torch import Tensor

from attnlab.errors import naming_its_fields


@naming_its_fields
@dataclass(frozen=True, kw_only=True)
class Properties:
    """What holds of a mechanism; `attnlab.feature_attention.conformance.checks` holds it to its word.

    Of one that is built around query-key-value attention: what holds with scaled dot-product.
    """

    weights_over: Literal["channels", "positions", "both"] | None = None
    """What `weights` weigh: channels, (B, C); positions, (B, 1, H, W); both, (B, C, H, W). None: there are none."""
    weights_sum: Literal["one", "positions"] | None = None
    """What an image's weights over positions sum to: one, or the number of positions, so that their mean is one."""
    gates: bool = True
    """No weight is greater than one; none is ever negative."""
    equivariant_to: Literal["positions", "lines"] | None = None
    """What may be reordered in the input, which then reorders the output alike: any positions, or whole rows and whole
    columns only. None: neither, as with a convolution."""
    smooth: bool = True
    """Differentiable almost everywhere, so that gradients agree with finite differences."""


@runtime_checkable
class FeatureAttention(Protocol):
    """A mechanism on feature maps: an nn.Module that gives a map of the same shape, with more of what matters.

    It is built by `feature_attention(channels, max_size=)` and arguments of its own, all by keyword: `channels` is C
    and `max_size` the greatest height and width to come, from the config's caps. Every caller passes both to every
    mechanism, so that one can replace another; most have no use for `max_size`.

    An image's result never depends on the others in its batch, batch statistics in training aside.
    """

    properties: Properties

    def forward(self, x: Tensor) -> Tensor:
        """The map (B, C, H, W) of `x` (B, C, H, W), in the same dtype."""
        ...

    def __call__(self, x: Tensor) -> Tensor:
        """`forward` with its hooks, as nn.Module provides it."""
        ...


@runtime_checkable
class WeighingFeatureAttention(FeatureAttention, Protocol):
    """A mechanism whose weights can be seen; those around query-key-value attention leave that to their cores.

    `forward(x)` is `combine(weights(x), x)`, and calls `weights`, which is how `capture_feature_attention` sees them.
    """

    def weights(self, x: Tensor) -> Tensor:
        """The weights that `x` (B, C, H, W) is given, shaped as `properties.weights_over` says; differentiable."""
        ...

    def combine(self, weights: Tensor, x: Tensor) -> Tensor:
        """The map (B, C, H, W) that given weights make of `x`; for most mechanisms their product."""
        ...


def is_feature_attention(module: object) -> bool:
    """Whether this is a mechanism on feature maps; the properties of query-key-value cores are of another class."""
    return isinstance(module, FeatureAttention) and isinstance(module.properties, Properties)
