"""What draws a sweep's runs and hands them to a launcher: every combination, or Optuna's choice."""

import logging
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from hydra._internal.core_plugins import basic_launcher
from hydra.core.plugins import Plugins
from hydra.plugins.launcher import Launcher
from hydra.plugins.sweeper import Sweeper
from hydra.types import HydraContext, TaskFunction
from omegaconf import DictConfig, OmegaConf

from attnlab.config import sweep_overrides
from attnlab.config.compose import parse
from attnlab.errors import UserError
from attnlab.launch.pruning import judged_by
from attnlab.launch.sweep import IN_TURN, SweepJob, launch_one
from attnlab.reading.bounds import read_json

log = logging.getLogger(__name__)

DIRECTIONS: dict[str, str] = {"min": "minimize", "max": "maximize"}  # of a study, by task.mode


class _Sweeper(Sweeper):
    """What both need of Hydra. The sweep's overrides are those of its job, whatever Hydra hands on as `arguments`."""

    def setup(self, *, hydra_context: HydraContext, task_function: TaskFunction, config: DictConfig) -> None:
        assert isinstance(task_function, SweepJob)
        self.config: DictConfig = config
        self.job = task_function
        self.launcher: Launcher = Plugins.instance().instantiate_launcher(
            hydra_context=hydra_context, task_function=task_function, config=config
        )
        self.in_turn = config.hydra.runtime.choices["hydra/launcher"] == IN_TURN
        self.swept: frozenset[str] = frozenset()  # what runs differ in
        # Beside the record of its runs, and not in the folder that all sweeps share.
        OmegaConf.save(config, task_function.record / "multirun.yaml")

    def launch(self, jobs: Sequence[Sequence[str]], first: int) -> list[float | None]:
        """Run some, which are numbered from `first` on; their scores. In this process one fails alone."""
        if self.in_turn:
            # Hydra's would say of each that one job is launched, and all that the runs have in common.
            logging.getLogger(basic_launcher.__name__).setLevel(logging.WARNING)
            return [self._launch_one(each, number) for number, each in enumerate(jobs, first)]
        returned = self.launcher.launch([list(each) for each in jobs], initial_job_idx=first)
        return [each.return_value for each in returned]

    def _launch_one(self, overrides: Sequence[str], number: int) -> float | None:
        log.info("\t#%d : %s", number, " ".join(each for each in overrides if each.split("=")[0] in self.swept))
        return launch_one(self.launcher, self.job, overrides, number)


def _check_counts(**values: Any) -> None:
    """UserError for what is no whole number from 1 on, whatever the command line gives: Hydra checks no kind."""
    for key, value in values.items():
        if not isinstance(value, int) or isinstance(value, bool) or value < 1:
            raise UserError(f"{key} must be a whole number, 1 or more, got {value} (set hydra.sweeper.{key})")


class GridSweeper(_Sweeper):
    """Every combination of what is swept, for `attnlab train -m`.

    Unlike Hydra's own it composes each run once, when it begins, so that a large sweep begins at once.

    Args:
        max_batch_size: most runs that a launcher is handed at a time; None: all.
        params: what is swept, key by key, besides the overrides of the command line; read before Hydra begins.
    """

    def __init__(self, *, max_batch_size: int | None, params: DictConfig | None) -> None:
        if max_batch_size is not None:
            _check_counts(max_batch_size=max_batch_size)
        self.max_batch_size = max_batch_size

    def sweep(self, arguments: list[str]) -> None:
        """Run all."""
        jobs = sweep_overrides.expand_sweep(self.job.overrides)
        self.swept = frozenset(e.get_key_element() for e in parse(self.job.overrides) if e.is_sweep_override())
        size = self.max_batch_size or len(jobs)
        for first in range(0, len(jobs), size):
            self.launch(jobs[first : first + size], first)


class OptunaSweeper(_Sweeper):
    """Runs whose values an Optuna study draws, each knowing the scores of those before it.

    The study lies in a SQLite file under `output_root`, is named after this very sweep, goes in the direction of
    `task.mode`, and outlives any number of failed trials, unless the arguments say otherwise. The same command goes on
    with it. A run without a score is a failed trial.

    Args:
        sampler: of `optuna.samplers`; a partial of GridSampler is given the space.
        pruner: of `optuna.pruners`.
        direction: minimize or maximize; None: as `task.mode` has it.
        storage: an address of Optuna's, say sqlite:///study.db; None: a file of this study's own.
        study_name: None: the run's name and a hash of the sweep.
        n_trials: of the study in all, those of earlier commands included.
        n_jobs: runs at a time, drawn together, where a launcher runs them side by side; here they run one by one.
        max_failure_rate: more failed trials of a batch than this share end the sweep.
        search_space: what is drawn as Hydra had it before `params`: type, low, high, step, log or choices of each key.
        params: what is drawn, key by key, besides the overrides of the command line; read before Hydra begins.
        custom_search_space: a function of your own, by its dotted path, that is given the configuration and each
            trial, and may draw more of it.
    """

    def __init__(
        self,
        *,
        sampler: Any,
        pruner: Any,
        direction: str | None,
        storage: str | None,
        study_name: str | None,
        n_trials: int,
        n_jobs: int,
        max_failure_rate: float,
        search_space: DictConfig | None,
        params: DictConfig | None,
        custom_search_space: str | None,
    ) -> None:
        _check_counts(n_trials=n_trials, n_jobs=n_jobs)
        if not isinstance(max_failure_rate, (int, float)) or not 0 <= max_failure_rate <= 1:
            raise UserError(f"a rate lies between 0 and 1, got {max_failure_rate} (set hydra.sweeper.max_failure_rate)")
        if direction not in (None, *DIRECTIONS.values()):
            raise UserError(
                f"a study is to minimize or maximize one score, got {direction!r} (set hydra.sweeper.direction=null, "
                "which goes by task.mode)"
            )
        self.sampler, self.pruner, self.direction = sampler, pruner, direction
        self.storage, self.study_name = storage, study_name
        self.n_trials, self.n_jobs, self.max_failure_rate = n_trials, n_jobs, max_failure_rate
        self.search_space, self.custom_search_space = search_space, custom_search_space

    def sweep(self, arguments: list[str]) -> None:
        """Run the trials that the study has left."""
        # Optuna only now: Hydra imports this module wherever it looks for plugins.
        from optuna.pruners import NopPruner

        from attnlab.launch import optuna_study, search_space

        overrides = self.job.overrides
        space = search_space.of(overrides, self.search_space)
        fixed = search_space.fixed(overrides)
        self.swept = frozenset(space)
        if not space and not self.custom_search_space:
            raise UserError("a sampler needs something to draw, got none (set KEY=interval(A,B), or KEY=A,B)")
        prunes = not isinstance(self.pruner, NopPruner)
        if prunes:
            self._check_prunable()
        better = DIRECTIONS[self.config.task.mode]
        if self.direction not in (None, better):
            log.warning(
                "the study is to %s what the runs are to %s, got task.mode=%s (set hydra.sweeper.direction=null)",
                self.direction,
                better,
                self.config.task.mode,
            )
        extend = search_space.custom(self.custom_search_space)
        with ExitStack() as stack:
            study = stack.enter_context(
                optuna_study.opened(
                    overrides,
                    folder=Path(str(self.config.output_root)) / "studies",
                    name=self.study_name,
                    run_name=str(self.config.name),
                    storage=self.storage,
                    direction=self.direction or better,
                    sampler=search_space.sampler(self.sampler, space),
                    pruner=self.pruner,
                )
            )
            left = optuna_study.trials_left(study, self.n_trials, grid=search_space.grid_size(self.sampler, space))
            log.info("study %s: %d trials to go", study.study_name, left)
            number = 0
            size = 1 if self.in_turn else self.n_jobs
            while number < left:
                trials = [study.ask(space) for _ in range(min(size, left - number))]
                if extend is not None:
                    for trial in trials:
                        extend(self.config, trial)
                jobs = [[*fixed, *(f"{key}={search_space.text(v)}" for key, v in t.params.items())] for t in trials]
                judge = optuna_study.Judge(trials[0]) if prunes else None
                with judged_by(judge):
                    scores = self.launch(jobs, number)
                pruned = judge is not None and judge.ended
                failed = optuna_study.tell(study, trials, scores, pruned=pruned)
                number += len(trials)
                if self._refused_alike(number):
                    log.error("the first runs are refused alike, whatever is drawn, which ends the sweep")
                    break
                if failed / len(trials) > self.max_failure_rate:
                    limit = "set hydra.sweeper.max_failure_rate"
                    log.error("%d of %d trials failed, which ends the sweep (%s)", failed, len(trials), limit)
                    break
            optuna_study.say_best(study, self.job.record / "optimization_results.yaml")

    def _refused_alike(self, number: int) -> bool:
        """Whether what refuses the first runs is what all share, rather than what was drawn for one."""
        records = [self.job.record / f"{each}.json" for each in range(number)]
        entries = [read_json(each) for each in records if each.exists()]
        refusals = {entry["error"] for entry in entries if entry["status"] == "refused"}
        return number > 1 and len(refusals) == 1 and all(entry["status"] == "refused" for entry in entries)

    def _check_prunable(self) -> None:
        if not self.in_turn:
            raise UserError(
                "runs are pruned where they are drawn, one by one, got hydra.sweeper.pruner with a launcher (set "
                "hydra/sweeper/pruner=none, or hydra/launcher=basic)"
            )
        devices, nodes = self.config.trainer.devices, self.config.trainer.num_nodes
        if devices != 1 or nodes != 1:
            raise UserError(
                f"a run of several processes can't be pruned, got trainer.devices={devices} and "
                f"trainer.num_nodes={nodes} (set hydra/sweeper/pruner=none)"
            )
