"""A study before anything trains: its arms matched and counted, control arms added, its trials and runs in order."""

import hashlib
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from attnlab.config import identity
from attnlab.config.validated import check_validated
from attnlab.errors import UserError, closest
from attnlab.runs import build, run_folder
from attnlab.study.arms import Arm, changed_run, check_fair, differences, merged, same_runs
from attnlab.study.budgets import LENGTH, TIME
from attnlab.study.control_arms import added_arms
from attnlab.study.design import Study
from attnlab.study.judged import Judged, judged, monitored
from attnlab.study.tuning.space import GROUPS, Tune
from attnlab.study.workshop import PlannedArm, Workshop
from attnlab.tasks.task import Better

UNTESTED = "trainer.limit_test_batches"  # at 0


@dataclass(frozen=True, kw_only=True)
class Job:
    """One run; the overrides are those by which `attnlab train` does it, into the same folder."""

    arm: str
    seed: int
    overrides: tuple[str, ...]
    config: build.Config
    folder: Path


@dataclass(frozen=True, kw_only=True)
class Trial:
    """One run of tuning: its number, from 1, the same draw in every arm; the values that it tries, as overrides have
    them; and the run, which is validated and never tested."""

    number: int
    values: Mapping[str, str]
    job: Job


@dataclass(frozen=True, kw_only=True)
class Tuning:
    """How a study's arms are tuned.

    Attributes:
        trials: number by number with all arms.
        lacking: keys of the space that an arm hasn't, by the arm's name.
        monitor: the score of validation that chooses, and `better`, which of its values.
        chosen: by the arm's name, the trial whose values its runs have; empty while trials are left.
    """

    trials: tuple[Trial, ...]
    lacking: dict[str, tuple[str, ...]]
    monitor: str
    better: Better
    chosen: Mapping[str, Trial] = field(default_factory=dict)

    def of(self, arm: str) -> tuple[Trial, ...]:
        """An arm's, in the order of their numbers."""
        return tuple(each for each in self.trials if each.job.arm == arm)


@dataclass(frozen=True, kw_only=True)
class Plan:
    """All of a study that is known before it runs.

    Attributes:
        arms: the file's in its order, then the control arms.
        left_out: which control arms aren't there, and why.
        unmatched: arms that `match_key` can't bring near the control, and why.
        example: by what operations were counted, in words.
        jobs: seed by seed, so that a look has all arms at once; none while tuning has yet to say which.
        folder: of the study's own results, named by all that decides them.
        tuning: of a study that tunes its arms.
        checksum: of the data, which is that of all arms.
    """

    study: Study
    arms: tuple[PlannedArm, ...]
    left_out: dict[str, str]
    unmatched: dict[str, str]
    judged: Judged
    example: str
    jobs: tuple[Job, ...]
    folder: Path
    tuning: Tuning | None = None
    checksum: str | None = None

    @property
    def control(self) -> PlannedArm:
        """The arm that the others are compared with."""
        return next(each for each in self.arms if each.name == self.study.control)

    @property
    def num_runs(self) -> int:
        """Without those of tuning."""
        return len(self.arms) * len(self.study.seeds)


def planned(study: Study, *, config_dirs: Sequence[str] = ()) -> Plan:
    """Compose, prepare the data, build on the meta device, match, add the control arms, and check what is compared.

    Raises:
        UserError: an arm can't be composed or built, is the control's own run, or differs in more than its attention.
    """
    workshop = Workshop(study, config_dirs)
    control = workshop.counted(_tested(workshop.compose_design(study.control), study))
    others = [workshop.compose_design(each.name) for each in study.arms if each.name != study.control]
    for arm in others:
        # Before anything is matched, which would only hide it.
        check_fair(arm, control.arm, differences(arm.config, control.arm.config), path=study.path)
        check_shared_test(workshop, arm, control.arm)
    unmatched: dict[str, str] = {}
    found = {study.control: control}
    for arm in others:
        if (twin := same_runs(arm, [each.arm for each in found.values()])) is not None:
            raise UserError(
                f"two arms would be the same runs, got {twin} and {arm.name} (set {study.place_of(f'arms.{arm.name}')})"
            )
        found[arm.name] = _matched(workshop, arm, control, unmatched)
    given = [found[each.name] for each in study.arms]
    added, left_out = added_arms(workshop, given, control)
    arms = tuple(compared(each, control) for each in [*given, *added])
    workshop.check_paired(arms, control)
    for each in arms:
        build.rehearse(each.arm.config)
    config = control.arm.config
    chosen = judged(study, config, workshop.data.of(config).sizes)
    return Plan(
        study=study,
        arms=arms,
        left_out=left_out,
        unmatched=unmatched,
        judged=chosen,
        example=workshop.data.example(config).described,
        jobs=jobs_of(study, arms) if study.tune is None else (),
        folder=Path(config["output_root"], "studies", study.name, _digest(study, arms, chosen)),
        tuning=None if study.tune is None else laid_out(workshop, study.tune, arms, control),
        checksum=workshop.data.of(config).checksum,
    )


def _tested(control: Arm, study: Study) -> Arm:
    """The control, which has a test; the others have the same."""
    if control.config["trainer"]["limit_test_batches"] == 0:
        raise UserError(
            f"a study is judged by its test, got {UNTESTED}=0 in {control.name} (drop it from base, or from "
            f"arms.{control.name}, in {study.path})"
        )
    return control


def check_shared_test(workshop: Workshop, arm: Arm, control: Arm) -> None:
    """Raise UserError where an arm, confounded or not, is scored otherwise than the control, or on other examples."""
    mine, others = (_scored(workshop, each.config) for each in (arm, control))
    for key, value in mine.items():
        if value != others[key]:
            raise UserError(
                f"arms are compared on the very same test, got {key} {value} in {arm.name} and {others[key]} in "
                f"{control.name} (set {workshop.study.place_of(f'arms.{arm.name}')})"
            )


def _scored(workshop: Workshop, config: build.Config) -> dict[str, Any]:
    """What a test is."""
    data = workshop.data.of(config)
    return {
        "task": config["task"]["_target_"],
        "data with the checksum": data.checksum,
        "test examples": data.num_examples("test"),
        "trainer.limit_test_batches": config["trainer"]["limit_test_batches"],
    }


def _matched(workshop: Workshop, arm: Arm, control: PlannedArm, unmatched: dict[str, str]) -> PlannedArm:
    """A confounded arm that can't be matched is taken as it is, and that is said."""
    try:
        return workshop.matched(arm, control)
    except UserError as error:
        if not arm.confounded:
            raise
        unmatched[arm.name] = str(error)
        return workshop.counted(arm)


def compared(each: PlannedArm, control: PlannedArm, *, tuned: Collection[str] = ()) -> PlannedArm:
    """An arm with its differences from the control; `tuned` are keys that tuning has set in either."""
    if each.name == control.name:
        return each
    keys = [] if each.matched is None else [each.matched.key]
    return replace(each, differences=differences(each.arm.config, control.arm.config, matched=keys, tuned=tuned))


def jobs_of(study: Study, arms: Sequence[PlannedArm]) -> tuple[Job, ...]:
    """Every run, seed by seed. Raises UserError where a folder already holds another run."""
    jobs = []
    for seed in study.seeds:
        for arm in (each.arm for each in arms):
            config = arm.configs[seed]
            folder = Path(config["output_dir"])
            check_folder(folder, config)
            overrides = (*arm.overrides, f"seed={seed}")
            jobs.append(Job(arm=arm.name, seed=seed, overrides=overrides, config=config, folder=folder))
    return tuple(jobs)


def check_folder(folder: Path, config: build.Config) -> None:
    """Raise UserError where a folder holds a run of another configuration."""
    try:
        run_folder.check_same_config(folder, config)
    except run_folder.Damaged:
        return  # it is said when its turn comes, and the run is done anew


def _digest(study: Study, arms: Sequence[PlannedArm], chosen: Judged) -> str:
    """Ten hexadecimal digits of all that decides a study's results: its runs, and how they are judged."""
    decides: dict[str, Any] = {
        "arms": {each.name: [identity.run_hash(config) for config in each.arm.configs.values()] for each in arms},
        "control": study.control,
        "seeds": study.seeds,
        "looks": study.looks,
        "pairing": study.pairing,
        "judged": asdict(chosen),
        **({} if study.tune is None else {"tune": asdict(study.tune)}),
    }
    return hashlib.sha256(json.dumps(decides, sort_keys=True).encode()).hexdigest()[:10]


# Trials


def laid_out(workshop: Workshop, tune: Tune, arms: Sequence[PlannedArm], control: PlannedArm) -> Tuning:
    """Every trial of every arm, composed and rehearsed as its run will be.

    Raises:
        UserError: no arm has a key of the space, something else decides it, or a value doesn't fit.
    """
    values = [dict(run_folder.leaves(each.arm.config)) for each in arms]
    for key in tune.space:
        _check_tunable(workshop.study, key, values)
    lacking = {
        each.name: tuple(key for key in tune.space if not _has(own, key))
        for each, own in zip(arms, values, strict=True)
    }
    made: dict[tuple[str, ...], Job] = {}
    trials = []
    for number, drawn in enumerate(tune.draws(), 1):
        for each in arms:
            own_values = {key: value for key, value in drawn.items() if key not in lacking[each.name]}
            place = (each.name, *own_values.values())
            if place not in made:
                made[place] = _trial_job(workshop, tune, each.arm, own_values, control.arm)
            trials.append(Trial(number=number, values=own_values, job=made[place]))
    config = control.arm.config
    monitor, better = monitored(config, workshop.data.of(config).sizes)
    lacks = {name: keys for name, keys in lacking.items() if keys}
    return Tuning(trials=tuple(trials), lacking=lacks, monitor=monitor, better=better)


def _check_tunable(study: Study, key: str, arms: Sequence[Mapping[str, Any]]) -> None:
    known = list(dict.fromkeys(each for values in arms for each in values))
    where = f"(set {study.place_of('tune.space')})"
    if not any(_has(values, key) for values in arms):
        raise UserError(f"a tuned key must be one of a run's values, got {key}{closest(key, known)} {where}")
    if study.budget is not None and key in LENGTH + TIME:
        raise UserError(f"a study's budget sets how long runs are, got {key} to be tuned {where}")
    sizes = [values[key] for values in arms if key in values]
    if study.match != "none" and key.startswith("model.") and any(type(size) is int for size in sizes):
        raise UserError(f"sizes that a study matches aren't tuned, got {key} with match={study.match} {where}")


def _has(values: Mapping[str, Any], key: str) -> bool:
    return key in GROUPS or key in values or any(each.startswith(f"{key}.") for each in values)


def _trial_job(workshop: Workshop, tune: Tune, arm: Arm, values: Mapping[str, str], control: Arm) -> Job:
    """A run of the arm that is never tested: what chooses can't have seen a score of the test."""
    try:
        tried = workshop.with_values(arm, values, seeds=[tune.seed])
        check_shared_test(workshop, tried, control)
        check_validated(tried.config["trainer"], who="tuning goes by validation")
        config = changed_run(tried.config, {UNTESTED: 0})
        build.rehearse(config)
    except UserError as error:
        shown = ", ".join(f"{key}={value}" for key, value in values.items())
        named = "" if str(error).startswith("arm ") else f"arm {arm.name}: "
        raise UserError(f"tuning draws {shown} for {named}{error}") from error
    folder = Path(config["output_dir"])
    check_folder(folder, config)
    overrides = (*merged(tried.overrides, [f"{UNTESTED}=0"]), f"seed={tune.seed}")
    return Job(arm=arm.name, seed=tune.seed, overrides=overrides, config=config, folder=folder)
