"""Whether two run folders hold the same run, to the last bit of everything that isn't time."""

import csv
import json
from pathlib import Path
from typing import Any

import torch

from attnlab.runs import build, checkpoint

# Of metrics.json, what depends on the clock, or on how and from which commit the run was started.
TIME = ("wall_seconds", "command", "git_commit")


def curves(folder: Path) -> list[tuple[str, str, str]]:
    """The rows of metrics.csv that don't depend on the clock."""
    with (folder / "metrics.csv").open() as file:
        return [(r["step"], r["metric"], r["value"]) for r in csv.DictReader(file) if "per_second" not in r["metric"]]


def metrics(folder: Path) -> dict[str, Any]:
    """metrics.json without what depends on the clock."""
    found = json.loads((folder / "metrics.json").read_text())
    return {key: value for key, value in found.items() if key not in TIME and not key.endswith("_per_second")}


def _made(folder: Path) -> dict[str, bytes]:
    """What the trained model did: predictions, or samples, and what they add to its scores."""
    files = [*folder.glob("predictions.jsonl"), *folder.glob("examples.jsonl"), *folder.glob("samples/*")]
    return {path.name: path.read_bytes() for path in files}


def assert_same_run(one: Path, other: Path) -> None:
    for name in ("last.ckpt", "best.ckpt"):
        mine, theirs = (checkpoint.load(folder / "checkpoints" / name) for folder in (one, other))
        assert mine["global_step"] == theirs["global_step"]
        for key in ("state_dict", "optimizer_states", "lr_schedulers"):
            assert same(mine[key], theirs[key]), f"{key} of {name} differs"
    assert curves(one) == curves(other)
    assert metrics(one) == metrics(other)
    made = _made(one)
    assert made
    assert made == _made(other)


def assert_in_mid_pass(folder: Path) -> None:
    """That a run of one process was left between two batches of one pass over its training data."""
    path = folder / "checkpoints" / "last.ckpt"
    stored = checkpoint.load(path)
    data = build.build_data(checkpoint.config_of(stored, path))
    data.prepare_data()
    data.setup("fit")
    left, number = stored["callbacks"]["attnlab.Checkpoints"]["batches"], 0
    while left > 0:
        left -= data.num_train_batches(number, 1)
        number += 1
    assert left < 0, f"{number} whole passes"


def same(one: Any, other: Any) -> bool:
    """Equality of nested values and tensors, bit for bit."""
    if isinstance(one, torch.Tensor):
        return isinstance(other, torch.Tensor) and torch.equal(one, other)
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    if isinstance(one, (list, tuple)):
        return len(one) == len(other) and all(same(a, b) for a, b in zip(one, other, strict=True))
    return bool(one == other)
