"""Runs as a table for the terminal: below each folder those in it."""

import time
from collections import Counter
from collections.abc import Sequence
from itertools import groupby

from attnlab.commands.list.found_runs import ListedRun
from attnlab.reporting.terminal.text import pad, score_text

UNITS = (("d", 86400), ("h", 3600), ("min", 60), ("s", 1))
NAMED = "a run may be named by the beginning of its hash, or as last"


def render(runs: Sequence[ListedRun], *, now: float | None = None) -> list[str]:
    """Lines; `now` in seconds since the epoch, from which ages count, else the clock's."""
    now = time.time() if now is None else now
    rows = [_row(run, now) for run in runs]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines: list[str] = []
    for parent, group in groupby(zip(runs, rows, strict=True), key=lambda each: each[0].folder.parent):
        lines.append(str(parent))
        for _, row in group:
            cells = [pad(cell, width) for cell, width in zip(row, widths, strict=True) if width]
            lines.append("  " + "  ".join(cells).rstrip())
    return [*lines, f"{_counted(runs)}; {NAMED}"]


def _row(run: ListedRun, now: float) -> list[str]:
    return [
        run.folder.name,
        run.state,
        age(now - run.trained_at),
        "" if run.seed is None else f"seed {run.seed}",
        run.mechanism,
        "  ".join(f"{name} {score_text(value)}" for name, value in run.scores.items()),
        run.arm,
    ]


def age(seconds: float) -> str:
    """`3 h` of so many seconds; less than one is none."""
    for unit, length in UNITS:
        if seconds >= length:
            return f"{int(seconds // length)} {unit}"
    return "0 s"


def _counted(runs: Sequence[ListedRun]) -> str:
    states = Counter(run.state for run in runs)
    return f"{len(runs)} runs: " + ", ".join(f"{number} {state}" for state, number in states.items())
