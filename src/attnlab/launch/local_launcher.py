"""A sweep's runs side by side on this machine, for `hydra/launcher=local`."""

import logging
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from hydra.core.hydra_config import HydraConfig
from hydra.core.utils import JobReturn, JobStatus, run_job, setup_globals
from hydra.errors import HydraException
from hydra.plugins.launcher import Launcher
from hydra.types import HydraContext, TaskFunction
from omegaconf import DictConfig, OmegaConf, open_dict
from omegaconf.errors import OmegaConfBaseException

from attnlab.errors import UserError
from attnlab.launch import resources
from attnlab.launch.ending import Ended
from attnlab.launch.local_pool import Job, LocalPool
from attnlab.launch.pool_progress import Progress
from attnlab.launch.sweep import SweepJob

log = logging.getLogger(__name__)


class LocalLauncher(Launcher):
    """Each run of a sweep is forked from this process, which has imported all that it needs, as soon as cores are free.

    Args:
        workers: most runs at a time; None: as many as the cores allow, of which each takes `trainer.threads` for each
            of its processes, and as many as there are GPUs where they train on them.
    """

    def __init__(self, *, workers: int | None) -> None:
        if workers is not None and (not isinstance(workers, int) or workers < 1):
            raise UserError(f"workers must be a whole number, 1 or more, got {workers!r} (set hydra.launcher.workers)")
        self.workers = workers

    def setup(self, *, hydra_context: HydraContext, task_function: TaskFunction, config: DictConfig) -> None:
        assert isinstance(task_function, SweepJob)
        if not sys.platform.startswith("linux"):
            raise UserError(
                f"runs side by side are forked, which is safe on Linux alone, got {sys.platform} "
                "(set hydra/launcher=basic)"
            )
        self.hydra_context, self.job, self.config = hydra_context, task_function, config
        self.is_warm = False

    def launch(self, job_overrides: Sequence[Sequence[str]], initial_job_idx: int) -> Sequence[JobReturn]:
        """Train them; a run without a score returns None, which sweepers take for failed."""
        setup_globals()
        if not self.is_warm:
            self.job.warm_up()
            self.is_warm = True
        self.threads, self.gpus = resources.threads_alone(), resources.gpus_here()
        self.cores = resources.cores_here()
        room = resources.Room(cores=self.cores, gpus=self.gpus, workers=self.workers)
        progress = Progress(len(job_overrides), score=str(self.config.task.monitor))
        scores: dict[int, float | None] = {}
        numbers: dict[Job, int] = {}
        for outcome in LocalPool(room=room, progress=progress).run(
            self._jobs(job_overrides, initial_job_idx, numbers, progress)
        ):
            number = numbers[outcome.job]
            scores[number] = outcome.ended.score
            self.job.settle(number, outcome.job.overrides, outcome.job.output_dir, outcome.ended)
        return [
            JobReturn(overrides=list(each), status=JobStatus.COMPLETED, _return_value=scores.get(number))
            for number, each in enumerate(job_overrides, initial_job_idx)
        ]

    def _jobs(
        self, runs: Sequence[Sequence[str]], first: int, numbers: dict[Job, int], progress: Progress
    ) -> Iterator[Job]:
        """Composed one by one, as they are asked for, and numbered; what can't be is recorded as refused."""
        shared = {each for each in runs[0] if all(each in other for other in runs)} if len(runs) > 1 else set()
        for number, overrides in enumerate(runs, first):
            name = " ".join([f"#{number}", *(each for each in overrides if each not in shared)])
            try:
                job = self._job(list(overrides), number, name=name)
            except (UserError, HydraException, OmegaConfBaseException) as error:
                progress.refused(name, self.job.refused(number, overrides, error))
                continue
            if number == first and len(runs) > 1:
                self._warn_if_alone(job)
            numbers[job] = number
            yield job

    def _warn_if_alone(self, job: Job) -> None:
        if self.workers is None and not job.needs.gpus and 1 < self.cores < 2 * job.needs.cores:
            log.warning(
                "one run at a time: each takes %d of %d cores (trainer.threads says how many a process takes)",
                job.needs.cores,
                self.cores,
            )

    def _job(self, overrides: list[str], number: int, *, name: str) -> Job:
        config = self.hydra_context.config_loader.load_sweep_config(self.config, overrides)
        with open_dict(config):
            config.hydra.job.id = config.hydra.job.num = number
            # What it prints is added to the same file.
            handlers = OmegaConf.select(config, "hydra.job_logging.root.handlers") or []
            if "file" in handlers:
                config.hydra.job_logging.root.handlers = [each for each in handlers if each != "console"]
        before = HydraConfig.instance().cfg
        try:
            HydraConfig.instance().set_config(config)  # by which names and hashes are resolved
            folder = Path(str(config.hydra.sweep.dir), str(config.hydra.sweep.subdir)).absolute()
            trainer = OmegaConf.to_container(config.trainer, resolve=True)
        finally:
            HydraConfig.instance().cfg = before
        assert isinstance(trainer, dict)
        needs = resources.needs_of(
            {str(key): value for key, value in trainer.items()}, threads=self.threads, gpus=len(self.gpus)
        )
        return Job(
            overrides=tuple(overrides),
            output_dir=folder,
            train=lambda: self._train(config, number),
            name=name,
            needs=needs,
            fresh=bool(config.fresh),
        )

    def _train(self, config: DictConfig, number: int) -> Ended:
        """One run, in its own process."""
        returned = run_job(
            hydra_context=self.hydra_context,
            task_function=self.job,
            config=config,
            job_dir_key="hydra.sweep.dir",
            job_subdir_key="hydra.sweep.subdir",
        )
        score: float | None = returned.return_value
        return self.job.on_record(number) or Ended("finished", score)
