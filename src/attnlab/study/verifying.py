"""Whether a row of a study's results can be had again: its receipt, and the losses of its first updates once more."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from attnlab.callbacks.first_losses import NAME, UPDATES, Losses, read_losses
from attnlab.config import identity
from attnlab.errors import UserError, closest, one_line
from attnlab.runs import own_code, run_folder
from attnlab.runs.rerun import Rerun, rerun
from attnlab.runs.surroundings import elsewhere, git_commit, lock_hash
from attnlab.study.job_states import JobStates, is_finished
from attnlab.study.plan import Job, Plan

HERE, ELSEWHERE = 1e-6, 1e-3  # relative differences of losses that are none
# A loss may pass through 0, where no difference is small: it counts as this share of its largest, at least.
LEAST_SHARE = 1e-3


@dataclass(frozen=True)
class Check:
    """One line of a receipt: what is on record, and what it is now; `decides` where a difference means another run."""

    what: str
    recorded: Any
    now: Any
    decides: bool

    @property
    def holds(self) -> bool:
        return bool(self.recorded == self.now)


@dataclass(frozen=True)
class Compared:
    """Losses on record against those of the same updates now.

    Attributes:
        rows: how many updates were compared; each, or those at which the run's log reported the mean since the last.
        by_update: whether each was.
        difference: the largest, relative.
        where: at which update and of which loss.
        elsewhere: why 1e-3 is allowed and not 1e-6; () on the same type of machine.
    """

    rows: int
    by_update: bool
    difference: float
    where: tuple[int, str]
    elsewhere: tuple[str, ...]

    @property
    def tolerance(self) -> float:
        return ELSEWHERE if self.elsewhere else HERE

    @property
    def holds(self) -> bool:
        return self.difference <= self.tolerance  # not of a number that is none


@dataclass(frozen=True)
class Verification:
    """Of one row. Nothing is trained again where its receipt doesn't hold; `failed` is why it couldn't be."""

    job: Job
    checks: tuple[Check, ...]
    compared: Compared | None = None
    failed: str | None = None

    @property
    def holds(self) -> bool:
        return self.compared is not None and self.compared.holds


def row(plan: Plan, name: str) -> Job:
    """The finished run that `ARM/SEED` names.

    Raises:
        UserError: there is none, or it isn't finished.
    """
    jobs = {f"{job.arm}/{job.seed}": job for job in plan.jobs}
    done = [each for each, job in jobs.items() if is_finished(job)]
    choices = f"choose from {', '.join(done)}" if done else "none is finished: run the study first"
    if name not in jobs:
        near = closest(name, list(jobs))
        raise UserError(f"a row is ARM/SEED of the study, got {name!r}{near} (set --verify; {choices})")
    if name not in done:
        failure = JobStates(plan.folder).failure(jobs[name])
        why = "it isn't finished" if failure is None else f"it {failure.status}: {failure.error}"
        raise UserError(f"a row is verified once its run is finished, got {name}: {why} (set --verify; {choices})")
    return jobs[name]


def verified(job: Job) -> Verification:
    """Check a finished run's receipt, then train its first updates again and compare their losses.

    Raises:
        UserError: the run has no losses on record, or can't be run again here.
    """
    record = run_folder.finished(job.folder)
    assert record is not None, f"{job.folder} has no metrics.json"
    config = run_folder.config_of(job.folder)
    checks = [
        Check("configuration", identity.run_hash(config), identity.run_hash(job.config), decides=True),
        Check("seed", record.get("seed"), job.seed, decides=True),
        Check("results", identity.results_of(record), identity.RESULTS, decides=True),
        *(Check(name, *each, decides=True) for name, each in own_code.then_and_now(job.folder).items()),
        Check("lock file", record.get("lock"), lock_hash(), decides=False),
        Check("commit", record.get("git_commit"), git_commit(), decides=False),
    ]
    if not all(each.holds for each in checks if each.decides):
        return Verification(job, tuple(checks))
    recorded, by_update = losses_on_record(job.folder)
    try:
        again = rerun(config, updates=max(recorded))
    except UserError:
        raise
    except Exception as error:  # of code that isn't what it was
        return Verification(job, tuple(checks), failed=one_line(error))
    data = record.get("data") or {}
    checks.insert(3, Check("data", data.get("checksum"), again.checksum, decides=True))
    moved = list(elsewhere(record, again.device, precision=again.environment["precision"]))
    compared = _compared(recorded, by_update, again, moved)
    return Verification(job, tuple(checks), compared if checks[3].holds else None)


def losses_on_record(folder: Path) -> tuple[Losses, bool]:
    """Those of a run's first updates, and whether of each; of a run of before they were kept, its log's, as often as
    that reported.

    Raises:
        UserError: there are none.
    """
    if found := read_losses(folder / NAME):
        return found, True
    logged = {step: _losses_of(scores) for step, scores in read_losses(folder / "metrics.csv").items()}
    logged = {step: losses for step, losses in logged.items() if losses}
    early = {step: losses for step, losses in logged.items() if step <= UPDATES}
    if not logged:
        raise UserError(
            f"a run is verified by the losses of its first updates, got none in {folder} (train it with fresh=true)"
        )
    return early or {min(logged): logged[min(logged)]}, False


def _losses_of(scores: dict[str, float]) -> dict[str, float]:
    """Of what is reported of training, the losses."""
    return {name: value for name, value in scores.items() if name.startswith("train/") and name.endswith("loss")}


def _compared(recorded: Losses, by_update: bool, again: Rerun, elsewhere: Sequence[str]) -> Compared:
    """The largest difference; a loss that one of them lacks differs wholly."""
    now = again.losses if by_update else {step: _losses_of(scores) for step, scores in again.scores.items()}
    steps = [step for step in recorded if step <= again.updates]
    if not steps:
        raise UserError(
            f"a run is verified by losses of before its first validation, which moves its learning rate, got none of "
            f"{again.updates} updates (name another row)"
        )
    found = {place: each for step in steps for place, each in _differences(recorded, now, step)}
    where = max(found, key=lambda place: (found[place] != found[place], found[place]))
    return Compared(len(steps), by_update, found[where], where, tuple(elsewhere))


def _differences(recorded: Losses, now: Losses, step: int) -> Iterator[tuple[tuple[int, str], float]]:
    before, after = recorded[step], now.get(step, {})
    for name in before.keys() | after.keys():
        if name not in before or name not in after:
            yield (step, name), float("inf")
            continue
        largest = max(abs(each[name]) for each in recorded.values() if name in each)
        scale = max(abs(before[name]), abs(after[name]), LEAST_SHARE * largest)
        yield (step, name), abs(before[name] - after[name]) / scale if before[name] != after[name] else 0.0
