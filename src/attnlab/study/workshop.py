"""Where a study's arms are made: composed, counted, and matched with the control, with the data that they share."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import prod

from attnlab.errors import UserError
from attnlab.runs import build, run_folder
from attnlab.study import matching
from attnlab.study.arms import MISSING, Arm, Difference, composed_arm, merged, set_value
from attnlab.study.budgets import check_free, spending
from attnlab.study.data import StudyData
from attnlab.study.design import Study
from attnlab.study.ledger import Costs, costs_of, parameters_of, shapes_of
from attnlab.study.statistics import check_pairing


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


class Workshop:
    """That of one study."""

    def __init__(self, study: Study, config_dirs: Sequence[str]) -> None:
        self.study, self.config_dirs, self.data = study, config_dirs, StudyData()

    def compose_design(self, name: str) -> Arm:
        """An arm of the study's file, with what its budget sets."""
        design = next(each for each in self.study.arms if each.name == name)
        check_free(self.study, name, [*self.study.base, *design.overrides])
        overrides = merged(self.study.base, design.overrides)
        budget = spending(self.study.budget, lambda: self._first(name, overrides), self.data)
        overrides = [*overrides, *budget]
        if self._first(name, overrides)["trainer"]["threads"] is None:
            # As many runs side by side as there are cores, and the same results on a machine with more of them.
            overrides.append("trainer.threads=1")
        return self.compose(name, overrides, confounded=design.confounded)

    def _first(self, name: str, overrides: Sequence[str]) -> build.Config:
        """Of an arm's first seed alone."""
        return self.compose(name, overrides, seed_keys=("seed",)).config

    def compose(
        self,
        name: str,
        overrides: Sequence[str],
        *,
        confounded: bool = False,
        added: bool = False,
        seed_keys: Sequence[str] = (),
        seeds: Sequence[int] | None = None,
    ) -> Arm:
        """An arm of these overrides, for every seed of the study unless others are given."""
        return composed_arm(
            name,
            overrides,
            self.study.seeds if seeds is None else seeds,
            config_dirs=self.config_dirs,
            confounded=confounded,
            added=added,
            seed_keys=seed_keys,
        )

    def with_values(self, arm: Arm, values: Mapping[str, str], *, seeds: Sequence[int]) -> Arm:
        """An arm with other values at these keys, as overrides have them, and as long as its budget makes it with them.

        Raises:
            UserError: a value doesn't fit its key.
        """
        budget = self.study.budget
        overrides = merged(arm.overrides, [f"{key}={value}" for key, value in values.items()])
        keys = arm.seed_keys if arm.follows else ()
        if budget is not None and budget.unit == "tokens":  # of other batches they make another number of updates
            config = self.compose(arm.name, overrides, seed_keys=keys, seeds=seeds[:1]).config
            overrides = merged(overrides, spending(budget, lambda: config, self.data))
        return self.compose(
            arm.name, overrides, confounded=arm.confounded, added=arm.added, seed_keys=keys, seeds=seeds
        )

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
            raise UserError(f"no FLOPs can be counted of this task's batches (set {self.study.place_of('match')})")
        return forward.flops

    def check_paired(self, arms: Sequence[PlannedArm], control: PlannedArm) -> None:
        """Raise UserError where seeds are to be paired, and a seed begins with other weights in an arm than in the
        control: fewer than half of the smaller model's parameters have the same path and shape in both.
        """
        if self.study.pairing == "none":
            return
        theirs = self._shapes(control.arm.config)
        for each in arms:
            mine = self._shapes(each.arm.config)
            shared = {path: shape for path, shape in mine.items() if theirs.get(path) == shape}
            smaller = min(_numel(mine), _numel(theirs))
            try:
                check_pairing(seeds=len(self.study.seeds), shared_weights=2 * _numel(shared) >= smaller)
            except UserError as error:
                raise UserError(f"arm {each.name}: {error}") from error

    def _shapes(self, config: build.Config) -> Mapping[str, tuple[int, ...]]:
        return shapes_of(config, self.data.of(config).sizes)

    def nearest(self, arm: Arm, key: str, target: int, *, parameters: bool) -> tuple[Arm, matching.Matched]:
        """The arm with the value at `key` that brings its parameters, or what the study matches, nearest to a target.

        Raises:
            UserError: its configuration has no whole number there, or none that can be changed.
        """
        cost = self.parameters if parameters else self.cost
        start = dict(run_folder.leaves(arm.config)).get(key, MISSING)
        if not isinstance(start, int) or isinstance(start, bool):
            raise UserError(
                f"{key} must be a whole number to match arms by, got {start} in {arm.name} "
                f"(set {self.study.place_of('match_key')})"
            )

        def cost_at(value: int) -> int:
            return cost(with_value(arm.config, key, value))

        found = matching.nearest(key, cost_at, start=start, target=target)
        overrides = merged(arm.overrides, [f"{key}={found.value}"])
        changed = self.compose(
            arm.name,
            overrides,
            confounded=arm.confounded,
            added=arm.added,
            seed_keys=arm.seed_keys if arm.follows else (),
        )
        return changed, replace(found, cost=cost(changed.config))

    def matched(self, arm: Arm, control: PlannedArm) -> PlannedArm:
        """The arm as the study's `match` would have it, counted.

        Raises:
            UserError: it has no such key, or can't be built.
        """
        study = self.study
        if study.match == "none" or study.match_key is None:
            return self.counted(arm)
        target = self.cost(control.arm.config)
        changed, found = self.nearest(arm, study.match_key, target, parameters=study.match == "parameters")
        return replace(self.counted(changed), matched=found)


def _numel(shapes: Mapping[str, tuple[int, ...]]) -> int:
    return sum(map(prod, shapes.values()))


def with_value(config: build.Config, key: str, value: int) -> build.Config:
    """A configuration with another value at a key, and where the model copies that."""
    copy = json.loads(json.dumps(config))
    places = dict(run_folder.leaves(config))
    for place in (key, f"model.{key}"):
        if place in places:
            set_value(copy, place, value)
    changed: build.Config = copy
    return changed
