"""A sweep's runs as jobs of SLURM, for `hydra/launcher=slurm`."""

import logging
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from hydra.core.singleton import Singleton
from hydra.core.utils import JobReturn, JobStatus, filter_overrides, run_job, setup_globals
from hydra.plugins.launcher import Launcher
from hydra.types import HydraContext, TaskFunction
from omegaconf import DictConfig, OmegaConf, open_dict

from attnlab.config.resolvers import register_resolvers
from attnlab.errors import UserError
from attnlab.launch import slurm_queue
from attnlab.launch.slurm_queue import Asked

log = logging.getLogger(__name__)

POLL_SECONDS = 2.0
# A result may be seen later than the end of its job, on a network file system.
POLLS_UNTIL_GIVEN_UP = 5


class SlurmLauncher(Launcher):
    """Each run of a sweep is a job of one SLURM array, sent by submitit; the runs that die don't take the others along.

    hydra-submitit-launcher, which this takes after, asks sacct what became of a job and waits for ever where there is
    none, and ends the sweep at the first job without a result.
    """

    def __init__(
        self,
        *,
        folder: str,
        name: str,
        timeout_min: int,
        nodes: int,
        tasks_per_node: int,
        cpus_per_task: int,
        gpus_per_node: int | None,
        mem_gb: int | None,
        partition: str | None,
        account: str | None,
        qos: str | None,
        constraint: str | None,
        array_parallelism: int,
        signal_delay_s: int,
        max_num_timeout: int,
        setup: Sequence[str],
        additional_parameters: DictConfig,
    ) -> None:
        if name in ("bash", "interactive"):
            raise UserError(f"Lightning takes such a job for a shell, got {name} (set hydra.launcher.name)")
        slurm = {
            "partition": partition,
            "account": account,
            "qos": qos,
            "constraint": constraint,
            "array_parallelism": array_parallelism,
            "signal_delay_s": signal_delay_s,
            "setup": [*setup, *slurm_queue.setup()],
            "additional_parameters": OmegaConf.to_container(additional_parameters),
        }
        shared = {
            "name": name,
            "timeout_min": timeout_min,
            "nodes": nodes,
            "tasks_per_node": tasks_per_node,
            "cpus_per_task": cpus_per_task,
            "gpus_per_node": gpus_per_node,
            "mem_gb": mem_gb,
        }
        given = {**shared, **{f"slurm_{key}": value for key, value in slurm.items()}}
        parameters = {key: value for key, value in given.items() if value is not None}
        self.asked = Asked(Path(folder).absolute(), max_num_timeout, parameters)

    def setup(self, *, hydra_context: HydraContext, task_function: TaskFunction, config: DictConfig) -> None:
        self.hydra_context, self.task_function, self.config = hydra_context, task_function, config

    def launch(self, job_overrides: Sequence[Sequence[str]], initial_job_idx: int) -> Sequence[JobReturn]:
        """Send the jobs and wait for them; a run without a result returns None, which sweepers take for failed."""
        slurm_queue.check_there()
        numbers = range(initial_job_idx, initial_job_idx + len(job_overrides))
        for number, overrides in zip(numbers, job_overrides, strict=True):
            log.info("\t#%d : %s", number, " ".join(filter_overrides(overrides)))
        state = Singleton.get_state()
        calls = [_Run(self, list(each), number, state) for number, each in zip(numbers, job_overrides, strict=True)]
        jobs = slurm_queue.send(self.asked, calls)
        log.info("%d jobs of SLURM, from %s on; their output is in %s", len(jobs), jobs[0].job_id, self.asked.folder)
        try:
            _wait(jobs)
        except KeyboardInterrupt:
            log.warning("the jobs stay with SLURM: %s", " ".join(job.job_id for job in jobs))
            raise
        return [_result(job, overrides) for job, overrides in zip(jobs, job_overrides, strict=True)]

    def run_here(self, overrides: list[str], number: int, singletons: dict[type, Singleton]) -> JobReturn:
        """One run, in its job."""
        import submitit

        register_resolvers()
        Singleton.set_state(singletons)
        setup_globals()
        config = self.hydra_context.config_loader.load_sweep_config(self.config, overrides)
        with open_dict(config):
            config.hydra.job.id = submitit.JobEnvironment().job_id
            config.hydra.job.num = number
        return run_job(
            hydra_context=self.hydra_context,
            task_function=self.task_function,
            config=config,
            job_dir_key="hydra.sweep.dir",
            job_subdir_key="hydra.sweep.subdir",
        )


class _Run:
    """What the job of one run calls."""

    def __init__(
        self, launcher: SlurmLauncher, overrides: list[str], number: int, singletons: dict[type, Singleton]
    ) -> None:
        self.launcher, self.overrides, self.number, self.singletons = launcher, overrides, number, singletons

    def __call__(self) -> JobReturn:
        return self.launcher.run_here(self.overrides, self.number, self.singletons)

    def checkpoint(self) -> Any:
        """What submitit runs when a job comes back: the same, which goes on from its own checkpoint."""
        import submitit

        return submitit.helpers.DelayedSubmission(self)


def _wait(jobs: Sequence[Any]) -> None:
    """Until each job has left a result, or has been gone for a while without one."""
    missed = {job.job_id: 0 for job in jobs if not job.paths.result_pickle.exists()}
    while missed:
        time.sleep(POLL_SECONDS)
        alive = _alive()
        for job in jobs:
            if job.job_id not in missed:
                continue
            missed[job.job_id] = 0 if alive is None or job.job_id in alive else missed[job.job_id] + 1
            if job.paths.result_pickle.exists() or missed[job.job_id] >= POLLS_UNTIL_GIVEN_UP:
                del missed[job.job_id]


def _alive() -> set[str] | None:
    """The jobs of this user that SLURM still has; None if it doesn't answer."""
    found = slurm_queue.queued()
    return None if found is None else {name for name, each in found.items() if each.is_alive}


def _result(job: Any, overrides: Sequence[str]) -> JobReturn:
    from submitit.core.utils import pickle_load

    path = job.paths.result_pickle
    outcome, value = pickle_load(path) if path.exists() else ("error", f"job {job.job_id} died")
    if outcome == "success" and isinstance(value, JobReturn):
        return value
    last_line = str(value).strip().splitlines()[-1]
    log.error("no result of %s: %s (see %s)", " ".join(overrides), last_line, job.paths.stderr)
    return JobReturn(overrides=list(overrides), status=JobStatus.COMPLETED, _return_value=None)
