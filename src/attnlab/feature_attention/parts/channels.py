"""How channels may be divided: among the heads of a query-key-value attention, or into fewer."""

from attnlab.errors import at_least


def check_num_heads(channels: int, num_heads: int) -> None:
    """ValueError unless the heads divide the channels."""
    at_least(1, "feature_attention", num_heads=num_heads)
    if channels % num_heads:
        raise ValueError(
            f"the channels must be divisible by the heads, got {channels} channels and {num_heads} heads "
            "(set feature_attention.num_heads)"
        )


def reduced_channels(channels: int, reduction: int, *, least: int = 1) -> int:
    """C / r, rounded down.

    Raises ValueError if `reduction` isn't positive or fewer than `least` channels are left.
    """
    at_least(1, "feature_attention", reduction=reduction)
    hidden = channels // reduction
    if hidden < least:
        raise ValueError(
            f"the reduction must leave at least {least} of the channels, got {channels} channels and a reduction of "
            f"{reduction} (set feature_attention.reduction)"
        )
    return hidden
