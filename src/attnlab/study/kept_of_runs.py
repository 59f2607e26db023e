"""What is made of a study's finished runs, each in a process of its own, and kept: a file a run."""

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from attnlab.language import Words, either
from attnlab.launch import local_pool
from attnlab.launch.ending import ended
from attnlab.launch.resources import Needs
from attnlab.study.plan import Job


class KeptOfRuns:
    """Files of one kind.

    Args:
        folder: where they lie, and logs beside them.
        make: makes a run's, and returns a score to be shown, NaN for none.
        named: what is made, after a run's name: "without its attention".
    """

    def __init__(self, folder: Path, make: Callable[[Job], float], *, named: Words) -> None:
        self.folder, self.make, self.named = folder, make, named

    def path(self, job: Job) -> Path:
        """Of a run's file."""
        return self.folder / f"{job.folder.name}.json"

    def log_folder(self, job: Job) -> Path:
        """Where lies what is printed while it is made."""
        return self.folder / job.folder.name

    @staticmethod
    def stamp(job: Job) -> str:
        """Of the training that a finished run's folder holds: of one done anew, what was made before isn't."""
        return hashlib.sha256((job.folder / "metrics.json").read_bytes()).hexdigest()[:16]

    def pool_jobs(
        self, jobs: Sequence[Job], *, needs: Callable[[Mapping[str, Any]], Needs]
    ) -> Iterator[local_pool.Job]:
        """These runs' for a pool; `needs` says what a run takes, by its trainer's settings."""
        for job in jobs:
            yield local_pool.Job(
                overrides=job.overrides,
                output_dir=self.log_folder(job),
                train=partial(ended, partial(self.make, job)),
                name=either(f"{job.arm} seed={job.seed} {self.named.en}", f"{job.arm} 种子 {job.seed} {self.named.zh}"),
                needs=needs(job.config["trainer"]),
                is_one_process=True,
            )
