"""Whether training ended while arms still improved: their order, then, may be that of how fast they learn."""

from collections.abc import Mapping, Sequence
from math import isfinite
from pathlib import Path
from statistics import fmean
from typing import Any, NamedTuple

from attnlab.errors import UserError
from attnlab.reading.metric_rows import metric_rows

Trained = tuple[Path, Mapping[str, Any]]
"""A finished run: its folder, and its `metrics.json`."""


class Gain(NamedTuple):
    """An arm's means of the monitored score of validation halfway through training, and at its end."""

    arm: str
    halfway: float
    end: float
    steps: tuple[int, int]

    @property
    def gained(self) -> float:
        """Up or down, whichever is the better."""
        return abs(self.end - self.halfway)


class StillImproving(NamedTuple):
    """How many arms improved to the end, the one that gained most, and those whose test can't get better."""

    monitor: str
    improving: int
    arms: int
    most: Gain
    at_best: tuple[str, ...] = ()


def still_improving(
    arms: Mapping[str, Sequence[Trained]], *, metric: str, margin: float | None, at_best: Sequence[str] = ()
) -> StillImproving | None:
    """None unless most arms did: every run was best at its last validation, and the second half gained what matters.

    The margin says what matters where validation goes by the score that is judged; else any gain does. Arms whose test
    score is the best there is, `at_best`, are among all, and not among those that improved: nothing can come of it.
    """
    monitors = {str(_best(record).get("monitor") or "") for runs in arms.values() for _, record in runs}
    if len(monitors) != 1 or not (monitor := monitors.pop()):
        return None
    least = margin if margin is not None and monitor == f"val/{metric}" else 0.0
    found = [_gain(arm, runs, monitor) for arm, runs in arms.items() if runs]
    open_still = [each for each in found if each is not None and each.arm not in at_best]
    gains = [each for each in open_still if each.end != each.halfway and each.gained >= least]
    if 2 * len(gains) <= len(found):
        return None
    most = max(gains, key=lambda each: each.gained)
    return StillImproving(monitor, len(gains), len(found), most, tuple(at_best))


def _gain(arm: str, runs: Sequence[Trained], monitor: str) -> Gain | None:
    """None of an arm one of whose runs had stopped improving, or has no log of it."""
    logs = []
    for folder, record in runs:
        log = _log(folder, monitor)
        if len(log) < 2 or _best(record).get("step") != max(log):
            return None
        logs.append(log)
    shared = sorted(set.intersection(*map(set, logs)))
    if len(shared) < 2:
        return None
    end = shared[-1]
    half = max((step for step in shared if 2 * step <= end), default=shared[0])
    means = [fmean(log[step] for log in logs) for step in (half, end)]
    return Gain(arm, means[0], means[1], (half, end)) if all(map(isfinite, means)) else None


def _log(folder: Path, monitor: str) -> dict[int, float]:
    """By update; nothing of a log that can't be read, without which a run is judged all the same."""
    try:
        rows = list(metric_rows(folder / "metrics.csv"))
    except (OSError, UserError):
        return {}
    return {step: values[monitor] for step, values in rows if monitor in values}


def _best(record: Mapping[str, Any]) -> Mapping[str, Any]:
    best = record.get("best")
    return best if isinstance(best, Mapping) else {}
