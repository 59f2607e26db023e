"""Where the runs of a study are done: on this machine side by side, or as jobs of SLURM."""

import re
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import hydra.utils
from hydra.errors import InstantiationException

from attnlab.config.sweep_overrides import check_hydras_groups, hydra_node
from attnlab.errors import UserError, one_line
from attnlab.language import Words
from attnlab.launch import resources, slurm_queue
from attnlab.launch.local_launcher import LocalLauncher
from attnlab.launch.local_pool import Job, LocalPool, Outcome
from attnlab.launch.pool_progress import Progress
from attnlab.launch.sent_runs import SentRuns
from attnlab.launch.slurm_launcher import SlurmLauncher
from attnlab.launch.slurm_pool import SlurmPool
from attnlab.launch.slurm_queue import Asked
from attnlab.study.design import Study

if TYPE_CHECKING:
    from attnlab.study.plan import Plan

# In which runs that ask for the same may differ.
OF_ONE_RUN = re.compile(r"seed=")
OURS = tuple(f"hydra_plugins.attnlab_launcher.{each}" for each in ("LocalLauncher", "SlurmLauncher"))
OF_LAUNCHER = re.compile(r"\+*hydra[/.]launcher\b")


class Pool(Protocol):
    """Does runs, and tells of each when it ends."""

    def run(self, jobs: Iterable[Job]) -> Iterator[Outcome]: ...


class Launching(Protocol):
    """Where runs are done."""

    def check_there(self) -> None:
        """Raise UserError where it can't be."""

    def pool(self, plan: "Plan", total: int, *, alone: bool = False, score: str | None = None) -> Pool:
        """For so many runs of a study; `alone`: none beside another, for they may have been too much for a machine.

        `score` is what they end with (None: what runs are validated by).
        """

    def needs(self, trainer: Mapping[str, Any]) -> resources.Needs:
        """What a run with these settings takes of this machine."""

    def described(self, plan: "Plan") -> Words:
        """Where that is, for a person."""


class SideBySide:
    """On this machine, each in a process of its own.

    Args:
        workers: most runs at a time; None: as many as the cores, or the GPUs, allow.
    """

    def __init__(self, *, workers: int | None = None) -> None:
        self.workers = workers

    def check_there(self) -> None:
        if not sys.platform.startswith("linux"):
            raise UserError(
                f"a study's runs are forked, which is safe on Linux alone, got {sys.platform} (add --dry-run, and give "
                "each run's own command)"
            )

    def pool(self, plan: "Plan", total: int, *, alone: bool = False, score: str | None = None) -> Pool:
        _check_none_sent(plan)
        workers = 1 if alone else self.workers
        room = resources.Room(cores=resources.cores_here(), gpus=resources.gpus_here(), workers=workers)
        return LocalPool(room=room, progress=Progress(total, score=_monitor(plan) if score is None else score))

    def needs(self, trainer: Mapping[str, Any]) -> resources.Needs:
        return resources.needs_of(trainer, threads=resources.threads_alone(), gpus=len(resources.gpus_here()))

    def described(self, plan: "Plan") -> Words:
        if self.workers is not None:
            most = self.workers
            return Words(f"this machine, at most {most} runs at a time", f"这台机器，最多同时 {most} 次运行")
        cores, gpus = resources.cores_here(), len(resources.gpus_here())
        allow = Words(f" and {gpus} GPUs allow", f"、{gpus} 块 GPU ") if gpus else Words(" allow", "")
        return Words(
            f"this machine, as many runs at a time as its {cores} cores{allow.en}",
            f"这台机器，{cores} 个核{allow.zh}能同时做多少次运行就做多少次",
        )


class OnCluster:
    """As jobs of SLURM.

    Args:
        overrides: what is set of Hydra's launcher, that it is this one among it.
        config_dirs: folders of the user's own configs.
    """

    def __init__(self, *, overrides: Sequence[str], config_dirs: Sequence[str]) -> None:
        self.overrides, self.config_dirs = overrides, config_dirs
        self._asked_by = cache(self._composed)

    def check_there(self) -> None:
        slurm_queue.check_there()

    def pool(self, plan: "Plan", total: int, *, alone: bool = False, score: str | None = None) -> Pool:
        progress = Progress(total, shows_waiting=True, score=_monitor(plan) if score is None else score)
        return SlurmPool(asked=self.asked, sent=_sent(plan), progress=progress)

    def needs(self, trainer: Mapping[str, Any]) -> resources.Needs:
        return resources.Needs(cores=0)

    def asked(self, job: Job) -> Asked:
        """What a run asks of SLURM: nodes and processes as its trainer has them.

        Raises:
            UserError: a value that doesn't fit.
        """
        return self._asked_by(tuple(each for each in job.overrides if not OF_ONE_RUN.match(each)))

    def described(self, plan: "Plan") -> Words:
        asked = self._asked_by(plan.control.arm.overrides)
        said, partition = asked.parameters, asked.parameters.get("slurm_partition")
        most, minutes = said["slurm_array_parallelism"], said["timeout_min"]
        processes, cores = f"{said['nodes']} x {said['tasks_per_node']}", said["cpus_per_task"]
        gpus = Words("", "")
        if (number := said.get("gpus_per_node")) is not None:
            gpus = Words(f" and {number} GPUs a node", f"，每个节点 {number} 块 GPU")
        return Words(
            f"SLURM, partition {partition or 'left to it'}, at most {most} jobs at once of {processes} processes with "
            f"{cores} cores each{gpus.en}, put back in the queue after {minutes} minutes; what they print goes to "
            f"{asked.folder}",
            f"SLURM，分区{f' {partition}' if partition else '由它决定'}，最多同时 {most} 个作业，"
            f"每个 {processes} 个进程、每个进程 {cores} 个核{gpus.zh}，"
            f"{minutes} 分钟后放回队列；输出写到 {asked.folder}",
        )

    def _composed(self, overrides: tuple[str, ...]) -> Asked:
        launcher = _launcher([*overrides, *self.overrides], self.config_dirs)
        assert isinstance(launcher, SlurmLauncher)
        return launcher.asked


def _sent(plan: "Plan") -> SentRuns:
    """The record of who does a run has one place, whatever folder the jobs write to."""
    return SentRuns(Path(plan.control.arm.config["output_root"], "slurm", "sent"))


def _check_none_sent(plan: "Plan") -> None:
    """Raise UserError where jobs of an earlier command still do runs: two at once would mix what they write."""
    sent = _sent(plan)
    if not (found := [each for job in plan.jobs if (each := sent.of(job.folder)) is not None]):
        return
    queue = slurm_queue.queued() or {}
    known = [each.among(queue) for each in found]
    if alive := [each[0] for each in known if each is not None and each[1].is_alive]:
        raise UserError(
            f"jobs of SLURM still do runs of this study, got {', '.join(alive)} (add hydra/launcher=slurm, or end them "
            f"by scancel {' '.join(dict.fromkeys(each.split('_')[0] for each in alive))})"
        )


def launching(
    study: Study, *, overrides: Sequence[str], workers: int | None, config_dirs: Sequence[str] = ()
) -> Launching:
    """Where a study's runs are done, as `overrides` of Hydra's launcher say; without any, on this machine.

    Raises:
        UserError: a study can't be done by that launcher, or a value doesn't fit.
    """
    if not overrides:
        return SideBySide(workers=workers)
    if others := [each for each in overrides if not OF_LAUNCHER.match(each)]:
        raise UserError(f"of Hydra a study takes the launcher alone, got {others[0]} (drop it)")
    check_hydras_groups(overrides, config_dirs=config_dirs)
    control = next(each for each in study.arms if each.name == study.control)
    launcher = _launcher([*study.base, *control.overrides, *overrides], config_dirs)
    if isinstance(launcher, LocalLauncher):
        return SideBySide(workers=launcher.workers if workers is None else workers)
    if workers is not None:
        raise UserError(
            f"workers are of this machine, got --workers {workers} with jobs of SLURM (set "
            "hydra.launcher.array_parallelism)"
        )
    return OnCluster(overrides=overrides, config_dirs=config_dirs)


def _monitor(plan: "Plan") -> str:
    """The score that a run ends with."""
    task = plan.arms[0].arm.config.get("task")
    return str(task.get("monitor", "")) if isinstance(task, dict) else ""


def _launcher(overrides: Sequence[str], config_dirs: Sequence[str]) -> LocalLauncher | SlurmLauncher:
    """As Hydra would make it."""
    node = hydra_node("launcher", overrides, config_dirs=config_dirs)
    if node.get("_target_") not in OURS:
        raise UserError(
            f"a study's runs are done by hydra/launcher=local or slurm, got {node.get('_target_')} (set hydra/launcher)"
        )
    try:
        made: LocalLauncher | SlurmLauncher = hydra.utils.instantiate(node)
    except InstantiationException as error:
        cause = error.__cause__ or error
        said = str(cause) if isinstance(cause, UserError) else f"{one_line(cause)} (set hydra.launcher.*)"
        raise UserError(said) from error
    return made
