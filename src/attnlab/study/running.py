"""A study's runs, side by side on this machine, look after look; whatever is there already isn't done again."""

import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from attnlab.errors import UserError
from attnlab.launch import local_pool, resources
from attnlab.launch.ending import Ended, ended
from attnlab.launch.local_pool import LocalPool
from attnlab.launch.pool_progress import Progress
from attnlab.reporting.pages.linked_maps.contents import RunMaps
from attnlab.study.ablations import Ablation, Ablations, ArmAblation, by_arm
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
        ablations: of each arm's runs that the study asks for, by the arm's name.
        maps: of each arm's run of the first seed, what it attends to on a few test examples; not of those that failed.
    """

    plan: Plan
    judgements: dict[int, Judgement]
    jobs: tuple[Job, ...]
    failures: dict[Path, State]
    ablations: dict[str, ArmAblation]
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
        trust: packages of the user's own that arms' models may be made of when they are tested again.
    """

    def __init__(
        self, plan: Plan, *, train: Train, workers: int | None = None, retry: bool = False, trust: Sequence[str] = ()
    ) -> None:
        self.plan, self.train, self.workers, self.trust = plan, train, workers, trust
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
        return ArmMaps(self.plan.folder, trust=self.trust).made(firsts, self._pool)

    def _ablated(self, jobs: Sequence[Job]) -> dict[str, ArmAblation]:
        """Of runs that finished; a test that fails says why, and is tried again when the command is given again."""
        ablations = Ablations(self.plan.folder, self.plan.judged.metric, trust=self.trust)
        wanted = [job for job in self._to_ablate(jobs) if is_finished(job)]
        broken: dict[Path, str | None] = {}
        if left := [job for job in wanted if ablations.of(job) is None]:
            for outcome in self._pool(len(left)).run(ablations.pool_jobs(left)):
                broken[outcome.job.output_dir] = outcome.ended.error
        found: dict[str, list[Ablation]] = {}
        for job in wanted:
            why = broken.get(ablations.log_folder(job))
            found.setdefault(job.arm, []).append(ablations.of(job) or Ablation(job.seed, None, None, why))
        return by_arm(found)

    def _to_ablate(self, jobs: Sequence[Job]) -> Sequence[Job]:
        """All, or of the first seed, not the best."""
        which, first = self.plan.study.ablations, self.plan.study.seeds[0]
        return [job for job in jobs if which == "all" or (which == "first" and job.seed == first)]

    def _failure(self, job: Job) -> State | None:
        return None if is_finished(job) else self.states.failure(job)

    def _finish(self, jobs: Sequence[Job]) -> None:
        """Do those that aren't done; what dies is taken up again where it was, alone, up to three times."""
        damaged, alone = self._damaged(jobs), False
        while left := [job for job in jobs if self._is_left(job, damaged)]:
            mistakes: list[str] = []
            for outcome in self._pool(len(left), alone=alone).run(self._pool_jobs(left, damaged)):
                job = next(each for each in left if each.folder == outcome.job.output_dir)
                mistakes += self._mistakes(job, outcome.ended, alone=alone)
                self.states.record(job, outcome.ended)
                if outcome.ended.status == "finished":
                    damaged.discard(job.folder)
            if mistakes:
                raise UserError(mistakes[0])
            # What died after it had begun anew goes on from there.
            damaged = {job.folder for job in left if job.folder in damaged and self._damage(job) is not None}
            alone = True  # side by side they may have been too much for this machine

    @staticmethod
    def _mistakes(job: Job, ended: Ended, *, alone: bool) -> Iterator[str]:
        """What can't become a result, and is said when the others are done.

        Raises:
            UserError: the others would meet with the same, a disk without room.
        """
        if ended.status == "finished":
            assert is_finished(job), f"{job.folder} has no metrics.json"
        elif ended.status == "refused":
            yield f"arm {job.arm}, seed {job.seed}: {ended.error}"
        elif ended.status == "out of memory" and alone:
            yield (
                f"a run must fit into this machine's memory, got {ended.error} in arm {job.arm}, seed {job.seed}, with "
                "none beside it (set data.batch_size or data.batch_tokens in the study's base, or leave the arm out)"
            )
        elif ended.status == "faulted":
            raise UserError(
                f"a run's files must be there to read and write, got {ended.error} in arm {job.arm}, seed {job.seed} "
                "(make room, or set output_root in the study's base; the same command does what is left)"
            )

    def _is_left(self, job: Job, damaged: set[Path]) -> bool:
        if is_finished(job):
            return job.folder in damaged
        return self.states.failure(job) is None

    def _damage(self, job: Job) -> str | None:
        return damage(job, self.plan.judged.metric)

    def _damaged(self, jobs: Sequence[Job]) -> set[Path]:
        """Folders of runs that can't be judged, or gone on with, as they are."""
        found = set()
        for job in jobs:
            if (why := self._damage(job)) is not None:
                print(f"{job.arm}, seed {job.seed}, is trained anew: {why}", file=sys.stderr)
                found.add(job.folder)
        return found

    def _pool(self, total: int, *, alone: bool = False) -> LocalPool:
        workers = 1 if alone else self.workers
        room = resources.Room(cores=resources.cores_here(), gpus=resources.gpus_here(), workers=workers)
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
