"""The metric by which the best checkpoint is chosen."""

from collections.abc import Sequence

BETTER_SMALL = ("loss", "perplexity", "calibration_error")  # of all that tasks measure in validation
BETTER_SMALL_OF_ANY = ("fid_", "kid_")  # which a name follows


def check_monitored(monitor: str, mode: str, *, measured: Sequence[str]) -> None:
    """ValueError for a metric that isn't `measured`, as `val/loss`, and for a mode that would keep its worst value."""
    if monitor not in measured:
        raise ValueError(f"monitor must be one of {', '.join(measured)}, got {monitor!r} (set task.monitor)")
    name = monitor.removeprefix("val/")
    better = "min" if name in BETTER_SMALL or name.startswith(BETTER_SMALL_OF_ANY) else "max"
    if mode != better:
        raise ValueError(f"mode must be {better} for {monitor}, got {mode!r} (set task.mode)")
