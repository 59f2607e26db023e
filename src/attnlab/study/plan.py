"""A study before anything trains: its arms matched and counted, its control arms added, its runs in order."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from attnlab.config import identity
from attnlab.errors import UserError
from attnlab.runs import build, run_folder
from attnlab.study.arms import Arm, check_fair, differences, same_runs
from attnlab.study.control_arms import added_arms
from attnlab.study.design import Study
from attnlab.study.judged import Judged, judged
from attnlab.study.workshop import PlannedArm, Workshop


@dataclass(frozen=True, kw_only=True)
class Job:
    """One run; the overrides are those by which `attnlab train` does it, into the same folder."""

    arm: str
    seed: int
    overrides: tuple[str, ...]
    config: build.Config
    folder: Path


@dataclass(frozen=True, kw_only=True)
class Plan:
    """All of a study that is known before it runs.

    Attributes:
        arms: the file's in its order, then the control arms.
        left_out: which control arms aren't there, and why.
        unmatched: arms that `match_key` can't bring near the control, and why.
        example: by what operations were counted, in words.
        jobs: seed by seed, so that a look has all arms at once.
        folder: of the study's own results, named by all that decides them.
    """

    study: Study
    arms: tuple[PlannedArm, ...]
    left_out: dict[str, str]
    unmatched: dict[str, str]
    judged: Judged
    example: str
    jobs: tuple[Job, ...]
    folder: Path

    @property
    def control(self) -> PlannedArm:
        """The arm that the others are compared with."""
        return next(each for each in self.arms if each.name == self.study.control)


def planned(study: Study, *, config_dirs: Sequence[str] = ()) -> Plan:
    """Compose, prepare the data, build on the meta device, match, add the control arms, and check what is compared.

    Raises:
        UserError: an arm can't be composed or built, is the control's own run, or differs in more than its attention.
    """
    workshop = Workshop(study, config_dirs)
    control = workshop.counted(workshop.compose_design(study.control))
    others = [workshop.compose_design(each.name) for each in study.arms if each.name != study.control]
    for arm in others:
        # Before anything is matched, which would only hide it.
        check_fair(arm, control.arm, differences(arm.config, control.arm.config), path=study.path)
        _check_shared_test(workshop, arm, control.arm)
    unmatched: dict[str, str] = {}
    found = {study.control: control}
    for arm in others:
        if (twin := same_runs(arm, [each.arm for each in found.values()])) is not None:
            raise UserError(
                f"two arms would be the same runs, got {twin} and {arm.name} (set arms.{arm.name} in {study.path})"
            )
        found[arm.name] = _matched(workshop, arm, control, unmatched)
    given = [found[each.name] for each in study.arms]
    added, left_out = added_arms(workshop, given, control)
    arms = tuple(_compared(each, control) for each in [*given, *added])
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
        jobs=_jobs(study, arms),
        folder=Path(config["output_root"], "studies", study.name, _digest(study, arms, chosen)),
    )


def _check_shared_test(workshop: Workshop, arm: Arm, control: Arm) -> None:
    """Raise UserError where an arm, confounded or not, is scored otherwise than the control, or on other examples."""
    mine, others = (_scored(workshop, each.config) for each in (arm, control))
    for key, value in mine.items():
        if value != others[key]:
            raise UserError(
                f"arms are compared on the very same test, got {key} {value} in {arm.name} and {others[key]} in "
                f"{control.name} (set arms.{arm.name} in {workshop.study.path})"
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


def _compared(each: PlannedArm, control: PlannedArm) -> PlannedArm:
    if each.name == control.name:
        return each
    keys = [] if each.matched is None else [each.matched.key]
    return replace(each, differences=differences(each.arm.config, control.arm.config, matched=keys))


def _jobs(study: Study, arms: Sequence[PlannedArm]) -> tuple[Job, ...]:
    """Raises UserError where a folder already holds another run."""
    jobs = []
    for seed in study.seeds:
        for arm in (each.arm for each in arms):
            config = arm.configs[seed]
            folder = Path(config["output_dir"])
            _check_folder(folder, config)
            overrides = (*arm.overrides, f"seed={seed}")
            jobs.append(Job(arm=arm.name, seed=seed, overrides=overrides, config=config, folder=folder))
    return tuple(jobs)


def _check_folder(folder: Path, config: build.Config) -> None:
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
    }
    return hashlib.sha256(json.dumps(decides, sort_keys=True).encode()).hexdigest()[:10]
