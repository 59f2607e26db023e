"""The metric by which the best checkpoint is chosen."""

from collections.abc import Sequence

BETTER_SMALL = ("loss", "perplexity", "calibration_error")  # of all that tasks measure in validation


def check_monitored(monitor: str, mode: str, *, measured: Sequence[str]) -> None:
    """ValueError for a metric that isn't `measured`, as `val/loss`, and for a mode that would keep its worst value."""
    if monitor not in measured:
        raise ValueError(f"monitor must be one of {', '.join(measured)}, got {monitor!r} (set task.monitor)")
    better = "min" if monitor.removeprefix("val/") in BETTER_SMALL else "max"
    if mode != better:
        raise ValueError(f"mode must be {better} for {monitor}, got {mode!r} (set task.mode)")
