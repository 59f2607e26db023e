"""Where every training begins: data, a task with the weights of its seed, and the Trainer that fits both."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

from lightning.pytorch import Callback, Trainer, seed_everything
from lightning.pytorch.loggers import Logger

from attnlab.data.module import DataModule
from attnlab.errors import UserError
from attnlab.runs import build
from attnlab.runs.coverage import check_limits
from attnlab.runs.instantiation import call
from attnlab.runs.own_files import told_who_reads_own_files
from attnlab.runs.trainer import TrainerSettings, build_trainer
from attnlab.runs.warm_start import StartsFromFile, start_from_file, warm_start
from attnlab.tasks.abilities import ChecksData
from attnlab.tasks.task import Task


class Begun(NamedTuple):
    """What a run is made of, before anything is trained."""

    settings: TrainerSettings
    data: DataModule
    task: Task[Any]


def begun(config: build.Config) -> Begun:
    """Prepared data and a new task, with every generator where the seed puts it.

    Raises:
        UserError: a mistake in the configuration or the data.
    """
    seed_everything(config["seed"], verbose=False)
    settings = build.build_settings(config)
    data: DataModule = build.build_data(config)
    data.overfit_batches = settings.overfit_batches
    with told_who_reads_own_files(config):
        data.prepare_data()
    data.setup("fit")
    check_shares(data, settings)
    task: Task[Any] = build.begin_task(config, data.sizes, data.codec)
    seed_everything(config["seed"], verbose=False)  # what is drawn from now on is the same whatever the model drew
    return Begun(settings, data, task)


def check_shares(data: DataModule, settings: TrainerSettings) -> None:
    """Raise UserError where a process would be left without data, and the others would wait for it."""
    keys = [key for key, number in (("devices", settings.devices), ("num_nodes", settings.num_nodes)) if number != 1]
    for split in ("train", "val", "test"):
        if settings.world_size > 1 and (number := data.num_examples(split)) < settings.world_size:
            raise UserError(
                f"each of {settings.world_size} processes needs an example of {split}, got {number} (set "
                f"{' or '.join(f'trainer.{key}' for key in keys) or 'trainer.devices'})"
            )


def check_begins(config: build.Config, data: DataModule) -> None:
    """Raise UserError where training would refuse prepared data, or this task or model on it; nothing is trained."""
    settings = build.build_settings(config)
    data.overfit_batches = settings.overfit_batches
    check_shares(data, settings)
    task: Task[Any] = build.build_task(config, data.sizes, data.codec)
    trainer: Trainer = call(build_trainer, "trainer", settings=settings, directory=None, callbacks=[], loggers=[])
    check_together(trainer, task, data)


def make_ready(task: Task[Any], config: build.Config, settings: TrainerSettings, *, begins: bool) -> None:
    """Bring a new task to where its training begins, with weights of before unless it goes on from a checkpoint."""
    if settings.precision == "64-true":
        task.double()  # Lightning does only once a checkpoint's weights are read, into less than they are
    if begins and isinstance(task.model, StartsFromFile) and task.model.weights_file is not None:
        task.started_from["model.weights"] = start_from_file(task.model)
    if begins and config["init_from"] is not None:
        codec = build.codec_state(task.codec)
        started = warm_start(task, config["init_from"], strict=config["init_strict"], codec=codec)
        task.started_from["init_from"] = started
    if settings.compile:
        for network in task.networks.values():
            network.compile()
    if settings.sharded:
        from attnlab.runs import sharding  # not in every version of torch

        sharding.make_shardable(task)


def trainer_of(
    settings: TrainerSettings,
    task: Task[Any],
    data: DataModule,
    *,
    directory: Path,
    callbacks: Sequence[Callback],
    loggers: Sequence[Logger],
) -> Trainer:
    """A Trainer that knows how many updates this data makes, and how many batches this task takes for one."""
    batches_per_update = task.batches_per_update or settings.accumulate_grad_batches
    num_updates = settings.num_updates(data, batches_per_update=batches_per_update)
    trainer: Trainer = call(
        build_trainer,
        "trainer",
        settings=replace(settings, max_steps=num_updates),
        directory=directory,
        callbacks=callbacks,
        loggers=loggers,
        batches_per_update=batches_per_update,
    )
    return trainer


def check_together(trainer: Trainer, task: Task[Any], data: DataModule) -> None:
    """Raise UserError for data that this task can't be trained or tested on; a task may take from it what it needs."""
    check_limits(trainer, data)
    if isinstance(task, ChecksData):
        call(task.check_data, "data", data=data, trainer=trainer)
