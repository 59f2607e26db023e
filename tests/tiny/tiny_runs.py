"""Folders of finished runs that were never trained: right where they are told to be."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

SCORES = {"accuracy": {"rule": "mean", "of": "accuracy", "part": ""}}
EXAMPLES = 43


def finished_run(folder: Path, hits: Sequence[int], *, seed: int, **changed: Any) -> Path:
    """A finished run that was right where `hits` say."""
    folder.mkdir(parents=True, exist_ok=True)
    head = {"schema": 1, "examples": len(hits), "clusters": None, "scores": SCORES}
    rows = [{"id": number, "cluster": number, "accuracy": [hit, 1]} for number, hit in enumerate(hits)]
    (folder / "examples.jsonl").write_text("".join(json.dumps(each) + "\n" for each in (head, *rows)))
    metrics = {"task": "image_classification", "seed": seed, "results": 2, "data": {"checksum": "abc"}}
    metrics |= {"test": {"accuracy": float(np.mean(hits))}, "signatures": {}}
    (folder / "metrics.json").write_text(json.dumps(metrics | changed))
    return folder


def arm_folders(folder: Path, *, right: float, seeds: int = 5, **changed: Any) -> list[Path]:
    """Runs that are right in about a share of examples."""
    draws = np.random.default_rng(7)
    return [
        finished_run(folder / str(seed), [int(each) for each in draws.random(EXAMPLES) < right], seed=seed, **changed)
        for seed in range(seeds)
    ]
