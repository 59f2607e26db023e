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
from attnlab.study import matching
from attnlab.study.arms import Arm, Difference, check_fair, composed_arm, differences, merged, same_runs, set_value
from attnlab.study.budgets import check_free, spending
from attnlab.study.data import StudyData
from attnlab.study.design import Study
from attnlab.study.judged import Judged, judged
from attnlab.study.ledger import Costs, costs_of, parameters_of


@dataclass(frozen=True, kw_only=True)
class PlannedArm:
    """An arm, what it costs, every difference from the control, and the value by which its cost was brought there."""

    arm: Arm
    costs: Costs
    differences: tuple[Difference, ...] = ()
    matched: matching.Matched | None = None

    @property
    def name(self) -> str:
        return self.arm.name

    @property
    def confounders(self) -> tuple[Difference, ...]:
        """What else than the mechanism may be why it scores otherwise."""
        return tuple(each for each in self.differences if each.kind == "confounded")


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
    from attnlab.study.control_arms import added_arms

    workshop = Workshop(study, config_dirs)
    control = workshop.counted(workshop.compose_design(study.control))
    others = [workshop.compose_design(each.name) for each in study.arms if each.name != study.control]
    for arm in others:
        # Before anything is matched, which would only hide it.
        check_fair(arm, control.arm, differences(arm.config, control.arm.config), path=study.path)
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


class Workshop:
    """Composes arms of a study and counts their costs, with the data that they share."""

    def __init__(self, study: Study, config_dirs: Sequence[str]) -> None:
        self.study, self.config_dirs, self.data = study, config_dirs, StudyData()

    def compose_design(self, name: str) -> Arm:
        """An arm of the study's file, with what its budget sets."""
        design = next(each for each in self.study.arms if each.name == name)
        check_free(self.study, name, [*self.study.base, *design.overrides])
        overrides = merged(self.study.base, design.overrides)
        budget = spending(self.study.budget, lambda: self.compose(name, overrides).config, self.data)
        return self.compose(name, [*overrides, *budget], confounded=design.confounded)

    def compose(self, name: str, overrides: Sequence[str], *, confounded: bool = False, added: bool = False) -> Arm:
        """An arm of these overrides, for every seed."""
        seeds, config_dirs = self.study.seeds, self.config_dirs
        return composed_arm(name, overrides, seeds, config_dirs=config_dirs, confounded=confounded, added=added)

    def counted(self, arm: Arm) -> PlannedArm:
        """With its costs; UserError, which names the arm, where it can't be built."""
        try:
            return PlannedArm(arm=arm, costs=self._costs(arm.config))
        except UserError as error:
            raise UserError(f"arm {arm.name}: {error}") from error

    def _costs(self, config: build.Config) -> Costs:
        return costs_of(config, self.data.of(config).sizes, self.data.example(config))

    def parameters(self, config: build.Config) -> int:
        """How many an arm's model has."""
        return parameters_of(config, self.data.of(config).sizes).total

    def cost(self, config: build.Config) -> int:
        """What the study matches: parameters, or FLOPs of a forward pass."""
        if self.study.match == "parameters":
            return self.parameters(config)
        forward = self._costs(config).forward
        if forward is None:
            raise UserError(f"no FLOPs can be counted of this task's batches (set match in {self.study.path})")
        return forward.flops

    def nearest(self, arm: Arm, key: str, target: int, *, parameters: bool) -> tuple[Arm, matching.Matched]:
        """The arm with the value at `key` that brings its parameters, or what the study matches, nearest to a target.

        Raises:
            UserError: its configuration has no whole number there, or none that can be changed.
        """
        cost = self.parameters if parameters else self.cost
        start = dict(run_folder.leaves(arm.config)).get(key)
        if not isinstance(start, int) or isinstance(start, bool):
            raise UserError(f"{key} must be a whole number to match arms by, got {start} in {arm.name} (set match_key)")
        found = matching.nearest(key, lambda value: cost(with_value(arm.config, key, value)), start=start, target=target)
        overrides = merged(arm.overrides, [f"{key}={found.value}"])
        changed = self.compose(arm.name, overrides, confounded=arm.confounded, added=arm.added)
        return changed, replace(found, cost=cost(changed.config))


def with_value(config: build.Config, key: str, value: int) -> build.Config:
    """A configuration with another value at a key, and where the model copies that."""
    copy = json.loads(json.dumps(config))
    places = dict(run_folder.leaves(config))
    for place in (key, f"model.{key}"):
        if place in places:
            set_value(copy, place, value)
    changed: build.Config = copy
    return changed


def _matched(workshop: Workshop, arm: Arm, control: PlannedArm, unmatched: dict[str, str]) -> PlannedArm:
    """The arm as the study's `match` would have it; of a confounded one without such a key, as it is."""
    study = workshop.study
    if study.match == "none" or study.match_key is None:
        return workshop.counted(arm)
    target = workshop.cost(control.arm.config)
    try:
        changed, found = workshop.nearest(arm, study.match_key, target, parameters=study.match == "parameters")
    except UserError as error:
        if not arm.confounded:
            raise
        unmatched[arm.name] = str(error)
        return workshop.counted(arm)
    return replace(workshop.counted(changed), matched=found)


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
            run_folder.check_same_config(folder, config)
            overrides = (*arm.overrides, f"seed={seed}")
            jobs.append(Job(arm=arm.name, seed=seed, overrides=overrides, config=config, folder=folder))
    return tuple(jobs)


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
