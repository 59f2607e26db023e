"""The one thing to check before channels are handed to a query-key-value attention."""


def check_num_heads(channels: int, num_heads: int) -> None:
    """ValueError unless the heads divide the channels."""
    if num_heads < 1 or channels % num_heads:
        raise ValueError(
            f"the channels must be divisible by the heads, got {channels} channels and {num_heads} heads "
            "(set feature_attention.num_heads)"
        )
