"""One run: data, model, fit, test on the best checkpoint, and everything it leaves in its folder."""

import logging
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
import torch.distributed
from lightning.pytorch import Trainer, seed_everything

from attnlab.callbacks import MetricsCSV, TrainingScores, WandbRun
from attnlab.config import identity
from attnlab.data.module import DataModule
from attnlab.errors import UserError
from attnlab.files import locked
from attnlab.launch import place, stop
from attnlab.runs import build, checkpoint, record, run_folder
from attnlab.runs.checkpoints import BEST, Checkpoints
from attnlab.tasks.task import Task

log = logging.getLogger(__name__)


def train(config: build.Config, *, command: Sequence[str]) -> float:
    """Train, test and record one run; returns the best value of the monitored metric, NaN without validation.

    A finished run is reported, an unfinished one continued. `command` is what the user typed, for the record.

    Raises:
        UserError: a mistake in the configuration or the data.
        TrainingInterrupted: by Ctrl-C or another signal, after `last.ckpt` was written.
    """
    directory = Path(config["output_dir"])
    if (results := run_folder.finished(directory)) is not None and not config["fresh"]:
        run_folder.check_same_config(directory, config)
        return _reported(directory, config, results)
    build.rehearse(config)
    with stop.listening(stop.ALL) as flag:
        if place.rank() != 0:
            return _train(config, directory, command, flag)
        with locked(directory):
            if run_folder.results_of(directory) is None and (earlier := run_folder.earlier_run(config)) is not None:
                log.info("a new run, of results %d; %s is the same run of results %d", identity.RESULTS, *earlier)
            run_folder.prepare(directory, config)
            return _train(config, directory, command, flag)


def _reported(directory: Path, config: build.Config, results: dict[str, Any]) -> float:
    """Show a finished run; its score, or NaN where it has none or has it under an earlier number of results."""
    number = identity.results_of(results)
    if number != identity.RESULTS:
        record.report(
            directory,
            config,
            results,
            headline=f"this run is finished, with results {number}; this version computes results {identity.RESULTS} "
            "(fresh=true starts it anew)",
        )
        return float("nan")
    record.report(directory, config, results, headline="this run is finished (fresh=true starts it anew)")
    return float("nan") if results["best"]["score"] is None else float(results["best"]["score"])


def _train(config: build.Config, directory: Path, command: Sequence[str], flag: stop.StopFlag) -> float:
    seed_everything(config["seed"], verbose=False)
    data = build.build_data(config)
    data.prepare_data()
    data.setup("fit")
    task = build.build_task(config, data.sizes, data.codec)
    if config["init_from"] is not None:
        _warm_start(task, config["init_from"])
    if config["trainer"]["compile"]:
        for network in task.networks.values():
            network.compile()
    if config["trainer"]["strategy"] == "fsdp":
        from attnlab.runs import sharding  # not in every version of torch

        sharding.make_shardable(task)

    checkpoints = Checkpoints(
        directory / "checkpoints",
        interval=config["trainer"]["checkpoint_interval"],
        keep=config["trainer"]["keep_checkpoints"],
        monitor=task.monitor,
        mode=task.mode,
        contents=checkpoint.contents(config, data.sizes, build.codec_state(data.codec), data.checksum),
        stop=flag,
    )
    loggers = [build.build_part(node, f"logger.{name}", config) for name, node in config["logger"].items()]
    extras = [build.build_part(node, f"callbacks.{name}", config) for name, node in config["callbacks"].items()]
    with _finished_loggers(loggers), _own_process_group():
        trainer = build.call(
            build.instantiate(config["trainer"] | {"max_steps": _updates(config, data, task)}, "trainer"),
            "trainer",
            directory=directory,
            callbacks=[TrainingScores(), *extras, checkpoints],
            loggers=loggers,
            batches_per_update=_batches_per_update(config, task),
        )
        for logger in loggers:
            logger.log_hyperparams(config)
        _fit(trainer, task, data, checkpoints)
        _load_best(task, checkpoint.load(checkpoints.directory / BEST)["state_dict"], config)
        trainer.test(task, data, verbose=False)
        if trainer.is_global_zero:
            results = record.write(directory, config, trainer, task, data, command=command)
            record.report(directory, config, results, headline=f"finished: {trainer.global_step} updates")
    return float("nan") if checkpoints.best_score is None else checkpoints.best_score


def _fit(trainer: Trainer, task: Task[Any], data: DataModule, checkpoints: Checkpoints) -> None:
    newest, step = checkpoints.newest()
    if newest is not None:
        _check_same_data(newest, data)
        log.info("continuing at update %d of %d", step, trainer.max_steps)
    rows: list[tuple[int, dict[str, float]]] = []
    for logger in trainer.loggers:
        if isinstance(logger, MetricsCSV):
            logger.cut(step)
            rows = list(logger.rows())
    for logger in trainer.loggers:
        if isinstance(logger, WandbRun):
            logger.catch_up(rows)
    trainer.fit(task, data, ckpt_path=newest, weights_only=True)


def _load_best(task: Task[Any], weights: dict[str, Any], config: build.Config) -> None:
    if config["trainer"]["strategy"] == "fsdp":
        from attnlab.runs import sharding

        sharding.load_weights(task, weights)
    else:
        task.load_state_dict(weights)


def _check_same_data(path: Path, data: DataModule) -> None:
    ours = checkpoint.load(path)[checkpoint.KEY]
    instead = "set output_dir, or fresh=true"
    identity.check_results(identity.results_of(ours), holder=f"{path} is a checkpoint", instead=instead)
    if ours["checksum"] != data.checksum:
        raise UserError(
            f"the data has changed since this run began: sha256 was {ours['checksum'][:12]}, now {data.checksum[:12]} "
            f"(restore it, or set fresh=true to begin anew) in {path}"
        )
    if ours["codec"] != build.codec_state(data.codec):
        raise UserError(f"the vocabulary has changed since this run began (set fresh=true to begin anew) in {path}")


def _batches_per_update(config: build.Config, task: Task[Any]) -> int:
    """Those accumulated, or what a task that steps its optimizers itself says."""
    return int(task.batches_per_update or config["trainer"]["accumulate_grad_batches"])


def _updates(config: build.Config, data: DataModule, task: Task[Any]) -> int:
    """How many optimizer updates the run takes; `max_epochs` counts passes over this data."""
    trainer = config["trainer"]
    if trainer["max_epochs"] is None:
        return int(trainer["max_steps"])
    if trainer["max_epochs"] < 1:
        raise UserError(f"max_epochs must be 1 or more, got {trainer['max_epochs']} (set trainer.max_epochs)")
    world_size = trainer["devices"] * trainer["num_nodes"]
    batches = sum(data.num_train_batches(epoch, world_size) for epoch in range(trainer["max_epochs"]))
    return max(1, batches // _batches_per_update(config, task))


def _warm_start(task: Task[Any], path: str) -> None:
    stored = checkpoint.load(checkpoint.find(path))
    try:
        task.load_state_dict(stored["state_dict"])
    except RuntimeError as error:
        reason = " ".join(str(error).split())[:300]
        raise UserError(f"these weights don't fit this model, got {path} (set init_from): {reason}") from error


@contextmanager
def _finished_loggers(loggers: list[Any]) -> Iterator[None]:
    """Ends wandb runs whatever happens, so that the next job of a sweep opens its own."""
    exit_code = 1
    try:
        yield
        exit_code = 0
    finally:
        for logger in loggers:
            if isinstance(logger, WandbRun):
                logger.finish(exit_code=exit_code)


@contextmanager
def _own_process_group() -> Iterator[None]:
    """Leaves no process group or rank behind for the next job of a sweep."""
    names = ("LOCAL_RANK", "NODE_RANK", "WORLD_SIZE", "MASTER_ADDR", "MASTER_PORT")
    before = {name: os.environ.get(name) for name in names}
    try:
        yield
    finally:
        if torch.distributed.is_available() and torch.distributed.is_initialized():
            torch.distributed.destroy_process_group()
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
