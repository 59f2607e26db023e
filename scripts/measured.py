"""What the benchmarks measured of each mechanism, for the reference."""

import json
from pathlib import Path
from typing import Any, NamedTuple

from cost_figure import Costs, Curve


class Measured(NamedTuple):
    costs: dict[str, Costs]
    """By mechanism: time and peak memory under a padding mask."""
    machine: str

    @classmethod
    def read(cls, folder: Path) -> "Measured":
        """The results of attention-time and attention-memory; exits with a line where they are missing."""
        time, memory = (_results(folder / f"{name}.json") for name in ("attention-time", "attention-memory"))
        times: dict[str, Curve] = {}
        for row in time["rows"]:
            if row["case"] == "mask":
                _append(times, row["mechanism"], row["length"], row["cpu_ms"])
        peaks: dict[str, Curve] = {}
        for row in memory["rows"]:
            if row["measure"] == "peak" and row["arm"] == "ours":
                _append(peaks, row["mechanism"], row["length"], row["mib"])
        machine = time["machine"]
        described = f"{machine['cpu']}, {time['threads']} thread, torch {machine['torch']}"
        return cls({name: Costs(times[name], peaks[name]) for name in times if name in peaks}, described)


def _results(path: Path) -> dict[str, Any]:
    if not path.is_file():
        raise SystemExit(f"error: the reference needs measurements, {path} is missing (run make bench)")
    results: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return results


def _append(curves: dict[str, Curve], name: str, length: int, value: float) -> None:
    curve = curves.setdefault(name, Curve([], []))
    curve.lengths.append(length)
    curve.values.append(value)
