"""What a finished run leaves: `metrics.json` and `predictions.jsonl`, and what else there is in its folder."""

import errno
import json
import os
import platform
import shlex
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

from lightning.pytorch import Callback, Trainer

from attnlab.callbacks import FirstLosses, Throughput
from attnlab.callbacks.loggers import SummaryLogger
from attnlab.config import identity
from attnlab.data.module import DataModule
from attnlab.files import write_text
from attnlab.models.layers.slots import slots_of
from attnlab.runs import example_records
from attnlab.runs.checkpoints import Checkpoints
from attnlab.runs.coverage import covered, partial_warnings
from attnlab.runs.instantiation import resolve
from attnlab.runs.run_folder import leaves
from attnlab.runs.surroundings import git_commit, hardware, lock_hash
from attnlab.tasks.abilities import RecordsExamples
from attnlab.tasks.task import Task

SCHEMA = 1
FILES = {  # what is written here
    "metrics.json": "scores",
    "predictions.jsonl": "test predictions",
    "examples.jsonl": "scores by example",
}
RECORDED = (
    "torch",
    "torchvision",
    "lightning",
    "hydra-core",
    "tokenizers",
    "sacrebleu",
    "rouge-score",
    "seqeval",
    "pytorch-crf",
    "faster-coco-eval",
    "torchmetrics",
    "wandb",
    "numpy",
    "pillow",
)


@runtime_checkable
class _Warns(Protocol):
    """Has found something out that belongs with the results."""

    warnings: list[dict[str, Any]]


@runtime_checkable
class _LeavesFiles(Protocol):
    """The class of what leaves files in a run's folder: how their names look, and what they are."""

    files: Mapping[str, str]


def write(
    directory: Path,
    config: dict[str, Any],
    trainer: Trainer,
    task: Task[Any],
    data: DataModule,
    *,
    command: Sequence[str],
) -> dict[str, Any]:
    """Write `predictions.jsonl` and `examples.jsonl`, if there are any, and `metrics.json`.

    The latter's presence says that the run is finished.
    """
    if not (directory / "config.json").is_file():  # or what is written here would make a folder of a run without it
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(directory / "config.json"))
    lines = [json.dumps(prediction, ensure_ascii=False) for prediction in task.predictions]
    if lines:
        write_text(directory / "predictions.jsonl", "".join(line + "\n" for line in lines))
    if isinstance(task, RecordsExamples) and covered(trainer, data, "test").scored:  # a trial of tuning has no test
        example_records.write(directory, task.records(), data, signatures=task.signatures | data.signatures)

    results = {
        "schema": SCHEMA,
        "results": identity.RESULTS,
        "task": config["run_path"].split("/")[0],
        "name": config["name"],
        **_measured(trainer, task, data),
        "seed": config["seed"],
        "precision": str(trainer.precision),
        "devices": f"{trainer.world_size} x {trainer.strategy.root_device.type}",
        "data": {**checksums(data), **data.summary},
        "versions": {"attnlab": version("attnlab"), "python": platform.python_version()}
        | {name: version(name) for name in RECORDED},
        "git_commit": git_commit(),
        "lock": lock_hash(),
        "hardware": hardware(trainer.strategy.root_device),
        "command": shlex.join(["attnlab", *command]),
    }
    write_text(directory / "metrics.json", json.dumps(results, indent=1, ensure_ascii=False) + "\n")
    for logger in trainer.loggers:
        if isinstance(logger, SummaryLogger):
            # Its scores have been logged already.
            kept = {k: results[k] for k in ("best", "parameters", "wall_seconds")}
            logger.log_summary(dict(leaves(kept | {"warnings": [each["kind"] for each in results["warnings"]]})))
    return results


def _measured(trainer: Trainer, task: Task[Any], data: DataModule) -> dict[str, Any]:
    """What came out of training and the test."""
    callbacks: list[Callback] = trainer.callbacks  # type: ignore[attr-defined]  # set by a connector
    checkpoints = next(each for each in callbacks if isinstance(each, Checkpoints))
    throughput = next((each for each in callbacks if isinstance(each, Throughput)), None)
    test = tested(trainer, task)
    scored = covered(trainer, data, "test")
    return {
        "test": test,
        "test_examples": scored._asdict(),
        "val_examples": covered(trainer, data, "val")._asdict(),
        "signatures": task.signatures | _of_scored(data.signatures, test),
        "best": {"monitor": checkpoints.monitor, "score": checkpoints.best_score, "step": checkpoints.best_step},
        "steps": trainer.global_step,
        **({} if checkpoints.origin is None else {"continued_from": checkpoints.origin._asdict()}),
        **({"started_from": task.started_from} if task.started_from else {}),
        "parameters": _parameters(task),
        "attention_slots": slots_of(task.model),
        f"{task.unit}_per_second": throughput.per_second if throughput else None,
        "padding_share": throughput.padding_share if throughput else None,
        "warnings": partial_warnings(scored)
        + [each for part in (data, task, *callbacks) if isinstance(part, _Warns) for each in part.warnings],
        "wall_seconds": round(checkpoints.wall_seconds, 1),
    }


def tested(trainer: Trainer, task: Task[Any]) -> dict[str, float]:
    """The test's scores, without `test/`: as the task computed them, and whatever else was logged."""
    logged = {name: float(value) for name, value in trainer.callback_metrics.items() if name.startswith("test/")}
    return {name.removeprefix("test/"): value for name, value in logged.items()} | task.tested


def _of_scored(baselines: Mapping[str, str], test: Mapping[str, float]) -> dict[str, str]:
    """The signatures of those baselines that the test has scores of, named after them."""
    return {
        name: signature for name, signature in baselines.items() if any(score.startswith(f"{name}_") for score in test)
    }


def _parameters(task: Task[Any]) -> dict[str, int]:
    """How many numbers the model holds and learns; of two networks that learn against each other, each one's."""
    counts = {
        "total": sum(p.numel() for p in task.model.parameters()),
        "trainable": sum(p.numel() for p in task.model.parameters() if p.requires_grad),
    }
    if len(task.networks) > 1:
        counts |= {name: sum(p.numel() for p in network.parameters()) for name, network in task.networks.items()}
    return counts


def files(config: dict[str, Any]) -> dict[str, str]:
    """What a run leaves, by its names: this module's, its callbacks', first losses, checkpoints, its loggers'."""
    groups = [
        [resolve(node["_target_"], f"{group}.{name}") for name, node in config[group].items()]
        for group in ("callbacks", "logger")
    ]
    found = dict(FILES)
    for kind in (*groups[0], FirstLosses, Checkpoints, *groups[1]):
        if isinstance(kind, _LeavesFiles):
            found |= kind.files
    return found


def checksums(data: DataModule) -> dict[str, str]:
    """Of the data, and of its test alone where that may be read without the rest."""
    return {"checksum": data.checksum} | ({} if data.test_checksum is None else {"test_checksum": data.test_checksum})
