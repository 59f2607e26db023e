"""Values of a task that can't be."""


def check_share(key: str, value: float) -> None:
    """ValueError for what isn't in [0, 1)."""
    if not 0 <= value < 1:
        raise ValueError(f"{key} must lie in [0, 1), got {value} (set task.{key})")


def check_least(key: str, value: float, least: int) -> None:
    """ValueError for less than `least`."""
    if value < least:
        raise ValueError(f"{key} must be {least} or more, got {value} (set task.{key})")
