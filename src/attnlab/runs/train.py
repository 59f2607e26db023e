"""One run: data, model, fit, test on the best checkpoint, and everything it leaves in its folder."""

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from lightning.pytorch import Trainer

from attnlab.callbacks import (
    FirstLosses,
    LearningSigns,
    MechanismSigns,
    MetricsCSV,
    ProgressLines,
    Pruning,
    RateSigns,
    TrainingScores,
    WandbRun,
)
from attnlab.config import identity, trusted_files
from attnlab.data.module import DataModule
from attnlab.files import locked, say
from attnlab.language import either
from attnlab.launch import place, pruning, stop
from attnlab.models.layers.slots import HasSlots
from attnlab.models.predictors import SaysWhatItTakes
from attnlab.reporting.terminal.next_steps import next_steps
from attnlab.reporting.terminal.run_summary import run_summary
from attnlab.runs import build, checkpoint, checkpoint_folder, longer, own_code, own_data, record, run_folder
from attnlab.runs.beginning import begun, check_together, make_ready, trainer_of
from attnlab.runs.checkpoint_folder import LAST
from attnlab.runs.checkpoints import Checkpoints
from attnlab.runs.children import watch_children
from attnlab.runs.faults import faults_named
from attnlab.runs.foreign_weights import check_same_model
from attnlab.runs.interruption import interrupts_are_raised, let_signals_end_the_wait
from attnlab.runs.opening import say_opening
from attnlab.runs.own_mechanisms import warnings_of_mechanisms
from attnlab.runs.parts import build_parts
from attnlab.runs.process_group import own_process_group
from attnlab.runs.refusals import refusals_named
from attnlab.runs.resumable import check_as_restored, named
from attnlab.runs.start import Start, check_same_data, start_of
from attnlab.runs.surroundings import git_commit
from attnlab.runs.trainer import TrainerSettings
from attnlab.tasks.task import Task

log = logging.getLogger(__name__)

SWEEPS = ("-m", "--multirun")  # of which each run is one of many, and what comes next is said at the end
BEGIN_ANEW = "give the overrides of a new run, without resume"


def train(config: build.Config, *, command: Sequence[str], resumes: bool = False) -> float:
    """Train, test and record one run; returns the best value of the monitored metric, NaN without validation.

    A finished run is reported, an unfinished one continued. `command` is what the user typed, for the record. A config
    that `resumes` is the folder's own, but for what may change: the folder keeps the one with which it began.

    Raises:
        UserError: a mistake in the configuration or the data.
        TrainingInterrupted: by Ctrl-C or another signal, after `last.ckpt` was written.
    """
    directory = Path(config["output_dir"])
    if not config["fresh"] and not run_folder.has_nothing(directory):
        own_code.check_same_code(directory, instead=BEGIN_ANEW if resumes else own_code.ANEW)
        if run_folder.results_of(directory) is not None and own_code.is_unknown(directory, config):
            log.warning("which code of yours this run was begun with isn't on record (%s to be sure)", own_code.ANEW)
    if not config["fresh"] and (results := run_folder.finished(directory)) is not None:
        if not resumes:
            run_folder.check_same_config(directory, config)
        if identity.results_of(results) == identity.RESULTS:
            own_data.check_same_data(directory, config, results, instead=BEGIN_ANEW if resumes else own_code.ANEW)
        remedy = (
            either("a larger trainer.max_steps makes it longer", "更大的 trainer.max_steps 可延长它")
            if resumes
            else either("fresh=true starts it anew", "fresh=true 可重新开始")
        )
        return _reported(directory, config, results, command, remedy=remedy)
    if config["continue_from"] is not None and not (directory / "checkpoints" / LAST).is_file():
        run_folder.check_longer(config)
        own_code.check_same_code(Path(config["continue_from"]), instead="set init_from instead")
    build.rehearse(config)
    for path in sorted((directory / "checkpoints").glob("*.ckpt")) if resumes else ():
        trusted_files.check_file(path)
    with trusted_files.trusted(directory):  # what lies there this command has made, or will
        return _trained(config, directory, command, resumes=resumes)


def _trained(config: build.Config, directory: Path, command: Sequence[str], *, resumes: bool) -> float:
    code = own_code.own_code(config)
    with stop.listening(stop.ALL) as flag:
        if place.rank() != 0:
            return _train(config, directory, command, flag)
        with locked(directory):
            if run_folder.results_of(directory) is None and (earlier := run_folder.earlier_run(config)) is not None:
                log.info("a new run, of results %d; %s is the same run of results %d", identity.RESULTS, *earlier)
            run_folder.prepare(directory, config, code=code, resumes=resumes)
            checkpoint_folder.remove_drafts(directory / "checkpoints")
            return _train(config, directory, command, flag)


def _reported(
    directory: Path, config: build.Config, results: dict[str, Any], command: Sequence[str], *, remedy: str
) -> float:
    """Show a finished run; its score, or NaN where it has none or has it under an earlier number of results."""
    number, score = identity.results_of(results), results["best"]["score"]
    headline = either(f"this run is finished ({remedy})", f"此运行已完成（{remedy}）")
    if number != identity.RESULTS:
        headline = either(
            f"this run is finished, with results {number}; this version computes results {identity.RESULTS} ({remedy})",
            f"此运行已完成，属于结果版本 {number}；现在计算的是结果版本 {identity.RESULTS}（{remedy}）",
        )
    try:
        _report(directory, config, results, command, headline=headline)
    except (AttributeError, LookupError, RecursionError, TypeError, ValueError) as error:
        raise run_folder.Damaged(
            f"files of a finished run must be as it left them, got {directory}/metrics.json or predictions.jsonl with "
            f"{type(error).__name__}: {' '.join(str(error).split())} (set fresh=true to begin anew)"
        ) from error
    return float("nan") if number != identity.RESULTS or score is None else float(score)


def _report(
    directory: Path, config: build.Config, results: dict[str, Any], command: Sequence[str], *, headline: str
) -> None:
    kind = build.predictor_type(config["task"]["_target_"])
    say(run_summary(directory, results, headline=headline, readable=kind.readable, files=record.files(config)))
    if not any(word in command for word in SWEEPS):
        asked = kind.asked if isinstance(kind, SaysWhatItTakes) else None
        trust = sorted({target.partition(".")[0] for _, target in own_code.own_targets(config)})
        say(next_steps(directory, config, results, asked=asked, trust=trust))


def _train(config: build.Config, directory: Path, command: Sequence[str], flag: stop.StopFlag) -> float:
    with faults_named(config, batches=False):
        settings, data, task = begun(config)
        checkpoints = _checkpoints(config, settings, task, data, flag)
        start = start_of(checkpoints.folder, config["continue_from"])
        if start is not None:
            check_same_model(start.path, checkpoint.config_of({checkpoint.KEY: start.contents}, start.path), config)
            settings = settings.going_on(start.environment)
        make_ready(task, config, settings, begins=start is None)
    parts = [build_parts(config, group, task) for group in ("logger", "callbacks")]
    loggers, extras = [list(each.values()) for each in parts]
    named_parts = parts[0] | parts[1]
    with (
        _finished_loggers(loggers),
        own_process_group(),
        interrupts_are_raised(),
        refusals_named(named_parts),
        faults_named(config, batches=True),
    ):
        judge = pruning.judge_of_this_run()
        signs = LearningSigns(begins=config["continue_from"] is None, rate=config.get("optimizer", {}).get("lr"))
        rates = RateSigns(optimizer=config.get("optimizer", {}), scheduler=config.get("scheduler", {}))
        mechanisms = MechanismSigns(warnings_of_mechanisms(config, task.networks))
        watching = [FirstLosses(directory), TrainingScores(), signs, rates, mechanisms, *extras]
        callbacks = [*watching, *([Pruning(judge)] if judge else []), checkpoints, ProgressLines()]
        trainer = trainer_of(settings, task, data, directory=directory, callbacks=callbacks, loggers=loggers)
        check_together(trainer, task, data)
        say_opening(config, trainer, task, data, done=0 if start is None else start.step)
        for logger in loggers:
            logger.log_hyperparams(config | _labels(task, data))
        _fit(trainer, task, data, checkpoints, start=start)
        checkpoints.folder.check_best()
        with named(checkpoints.folder.best):
            _load_weights(task, checkpoint.load(checkpoints.folder.best)["state_dict"], sharded=settings.sharded)
        trainer.test(task, data, verbose=False)
        if trainer.is_global_zero:
            results = record.write(directory, config, trainer, task, data, command=command)
            updates = trainer.global_step
            headline = either(f"finished: {updates} updates", f"已完成：{updates} 次更新")
            _report(directory, config, results, command, headline=headline)
    return float("nan") if checkpoints.best_score is None else checkpoints.best_score


def _checkpoints(
    config: build.Config, settings: TrainerSettings, task: Task[Any], data: DataModule, flag: stop.StopFlag
) -> Checkpoints:
    return Checkpoints(
        Path(config["output_dir"]) / "checkpoints",
        interval=settings.checkpoint_interval,
        keep=settings.keep_checkpoints,
        monitor=task.monitor,
        mode=task.mode,
        contents=checkpoint.contents(config, data.sizes, build.codec_state(data.codec), data.checksum),
        stop=flag,
    )


def _fit(trainer: Trainer, task: Task[Any], data: DataModule, checkpoints: Checkpoints, *, start: Start | None) -> None:
    if start is not None:
        check_same_data(start, data)
        if start.origin is None:
            log.info("continuing at update %s of %s", f"{start.step:,}", f"{trainer.max_steps:,}")
        else:
            if trainer.is_global_zero:
                best = start.origin.results == identity.RESULTS
                longer.take_over(Path(start.origin.folder), Path(trainer.default_root_dir), best=best)
            checkpoints.go_on_from(start.origin)
            log.info("going on from %s at update %d, to %d", start.path, start.step, trainer.max_steps)
    rows: list[tuple[int, dict[str, float]]] = []
    for logger in trainer.loggers:
        if isinstance(logger, MetricsCSV):
            logger.cut(0 if start is None else start.step)
            rows = list(logger.rows())
    for logger in trainer.loggers:
        if isinstance(logger, WandbRun):
            logger.catch_up(rows)
    watch_children(trainer)
    let_signals_end_the_wait(trainer, checkpoints.stop, step=0 if start is None else start.step)
    if start is not None:
        check_as_restored(trainer, str(start.path))
    trainer.fit(task, data, ckpt_path=None if start is None else start.path, weights_only=True)


def _labels(task: Task[Any], data: DataModule) -> dict[str, Any]:
    """What runs are told apart by where they are logged: attention by its name, which its model's node says in full."""
    mechanisms = sorted(set(task.model.slots.values())) if isinstance(task.model, HasSlots) else []
    attention = {"attention": " ".join(mechanisms)} if mechanisms else {}
    return attention | {"data_checksum": data.checksum, "git_commit": git_commit()}


def _load_weights(task: Task[Any], weights: dict[str, Any], *, sharded: bool) -> None:
    if sharded:
        from attnlab.runs import sharding

        sharding.load_weights(task, weights)
    else:
        task.load_state_dict(weights)


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
