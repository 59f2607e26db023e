"""What a run is made of, said before it trains."""

import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from lightning.pytorch import Trainer

from attnlab.config.conf_path import name_of
from attnlab.data.module import DataModule
from attnlab.language import either
from attnlab.models.layers.slots import HasSlots
from attnlab.reporting.terminal.run_opening import Opening, opening_lines
from attnlab.tasks.task import Task

log = logging.getLogger(__name__)

CORPORA = ("corpus", "images", "source")  # of a data module's, what says whose data it is


def say_opening(config: Mapping[str, Any], trainer: Trainer, task: Task[Any], data: DataModule, *, done: int) -> None:
    """Log it, of a run of which `done` updates are done before."""
    if trainer.is_global_zero:
        log.info("%s", "\n".join(opening_lines(_opening(config, trainer, task, data, done))))


def _opening(config: Mapping[str, Any], trainer: Trainer, task: Task[Any], data: DataModule, done: int) -> Opening:
    processes = "" if trainer.world_size == 1 else either(f"{trainer.world_size} x ", f"{trainer.world_size} 个 ")
    per_update = int(task.batches_per_update or trainer.accumulate_grad_batches)
    return Opening(
        name=str(config["name"]),
        task=str(config["run_path"]).partition("/")[0],
        seed=config["seed"],
        model=name_of("model", str(config["model"]["_target_"])),
        parameters=sum(each.numel() for each in task.model.parameters()),
        slots=task.model.slots if isinstance(task.model, HasSlots) else {},
        data=called(config["data"]),
        sizes={split: data.num_examples(split) for split in ("train", "val", "test")},
        device=f"{processes}{trainer.strategy.root_device.type}",
        threads=torch.get_num_threads(),
        precision=str(trainer.precision),
        updates=trainer.max_steps,
        done=done,
        validated_every=int(trainer.val_check_interval or 0) // per_update,
        folder=Path(config["output_dir"]),
        direction=_direction(config["data"]),
    )


def _direction(data: Mapping[str, Any]) -> tuple[str, str] | None:
    source, target = data.get("source"), data.get("target")
    return (source, target) if isinstance(source, str) and isinstance(target, str) else None


def called(data: Mapping[str, Any]) -> str:
    """The name that chooses these data."""
    return name_of("data", _whose_data(data))


def name_of_data(data: Mapping[str, Any]) -> str:
    """The class that says whose data it is."""
    return _whose_data(data).rpartition(".")[2]


def _whose_data(data: Mapping[str, Any]) -> str:
    named = next((data[key] for key in CORPORA if isinstance(data.get(key), Mapping)), data)
    return str(named.get("_target_", data["_target_"]))
