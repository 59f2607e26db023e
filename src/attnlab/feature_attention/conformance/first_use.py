"""What must work before a check can say anything: a mechanism on feature maps, called once with nothing special."""

from attnlab.attention.conformance.inputs import require_numbers, require_shape
from attnlab.feature_attention.conformance.inputs import SIZES, FeatureFactory, build, feature_map


def use_on_maps(factory: FeatureFactory) -> None:
    """Call a mechanism once.

    Raises:
        AssertionError: it gives something of another shape, or no numbers.
        Exception: whatever it raises.
    """
    x = feature_map(SIZES[0])
    output = build(factory)(x)
    require_shape(output, tuple(x.shape), "`forward` must give (B, C, H, W) as it came in")
    require_numbers(forward=output)
