"""The word of every mechanism that has a parameter for each position, and so an end to its positions."""


def require_length(length: int, max_length: int) -> None:
    """Raise ValueError if a sequence of `length` positions is longer than `max_length`."""
    if length > max_length:
        raise ValueError(
            f"sequences must be at most {max_length} tokens long, got {length} "
            "(set data.max_source_length or data.max_target_length)"
        )
