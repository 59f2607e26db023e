"""`attnlab train`: checks the overrides, then lets Hydra run the job or the sweep."""

import logging
import os
import shutil
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from hydra.errors import InstantiationException

from attnlab.commands import own_modules
from attnlab.commands.arguments import mistake, tell_what_is_given_twice
from attnlab.commands.compare import command as compare
from attnlab.commands.train import resume
from attnlab.commands.train.arguments import PROG, config_dirs, package, quoted, split, trusted
from attnlab.commands.train.beforehand import check, check_alike, check_writable, others_of, plain
from attnlab.commands.train.help_text import HELP
from attnlab.commands.train.left_out import tell_what_is_left_out, tell_which_length_counts
from attnlab.commands.train.named_runs import with_named_runs
from attnlab.commands.train.refused import no_folder_where_refused
from attnlab.config import checks, compose, identity, trusted_files
from attnlab.config.conf_path import conf_dir
from attnlab.config.resolvers import register_resolvers
from attnlab.errors import UserError, one_line
from attnlab.files import say, unwritable
from attnlab.language import either, wanted
from attnlab.launch import place, sweep
from attnlab.launch.ending import FULL
from attnlab.launch.stop import TrainingInterrupted
from attnlab.reading.shown import tell
from attnlab.runs import own_code, own_crash, run_folder, warm

LOG = "train.log"  # of a run, in its folder
TO_THE_LOG_ALONE = "hydra.job_logging.root.handlers=[file]"


def run(arguments: list[str]) -> int:
    """Run `attnlab train`; returns the exit status.

    Raises:
        UserError: an override that doesn't fit.
    """
    if "-h" in arguments or "--help" in arguments:
        print(HELP.said(wanted()), end="")
        return 0
    # Another process of a run, on the same resolved config. Nobody else's: this takes a folder at its word.
    if arguments[:1] == ["--job"] and place.rank() != 0:
        config = run_folder.config_of(Path(arguments[1]))
        if own_code.own_targets(config):
            own_modules.find()
        return _guarded(lambda: _train(config, ["train", *arguments]))

    arguments = with_named_runs(arguments)
    command = ["train", *arguments]
    flags, overrides = split(arguments)
    if trusted_files.OPTION in flags:
        trusted_files.trust_all()
        flags = [flag for flag in flags if flag != trusted_files.OPTION]
    overrides = [compose.sugar(each) for each in overrides]
    folders, multirun = config_dirs(flags), "--multirun" in flags
    if resume.asked(overrides):
        return _resume(flags, overrides, command)
    if trust := trusted(flags):
        raise mistake(f"only a run that is resumed needs trust, got --trust {trust[0]} (drop it)", prog=PROG)
    if place.rank() != 0 and not multirun:  # what Hydra writes is the first process's to write
        config = plain(compose.compose_run(overrides, config_dirs=folders))
        return _guarded(lambda: _train(config, command))
    if place.rank() == 0:
        tell_what_is_given_twice(overrides)
        tell_which_length_counts(overrides)
    plan = sweep.planned(overrides, multirun=multirun, config_dirs=folders)
    if (part := package(flags)) is not None and part.split(".")[0] not in ("hydra", "_global_"):
        checks.check_key(plan.config, part)
    tell_what_is_left_out(plan.config, overrides)
    if not plan.multirun:
        check(plan, [], config_dirs=folders)
        return _guarded(lambda: _run_or_leave_nothing(plan, [*flags, *overrides], command))
    if place.num_processes() > 1:
        raise UserError(
            f"a sweep is started once, got {place.num_processes()} processes of it (start it without srun; "
            "hydra/launcher=slurm makes each of its runs a job)"
        )
    check(plan, others_of(plan), config_dirs=folders)
    if plan.jobs is None and plan.parts.launcher == sweep.IN_TURN:  # elsewhere there may be other devices
        check_alike(plan, config_dirs=folders)
    return _guarded(lambda: _sweep(flags, overrides, command, plan))


def train_one(overrides: list[str], *, config_dirs: Sequence[str] = (), to_the_log_alone: bool = True) -> float:
    """What `attnlab train OVERRIDES` does, in a process whose output is the run's log; the score, NaN without one.

    Unless it goes `to_the_log_alone`, what happens is told on stderr, too, as by the command. Where a launcher has
    started several processes of the run, each of them calls this.

    Raises:
        UserError: an override that doesn't fit, or a mistake in the data.
        TrainingInterrupted: by a signal, with a checkpoint.
        FloatingPointError: it diverged.
    """
    overrides = [compose.sugar(each) for each in overrides]
    flags = [f"--config-dir={folder}" for folder in config_dirs]
    command = ["train", *flags, *overrides]
    if place.rank() != 0:  # what Hydra writes is the first process's to write
        return _train(plain(compose.compose_run(overrides, config_dirs=config_dirs)), command)
    if not to_the_log_alone:
        tell_what_is_given_twice(overrides)
        tell_which_length_counts(overrides)
    plan = sweep.planned(overrides, multirun=False, config_dirs=list(config_dirs))
    check(plan, [], config_dirs=list(config_dirs))
    if not to_the_log_alone:
        tell_what_is_left_out(plan.config, overrides)
        return _run_or_leave_nothing(plan, [*flags, *overrides], command)
    return _run([*flags, *overrides, TO_THE_LOG_ALONE], lambda config: _job(config, command))


def _run_or_leave_nothing(plan: sweep.Plan, arguments: list[str], command: list[str]) -> float:
    with no_folder_where_refused(Path(str(plan.config["output_dir"])), root=Path(str(plan.config["output_root"]))):
        return _run(arguments, lambda config: _job(config, command))


def _resume(flags: list[str], overrides: list[str], command: list[str]) -> int:
    if others := [flag for flag in flags if not flag.startswith(("--config-dir=", "--trust="))]:
        raise mistake(f"a run is resumed alone, by what its folder has on record, got {others[0]} (drop it)", prog=PROG)
    config, is_longer = resume.resumed(overrides, config_dirs=config_dirs(flags), trust=trusted(flags))
    folder = Path(config["output_dir"])
    check_writable(folder)

    def job(_: Any = None) -> float:
        _start_others_with(command)
        with resume.remedies():
            return _train(config, command, resumes=not is_longer)

    if place.rank() != 0:
        return _guarded(job)
    is_new = is_longer and not folder.exists()
    # Of Hydra only the log: nothing of what it has on record in that folder is read, or written anew.
    own = [f"output_dir={quoted(str(folder))}", "hydra.output_subdir=null"]
    try:
        return _guarded(lambda: _run(own, job))
    except UserError:
        if is_new and not any(folder.glob("checkpoints/*.ckpt")):
            shutil.rmtree(folder, ignore_errors=True)
        raise


def _hydra(arguments: list[str], job: Callable[[Any], Any]) -> None:
    import hydra

    # Hydra reads sys.argv, and reports errors itself unless it is told to let them through.
    before, sys.argv = sys.argv, [PROG, *arguments]
    os.environ["HYDRA_FULL_ERROR"] = "1"
    logging.raiseExceptions = False  # a log on a full disk is no reason for a traceback with each of its lines
    register_resolvers()
    try:
        hydra.main(config_path=str(conf_dir()), config_name="train", version_base="1.3")(job)()
    finally:
        sys.argv = before


def _run(arguments: list[str], train: Callable[[Any], float]) -> float:
    mistakes: list[Exception] = []
    scores: list[float] = []

    def job(config: Any) -> None:
        try:
            scores.append(train(config))
        except Exception as error:  # kept from Hydra, which would add a line of its own
            mistakes.append(error)

    _hydra(arguments, job)
    if mistakes:
        raise mistakes[0]
    return scores[0] if scores else float("nan")  # Hydra was to show the configuration alone


def _sweep(flags: list[str], overrides: list[str], command: list[str], plan: sweep.Plan) -> None:
    """Every run of a sweep, here or wherever its launcher takes them; those that fail are recorded, the others go on.

    Raises:
        RunsFailed: when all are done, if any failed.
    """
    # Absolute, for a launcher may run them elsewhere.
    record = sweep.new_record(Path(str(plan.config["output_root"]), "sweeps").absolute())
    try:
        job = sweep.SweepJob(record, lambda c: _job(c, command), plan.overrides, warm_up=warm.import_all)
        _hydra([*flags, *plan.hydras(overrides)], job)
    except InstantiationException as error:
        cause = error.__cause__ or error
        raise (
            cause if isinstance(cause, UserError) else UserError(f"{one_line(cause)} (set hydra.sweeper.*)")
        ) from error
    try:
        sweep.report(record, expected=len(plan.jobs or []))
    finally:
        # Of what a sampler drew by its scores none is to be judged.
        if plan.jobs is not None and compare.of_sweep(record):
            _say_next(record)


def _say_next(record: Path) -> None:
    from attnlab.reporting.terminal.next_steps import sweep_steps

    say(["", *sweep_steps(record)])


def _job(config: Any, command: list[str]) -> float:
    own = identity.without_nulls(plain(config))
    # The very config of this job, whatever the sweep.
    trust = [trusted_files.OPTION] if trusted_files.all_are_trusted() or trusted_files.OPTION in command else []
    _start_others_with(["train", "--job", str(Path(own["output_dir"]).absolute()), *trust])
    return _train(own, command)


def _start_others_with(command: list[str]) -> None:
    """The command line with which Lightning starts further processes, unless it finds Hydra's."""
    from hydra.core.hydra_config import HydraConfig

    sys.argv = [str(Path(__file__).parents[2] / "__main__.py"), *command]
    HydraConfig.instance().cfg = None


def _train(config: dict[str, Any], command: list[str], *, resumes: bool = False) -> float:
    from attnlab.runs.train import train

    if trusted_files.OPTION in command:  # here, where a launcher may have brought it
        trusted_files.trust_all()
    with own_crash.crashes_named(Path(config["output_dir"]) / LOG):
        return train(config, command=command, resumes=resumes)


@contextmanager
def unwritable_named() -> Iterator[None]:
    """Around a run. Raises UserError where its files can't be written."""
    try:
        yield
    except OSError as error:
        if error.filename is None and error.errno not in FULL:
            raise
        raise unwritable(error.filename or "the run's files", error, remedy="set output_root, or output_dir") from error


def _guarded(action: Callable[[], Any]) -> int:
    """Run it; an interruption says how to go on."""
    try:
        with unwritable_named():
            action()
    except sweep.RunsFailed as error:
        return error.status
    except FloatingPointError as error:
        tell(f"error: training diverged: {error} (set a lower optimizer.lr)")
        return 1
    except KeyboardInterrupt:  # a second Ctrl-C
        tell(
            either(
                "interrupted; the same command goes on from the last checkpoint, if there is one",
                "已中断；再次执行同一命令即从最后的检查点继续（如果有）",
            )
        )
        return 130
    except TrainingInterrupted as error:
        tell(error.said.said(wanted()) + either("; the same command continues it", "；再次执行同一命令即可继续"))
        return 130
    return 0
