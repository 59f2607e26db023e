"""What the benchmarks measured of each mechanism, for the reference."""

import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, NamedTuple

from cost_figure import Costs, Curve, Labels

SIZES = "time of a batch of 2048 tokens with 4 heads, peak memory of one sequence with 2 heads, each 32 wide"
TOKENS = Labels(size="length", time="time of 2048 tokens, ms", memory="peak memory, MiB")
MAPS = Labels(size="positions", time="time of 8192 positions, ms", memory="peak memory of 2 images, MiB")

Row = dict[str, Any]


class Measured(NamedTuple):
    """A mechanism's costs beside those of a reference, and how both were measured."""

    costs: Costs
    reference_name: str
    reference: Costs
    labels: Labels
    description: str


def read(folder: Path) -> dict[str, Measured]:
    """By mechanism; exits with a line where results are missing."""
    return _cores(folder) | _siblings(folder) | _on_maps(folder)


def _cores(folder: Path) -> dict[str, Measured]:
    time, memory = (_results(folder / f"{name}.json") for name in ("attention-time", "attention-memory"))
    masks = {"mask, causal": "a padding and a causal mask", "mask": "a padding mask"}  # the latter, of what has both
    found: dict[str, Measured] = {}
    for case, mask in masks.items():
        how = f"Forward and backward pass under {mask}, without projections; {SIZES}. {_machine(time)}"
        costs = _costs(
            (row for row in time["rows"] if row["case"] == case),
            (row for row in memory["rows"] if row["measure"] == "peak" and (row["arm"], row["case"]) == ("ours", case)),
            lambda row: row["length"],
        )
        found |= {name: Measured(each, "scaled_dot", costs["scaled_dot"], TOKENS, how) for name, each in costs.items()}
    return found


def _siblings(folder: Path) -> dict[str, Measured]:
    results = _results(folder / "sibling-attention.json")
    costs = _costs(*_by_measure(results), lambda row: row["length"])
    how = f"Forward and backward pass under a padding mask, both with their projections; {SIZES}. {_machine(results)}"
    reference = costs.pop("scaled_dot")
    return {name: Measured(each, "scaled_dot", reference, TOKENS, how) for name, each in costs.items()}


def _on_maps(folder: Path) -> dict[str, Measured]:
    results = _results(folder / "feature-attention.json")
    costs = _costs(*_by_measure(results), lambda row: row["height"] * row["width"])
    how = (
        "Forward and backward pass in training on square maps of 64 channels, beside a 3 × 3 convolution of 64 "
        f"channels to 64; time of a batch of 8192 positions, peak memory of 2 images. {_machine(results)}"
    )
    reference = costs.pop("convolution")
    return {name: Measured(each, "a convolution", reference, MAPS, how) for name, each in costs.items()}


def _by_measure(results: Row) -> tuple[list[Row], list[Row]]:
    times, peaks = ([row for row in results["rows"] if row["measure"] == measure] for measure in ("time", "peak"))
    return times, peaks


def _costs(times: Iterable[Row], peaks: Iterable[Row], size: Callable[[Row], int]) -> dict[str, Costs]:
    """Of the mechanisms with rows of both."""
    time = _curves(times, size, "cpu_ms")
    memory = _curves(peaks, size, "mib")
    return {name: Costs(time[name], memory[name]) for name in time if name in memory}


def _curves(rows: Iterable[Row], size: Callable[[Row], int], key: str) -> dict[str, Curve]:
    curves: dict[str, Curve] = {}
    for row in rows:
        curve = curves.setdefault(row["mechanism"], Curve([], []))
        curve.sizes.append(size(row))
        curve.values.append(row[key])
    return curves


def _results(path: Path) -> Row:
    if not path.is_file():
        raise SystemExit(f"error: the reference needs measurements, {path} is missing (run make bench)")
    results: Row = json.loads(path.read_text(encoding="utf-8"))
    return results


def _machine(results: Row) -> str:
    machine = results["machine"]
    described = f"{machine['cpu']}, {results['threads']} thread, torch {machine['torch']}"
    return f"{described}; measured by `make bench`."
