"""Whether what an arm's attention has learned is used: one run of each arm tested again with all weights even."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from attnlab.config import identity
from attnlab.errors import UserError
from attnlab.files import write_text
from attnlab.launch import local_pool
from attnlab.launch.ending import ended
from attnlab.launch.resources import Needs
from attnlab.study.plan import Job


class Ablation(NamedTuple):
    """The score of a run as it is, and where every weight of attention is its query's or image's mean; or why not."""

    seed: int
    score: float | None
    ablated: float | None
    why: str | None = None


class Ablations:
    """Those of one study, a file each.

    Args:
        folder: the study's.
        metric: whose scores are told.
    """

    def __init__(self, folder: Path, metric: str) -> None:
        self.folder, self.metric = folder / "ablations", metric

    def of(self, job: Job) -> Ablation | None:
        """What is on record of a run; None where nothing is that can be read, or that counts today."""
        try:
            found = json.loads(self._path(job).read_text(encoding="utf-8"))
            if found["results"] != identity.RESULTS:
                return None
            scores = [None if each is None else each[self.metric] for each in (found["scores"], found["ablated"])]
            return Ablation(job.seed, scores[0], scores[1], found["why"])
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def pool_jobs(
        self, jobs: Sequence[Job], *, needs: Callable[[Mapping[str, Any]], Needs]
    ) -> Iterator[local_pool.Job]:
        """What is left of them, for a pool; `needs` says what a run takes, by its trainer's settings."""
        for job in jobs:
            yield local_pool.Job(
                overrides=job.overrides,
                output_dir=self.folder / job.folder.name,
                train=partial(ended, partial(self._test, job)),
                name=f"{job.arm} seed={job.seed} without its attention",
                needs=needs(job.config["trainer"]),
                is_one_process=True,
            )

    def _test(self, job: Job) -> float:
        from attnlab.runs.evaluate import evaluate

        threads = job.config["trainer"]["threads"]
        try:
            found = evaluate(str(job.folder), [] if threads is None else [f"trainer.threads={threads}"], ablate=True)
        except UserError as error:  # a model without attention, say
            self._write(job, scores=None, ablated=None, why=str(error))
            return float("nan")
        self._write(job, scores=found.scores, ablated=found.ablated, why=None)
        return (found.ablated or {}).get(self.metric, float("nan"))

    def _write(
        self, job: Job, *, scores: dict[str, float] | None, ablated: dict[str, float] | None, why: str | None
    ) -> None:
        said = {"arm": job.arm, "seed": job.seed, "results": identity.RESULTS}
        said |= {"scores": scores, "ablated": ablated, "why": why}
        write_text(self._path(job), json.dumps(said, indent=1, ensure_ascii=False) + "\n")

    def _path(self, job: Job) -> Path:
        return self.folder / f"{job.folder.name}.json"
