"""A study's runs, wherever they are done, look after look; whatever is there already isn't done again."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from types import MappingProxyType

from attnlab.errors import UserError
from attnlab.language import either
from attnlab.launch import local_pool
from attnlab.launch.ending import Ended, ended
from attnlab.reading.shown import tell
from attnlab.reporting.pages.linked_maps.contents import RunMaps
from attnlab.reporting.reasons import in_chinese
from attnlab.study.ablations import Ablation, Ablations, ArmAblation, by_arm
from attnlab.study.arm_maps import ArmMaps
from attnlab.study.changed_data import begun_otherwise, check_same_data
from attnlab.study.earlier_looks import asked_before, judged_before
from attnlab.study.job_states import SHORT, JobStates, State, await_finished, damage, is_finished
from attnlab.study.judging import Judgement, judged, read_groups
from attnlab.study.launching import Launching, Pool, SideBySide
from attnlab.study.plan import Job, Plan
from attnlab.study.statistics.looks import alpha_at
from attnlab.study.wandb_study import labelled, labels

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

    @property
    def learning_nothing(self) -> list[str]:
        """Arms whose attention has weights that nothing moves."""
        return [each.name for each in self.plan.arms if each.costs.learns_nothing]


class Runner:
    """Does what is left of a study.

    Args:
        train: does what `attnlab train OVERRIDES` does, in a process of its own; picklable for one elsewhere.
        launching: where runs are done; None: on this machine, as many at a time as the cores, or the GPUs, allow.
        retry: whether runs that failed are tried again, once.
        trust: packages of the user's own that arms' models may be made of when they are tested again.
        fresh: whether runs are trained anew whose data, in the user's own files, has changed.
    """

    def __init__(
        self,
        plan: Plan,
        *,
        train: Train,
        launching: Launching | None = None,
        retry: bool = False,
        trust: Sequence[str] = (),
        fresh: bool = False,
    ) -> None:
        self.plan, self.train, self.launching = plan, train, launching or SideBySide()
        self.retry, self.trust, self.fresh = retry, trust, fresh
        self.states = JobStates(plan.folder)

    def tune(self) -> None:
        """All trials of all arms; one that fails is a trial.

        Raises:
            RunsInterrupted: by a signal, when all runs have written their checkpoints.
            UserError: the data has changed since some were trained; or a trial was refused, and the others are done.
        """
        assert self.plan.tuning is not None
        trials = {each.job.folder: each for each in self.plan.tuning.trials}
        jobs = [each.job for each in trials.values()]
        self._begin(jobs)
        names = {
            folder: either(f"{each.job.arm} trial {each.number}", f"{each.job.arm} 第 {each.number} 次试验")
            for folder, each in trials.items()
        }
        self._finish(jobs, metric=None, names=names)

    def run(self) -> Results:
        """All looks, up to one that decides every pair: further seeds would tell nothing that is asked.

        Raises:
            RunsInterrupted: by a signal, when all runs have written their checkpoints.
            UserError: the data has changed since some were trained; or a run was refused, which is no result, and the
                others are done.
        """
        self._begin(self.plan.jobs)
        study, judgements = self.plan.study, {}
        for num_seeds in study.looks or (len(study.seeds),):
            jobs = jobs_of_look(self.plan, num_seeds)
            self._finish(jobs, metric=self.plan.judged.metric)
            judgements[num_seeds] = judgement = judged_at(self.plan, num_seeds, self.states)
            if all_decided(judgement):
                break
        failures = {job.folder: state for job in jobs if (state := self._failure(job)) is not None}
        return Results(self.plan, judgements, jobs, failures, self._ablated(jobs), self._mapped(jobs))

    def _mapped(self, jobs: Sequence[Job]) -> dict[str, RunMaps]:
        """Of the first seed, too."""
        firsts = [job for job in jobs if job.seed == self.plan.study.seeds[0] and is_finished(job)]
        return ArmMaps(self.plan.folder, trust=self.trust).made(firsts, self._pool, needs=self.launching.needs)

    def _ablated(self, jobs: Sequence[Job]) -> dict[str, ArmAblation]:
        """Of runs that finished; a test that fails says why, and is tried again when the command is given again."""
        ablations = Ablations(
            self.plan.folder,
            self.plan.judged.metric,
            trust=self.trust,
            checksum=self.plan.checksum,
            fixed={each.name: each.costs.fixed for each in self.plan.arms},
        )
        wanted = self._to_ablate(jobs, ablations)
        broken: dict[Path, str | None] = {}
        if left := [job for job in wanted if ablations.of(job) is None]:
            pool = self._pool(len(left), score=f"test/{self.plan.judged.metric}")
            for outcome in pool.run(ablations.kept.pool_jobs(left, needs=self.launching.needs)):
                broken[outcome.job.output_dir] = outcome.ended.error
        found: dict[str, list[Ablation]] = {}
        for job in wanted:
            why = broken.get(ablations.kept.log_folder(job))
            found.setdefault(job.arm, []).append(ablations.of(job) or Ablation(job.seed, None, None, why))
        return by_arm(found)

    def _to_ablate(self, jobs: Sequence[Job], ablations: Ablations) -> Sequence[Job]:
        """All, or of the first seed, not the best, with whatever else is on record; not of arms that learn nothing."""
        which, first = self.plan.study.ablations, self.plan.study.seeds[0]
        if which == "none":
            return []
        learning = {each.name for each in self.plan.arms if not each.costs.learns_nothing}
        return [
            job
            for job in jobs
            if job.arm in learning
            and is_finished(job)
            and (which == "all" or job.seed == first or ablations.of(job) is not None)
        ]

    def _failure(self, job: Job) -> State | None:
        return None if is_finished(job) else self.states.failure(job)

    def _begin(self, jobs: Sequence[Job]) -> None:
        if not self.fresh:
            check_same_data(self.plan, jobs)
        if self.retry:
            for job in jobs:
                self.states.forget(job)

    def _finish(
        self, jobs: Sequence[Job], *, metric: str | None, names: Mapping[Path, str] = MappingProxyType({})
    ) -> None:
        """Do those that aren't done; what dies is taken up again where it was, alone, up to three times."""
        damaged, alone = self._damaged(jobs, metric), False
        while left := [job for job in jobs if self._is_left(job, damaged)]:
            mistakes: list[str] = []
            for outcome in self._pool(len(left), alone=alone).run(self._pool_jobs(left, damaged, names)):
                job = next(each for each in left if each.folder == outcome.job.output_dir)
                mistakes += self._mistakes(job, outcome.ended, alone=alone)
                self.states.record(job, outcome.ended)
                if outcome.ended.status == "finished":
                    damaged.discard(job.folder)
            if mistakes:
                raise UserError(mistakes[0])
            # What died after it had begun anew goes on from there.
            damaged = {job.folder for job in left if job.folder in damaged and self._damage(job, metric) is not None}
            alone = True  # side by side they may have been too much for this machine

    @staticmethod
    def _mistakes(job: Job, ended: Ended, *, alone: bool) -> Iterator[str]:
        """What can't become a result, and is said when the others are done.

        Raises:
            UserError: the others would meet with the same, a disk without room.
        """
        if ended.status == "finished":
            await_finished(job)
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
                "(make room, or set output_root=DIR; the same command does what is left)"
            )

    def _is_left(self, job: Job, damaged: set[Path]) -> bool:
        if is_finished(job):
            return job.folder in damaged
        return self.states.failure(job) is None

    def _damaged(self, jobs: Sequence[Job], metric: str | None) -> set[Path]:
        """Folders of runs that can't be judged, or gone on with, as they are."""
        found = set()
        for job in jobs:
            if (why := self._damage(job, metric)) is not None:
                tell(
                    either(
                        f"{job.arm}, seed {job.seed}, is trained anew: {why}",
                        f"重新训练 {job.arm}（种子 {job.seed}）：{in_chinese(why)}",
                    )
                )
                found.add(job.folder)
        return found

    def _damage(self, job: Job, metric: str | None) -> str | None:
        why = damage(job, metric, checksum=self.plan.checksum)
        if why is not None or not self.fresh or self.states.failure(job) is not None:
            return why
        before = begun_otherwise(job, self.plan.checksum)
        return None if before is None else f"it was begun on data with the checksum {before[:SHORT]}"

    def _pool(self, total: int, *, alone: bool = False, score: str | None = None) -> Pool:
        return self.launching.pool(self.plan, total, alone=alone, score=score)

    def _pool_jobs(
        self, jobs: Sequence[Job], damaged: set[Path], names: Mapping[Path, str]
    ) -> Iterator[local_pool.Job]:
        for job in jobs:
            fresh = job.folder in damaged
            again = self._training(job, [*job.overrides])
            yield local_pool.Job(
                overrides=job.overrides,
                output_dir=job.folder,
                train=self._training(job, [*job.overrides, "fresh=true"]) if fresh else again,
                again=again,
                name=names.get(job.folder, either(f"{job.arm} seed={job.seed}", f"{job.arm} 种子 {job.seed}")),
                needs=self.launching.needs(job.config["trainer"]),
                fresh=fresh,
            )

    def _training(self, job: Job, overrides: list[str]) -> Callable[[], Ended]:
        return partial(ended, partial(labelled, self.train, overrides, labels(self.plan, job)))


def jobs_of_look(plan: Plan, num_seeds: int) -> tuple[Job, ...]:
    """The runs of the first so many seeds."""
    seeds = plan.study.seeds[:num_seeds]
    return tuple(job for job in plan.jobs if job.seed in seeds)


def judged_at(plan: Plan, num_seeds: int, states: JobStates) -> Judgement:
    """The verdicts at a look, by the runs of its seeds alone, however many are there.

    They are exploratory where seeds were added after a look that wasn't planned, or are judged by another rule since.

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
        exploratory=bool(judged_before(plan) or asked_before(plan)),
        trials=0 if study.tune is None else study.tune.trials,
    )


def all_decided(judgement: Judgement) -> bool:
    """Whether no further seed could tell more of what is asked: every pair has its verdict, or can't have one."""
    return all(
        verdict.finding in ("better", "worse", "the same")
        or (verdict.measured.too_few is not None and verdict.measured.too_few.lack in FOR_GOOD)
        for verdict in judgement.verdicts
    )
