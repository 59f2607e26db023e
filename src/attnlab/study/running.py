"""A study's runs, side by side on this machine, look after look; whatever is there already isn't done again."""

import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from attnlab.errors import UserError
from attnlab.launch import local_pool, resources
from attnlab.launch.ending import ended
from attnlab.launch.local_pool import LocalPool
from attnlab.launch.pool_progress import Progress
from attnlab.reporting.pages.linked_maps.contents import RunMaps
from attnlab.study.ablations import Ablation, Ablations
from attnlab.study.arm_maps import ArmMaps
from attnlab.study.job_states import JobStates, State, damage, is_finished
from attnlab.study.judging import Judgement, judged, read_groups
from attnlab.study.plan import Job, Plan
from attnlab.study.statistics.looks import alpha_at

Train = Callable[[list[str]], float]
# What further seeds can't mend.
FOR_GOOD = ("gold", "examples", "images", "features")


@dataclass(frozen=True)
class Results:
    """What became of a study.

    Attributes:
        judgements: by the number of seeds of each look that was taken; the last holds.
        jobs: the runs up to there, in the plan's order.
        failures: how runs failed, by their folders.
        ablations: of each arm's run of the first seed, by the arm's name; not of those that failed.
        maps: likewise, what it attends to on a few test examples.
    """

    plan: Plan
    judgements: dict[int, Judgement]
    jobs: tuple[Job, ...]
    failures: dict[Path, State]
    ablations: dict[str, Ablation]
    maps: dict[str, RunMaps] = field(default_factory=dict)

    @property
    def judgement(self) -> Judgement:
        """Of the last look."""
        return list(self.judgements.values())[-1]


class Runner:
    """Does what is left of a study.

    Args:
        train: does what `attnlab train OVERRIDES` does, in a process of its own.
        workers: most runs at a time; None: as many as the cores, or the GPUs, allow.
        retry: whether runs that failed are tried again, once.
    """

    def __init__(self, plan: Plan, *, train: Train, workers: int | None = None, retry: bool = False) -> None:
        self.plan, self.train, self.workers = plan, train, workers
        self.states = JobStates(plan.folder)
        if retry:
            for job in plan.jobs:
                self.states.forget(job)

    def run(self) -> Results:
        """All looks, up to one that decides every pair: further seeds would tell nothing that is asked.

        Raises:
            RunsInterrupted: by a signal, when all runs have written their checkpoints.
            UserError: a run was refused, which is no result; the others are done.
        """
        study, judgements = self.plan.study, {}
        for num_seeds in study.looks or (len(study.seeds),):
            jobs = jobs_of_look(self.plan, num_seeds)
            self._finish(jobs)
            judgements[num_seeds] = judgement = judged_at(self.plan, num_seeds, self.states)
            if all_decided(judgement):
                break
        failures = {job.folder: state for job in jobs if (state := self._failure(job)) is not None}
        return Results(self.plan, judgements, jobs, failures, self._ablated(jobs), self._mapped(jobs))

    def _mapped(self, jobs: Sequence[Job]) -> dict[str, RunMaps]:
        """Of the first seed, too."""
        firsts = [job for job in jobs if job.seed == self.plan.study.seeds[0] and is_finished(job)]
        return ArmMaps(self.plan.folder).made(firsts, self._pool)

    def _ablated(self, jobs: Sequence[Job]) -> dict[str, Ablation]:
        """Of the first seed, not the best; a test that fails is left out."""
        ablations = Ablations(self.plan.folder, self.plan.judged.metric)
        firsts = [job for job in jobs if job.seed == self.plan.study.seeds[0] and is_finished(job)]
        if left := [job for job in firsts if ablations.of(job) is None]:
            for _ in self._pool(len(left)).run(ablations.pool_jobs(left)):
                pass
        found = {job.arm: ablations.of(job) for job in firsts}
        return {name: each for name, each in found.items() if each is not None}

    def _failure(self, job: Job) -> State | None:
        return None if is_finished(job) else self.states.failure(job)

    def _finish(self, jobs: Sequence[Job]) -> None:
        """Do those that aren't done; what dies is taken up again where it was, up to three times."""
        refused: list[str] = []
        damaged = self._damaged(jobs)
        while left := [job for job in jobs if self._is_left(job, damaged)]:
            before = len(refused)
            for outcome in self._pool(len(left)).run(self._pool_jobs(left, damaged)):
                job = next(each for each in left if each.folder == outcome.job.output_dir)
                if outcome.ended.status == "finished":
                    assert is_finished(job), f"{job.folder} has no metrics.json"
                    damaged.discard(job.folder)
                if outcome.ended.status == "refused":
                    refused.append(f"arm {job.arm}, seed {job.seed}: {outcome.ended.error}")
                self.states.record(job, outcome.ended)
            if len(refused) > before:
                raise UserError(refused[0])

    def _is_left(self, job: Job, damaged: set[Path]) -> bool:
        if is_finished(job):
            return job.folder in damaged
        return self.states.failure(job) is None

    def _damaged(self, jobs: Sequence[Job]) -> set[Path]:
        """Folders of finished runs that can't be judged as they are."""
        found = set()
        for job in jobs:
            if (why := damage(job, self.plan.judged.metric)) is not None:
                print(f"{job.arm}, seed {job.seed}, is trained anew: {why}", file=sys.stderr)
                found.add(job.folder)
        return found

    def _pool(self, total: int) -> LocalPool:
        room = resources.Room(cores=resources.cores_here(), gpus=resources.gpus_here(), workers=self.workers)
        return LocalPool(room=room, progress=Progress(total))

    def _pool_jobs(self, jobs: Sequence[Job], damaged: set[Path]) -> Iterator[local_pool.Job]:
        threads, gpus = resources.threads_alone(), len(resources.gpus_here())
        for job in jobs:
            fresh = job.folder in damaged
            overrides = [*job.overrides, *(["fresh=true"] if fresh else [])]
            yield local_pool.Job(
                overrides=tuple(overrides),
                output_dir=job.folder,
                train=partial(ended, partial(self.train, overrides)),
                name=f"{job.arm} seed={job.seed}",
                needs=resources.needs_of(job.config["trainer"], threads=threads, gpus=gpus),
                fresh=fresh,
            )


def jobs_of_look(plan: Plan, num_seeds: int) -> tuple[Job, ...]:
    """The runs of the first so many seeds."""
    seeds = plan.study.seeds[:num_seeds]
    return tuple(job for job in plan.jobs if job.seed in seeds)


def judged_at(plan: Plan, num_seeds: int, states: JobStates) -> Judgement:
    """The verdicts at a look, by the runs of its seeds alone, however many are there.

    Raises:
        UserError: a run of it is neither finished nor failed, or runs were tested otherwise than others.
    """
    jobs, study, chosen = jobs_of_look(plan, num_seeds), plan.study, plan.judged
    if missing := [job for job in jobs if not is_finished(job) and states.failure(job) is None]:
        raise UserError(
            f"a study is judged when its runs have ended, got {missing[0].arm} with seed {missing[0].seed} still to do "
            "(give the command again)"
        )
    folders = {
        each.name: [job.folder for job in jobs if job.arm == each.name and is_finished(job)] for each in plan.arms
    }
    failed = {name: num_seeds - len(found) for name, found in folders.items()}
    return judged(
        read_groups(folders, failed=failed),
        control=study.control,
        metric=chosen.metric,
        higher_is_better=chosen.better == "max",
        margin=chosen.margin,
        alpha=alpha_at(study.looks, seeds=num_seeds),
        paired=study.pairing == "seeds",
    )


def all_decided(judgement: Judgement) -> bool:
    """Whether no further seed could tell more of what is asked: every pair has its verdict, or can't have one."""
    return all(
        verdict.finding in ("better", "worse", "the same")
        or (verdict.measured.too_few is not None and verdict.measured.too_few.lack in FOR_GOOD)
        for verdict in judgement.verdicts
    )
