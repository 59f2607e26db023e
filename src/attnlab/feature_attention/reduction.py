"""The width of the hidden layer that most gates have."""


def reduced_channels(channels: int, reduction: int, *, at_least: int = 1) -> int:
    """C / r, rounded down.

    Raises ValueError if `reduction` isn't positive or fewer than `at_least` channels are left.
    """
    if reduction < 1:
        raise ValueError(f"reduction must be at least 1, got {reduction} (set feature_attention.reduction)")
    hidden = channels // reduction
    if hidden < at_least:
        raise ValueError(
            f"the reduction must leave at least {at_least} of the channels, got {channels} channels and a reduction of "
            f"{reduction} (set feature_attention.reduction)"
        )
    return hidden
