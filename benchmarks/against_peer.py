"""Time and peak memory of passes against one that all are held beside, at one size."""

import sys
from collections.abc import Callable, Mapping
from functools import partial

from benchmarks import runner
from benchmarks.passes import Pass
from benchmarks.ratios import control, is_void, ratio
from benchmarks.report import Row
from benchmarks.runner import Measures

AGAIN = "again"
KEY = "cpu"  # with one thread it is the time itself, less what the machine did for others
MIB = 2**20

Make = Callable[[], Pass]
"""It makes the pass in the process that measures it, hence pickles."""


def time_rows(passes: Mapping[str, Make], peer: str, size: Mapping[str, int], *, rounds: int) -> list[Row]:
    """A row for each of the passes, by their names, of which `peer` is one."""
    arms = {name: partial(_seconds, make) for name, make in passes.items()}
    measured = runner.measure(arms | {AGAIN: arms[peer]}, rounds=rounds)
    trust = control(measured, peer, AGAIN, KEY)
    rows: list[Row] = []
    for name in passes:
        ours = measured[name]
        against = ratio([m[KEY] for m in ours], [m[KEY] for m in measured[peer]])
        print(f"{name}, {dict(size)}: {against.median:.3f} of {peer}", file=sys.stderr)
        rows.append(
            {
                "mechanism": name,
                "measure": "time",
                **size,
                "peer": peer,
                "ratio": against.median,
                "low": against.low,
                "high": against.high,
                "control": trust,
                "void": is_void(trust),
                **{f"{key}_ms": 1000 * min(measures[key] for measures in ours) for key in ("cpu", "wall")},
            }
        )
    return rows


def peak_rows(passes: Mapping[str, Make], peer: str, size: Mapping[str, int]) -> list[Row]:
    """Likewise, once, as it is exact."""
    peaks = {name: runner.in_fresh_process(partial(_peak, make))["bytes"] for name, make in passes.items()}
    return [
        {
            "mechanism": name,
            "measure": "peak",
            **size,
            "peer": peer,
            "ratio": peaks[name] / peaks[peer],
            "mib": peaks[name] / MIB,
        }
        for name in passes
    ]


def _seconds(make: Make) -> Measures:
    return make().seconds()


def _peak(make: Make) -> Measures:
    return make().peak()
