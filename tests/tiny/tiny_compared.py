"""Run folders, with their configurations, that were never trained: right where they are told to be."""

import json
from collections.abc import Mapping, Sequence
from copy import deepcopy
from pathlib import Path
from typing import Any

import numpy as np
from tiny_runs import EXAMPLES, finished_run

CONFIG: dict[str, Any] = {
    "attention": {
        "_target_": "attnlab.attention.MultiHeadAttention",
        "core": {"_target_": "attnlab.attention.UniformAttention", "window": None, "seed": 3},
    },
    "task": {"_target_": "attnlab.tasks.ImageClassificationTask", "monitor": "val/loss", "mode": "min"},
    "model": {"_target_": "attnlab.models.ResNet", "dim": 8, "num_heads": 2},
    "data": {"_target_": "attnlab.data.FashionMnist", "seed": 0, "root": "here", "cache_dir": None},
    "trainer": {"_target_": "attnlab.runs.trainer.TrainerSettings", "max_steps": 2, "enable_progress_bar": False},
    "callbacks": {"maps": {"_target_": "attnlab.callbacks.AttentionMaps", "num_examples": 4}},
    "logger": {},
    "verdict": {"metric": "accuracy", "margins": {"accuracy": 0.05}},
    "seed": 0,
    "fresh": False,
}


def config_of(attention: str = "uniform", *, seed: int = 0, **changed: Any) -> dict[str, Any]:
    """A configuration, with other values by dotted keys that have `__` for a dot."""
    config = deepcopy(CONFIG)
    config["attention"]["core"]["_target_"] = f"attnlab.attention.{attention.title().replace('_', '')}Attention"
    config["seed"] = config["data"]["seed"] = seed
    for key, value in changed.items():
        *parents, last = key.split("__")
        node = config
        for parent in parents:
            node = node[parent]
        node[last] = value
    config["model"]["attention"] = deepcopy(config["attention"])
    return config


def write_run(
    folder: Path,
    attention: str = "uniform",
    *,
    seed: int = 0,
    right: float | None = 0.5,
    record: dict[str, Any] | None = None,
    **changed: Any,
) -> Path:
    """A run that is right in about a share of examples; with None for it, one that didn't finish.

    `record` changes what `metrics.json` says.
    """
    config = config_of(attention, seed=seed, **changed)
    if right is None:
        folder.mkdir(parents=True)
    else:
        hits = [int(each) for each in np.random.default_rng([seed, len(attention)]).random(EXAMPLES) < right]
        best = {"monitor": "val/loss", "score": 0.5, "step": 2}
        finished_run(folder, hits, seed=seed, **{"results": 3, "best": best} | (record or {}))
    place = {"output_dir": str(folder), "output_root": "outputs", "run_path": "a/b/c", "name": str(folder)}
    (folder / "config.json").write_text(json.dumps(config | place | {"results": 3}))
    return folder


def write_runs(folder: Path, attention: str, *, seeds: range, **changed: Any) -> list[Path]:
    """One of each seed."""
    return [write_run(folder / f"{attention}{seed}", attention, seed=seed, **changed) for seed in seeds]


def write_record(folder: Path, runs: Mapping[str, Path | None]) -> Path:
    """A sweep's record of how each run ended, `{"0 diverged": FOLDER}`."""
    folder.mkdir(parents=True)
    for number_status, run in runs.items():
        number, status = number_status.split(" ", 1)
        entry = {"overrides": ["seed=1"], "output_dir": run and str(run), "score": None, "status": status}
        (folder / f"{number}.json").write_text(json.dumps(entry))
    return folder


def write_study_folder(root: Path, runs: Sequence[Path], *, arms: Sequence[str] = (), **asked: Any) -> Path:
    """A study's, below the root of outputs, that planned these runs; it has recorded nothing of them yet.

    `arms` are the runs', all "dot" unless given.
    """
    folder = root / "studies" / "small" / "0123456789"
    (folder / "jobs").mkdir(parents=True)
    names = arms or ["dot"] * len(runs)
    each = enumerate(zip(runs, names, strict=True))
    jobs = [{"arm": arm, "seed": number, "folder": str(run)} for number, (run, arm) in each]
    (folder / "plan.json").write_text(json.dumps({"study": "small", "folder": str(folder), "jobs": jobs} | asked))
    return folder
