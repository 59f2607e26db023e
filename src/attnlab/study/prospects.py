"""Whether a study's margin can be met, as far as finished runs of its arms tell before it runs."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from attnlab.errors import UserError
from attnlab.study.expected_time import finished_runs
from attnlab.study.judging import judged, read_groups
from attnlab.study.plan import Plan
from attnlab.study.statistics import can_be_met, expected_standard_error
from attnlab.study.statistics.effects import LEAST_SEEDS
from attnlab.study.statistics.looks import ALPHA
from attnlab.study.statistics.planning import FEASIBLE
from attnlab.study.workshop import PlannedArm


@dataclass(frozen=True, kw_only=True)
class Prospect:
    """Of one arm against the control.

    Attributes:
        runs: finished ones of the arm and of the control, of whatever seeds, by which it is told.
        standard_error: that the difference is expected to have in this study; None where that isn't known.
        why: of that.
    """

    runs: tuple[int, int]
    standard_error: float | None
    why: str | None = None

    @property
    def smallest_margin(self) -> float | None:
        """A margin below it can't be met: 3.1 standard errors."""
        return None if self.standard_error is None else FEASIBLE * self.standard_error

    def meets(self, margin: float) -> bool:
        """Whether arms that are the same may be found so, by more than luck, as far as is known."""
        return self.standard_error is None or can_be_met(margin, standard_error=self.standard_error)


def prospects(plan: Plan) -> dict[str, Prospect]:
    """By the arm's name; all of the study's seeds, at the last look."""
    control = plan.control
    theirs = finished_runs(control.arm)
    others = [each for each in plan.arms if each.name != control.name]
    return {each.name: _prospect(plan, each, finished_runs(each.arm), theirs) for each in others}


def _prospect(plan: Plan, arm: PlannedArm, mine: Sequence[Path], theirs: Sequence[Path]) -> Prospect:
    runs = (len(mine), len(theirs))
    if min(runs) < LEAST_SEEDS:
        needs = f"that takes {LEAST_SEEDS} finished runs of it and of {plan.control.name}"
        why = f"{needs}, and there are {runs[0]} and {runs[1]}"
        return Prospect(runs=runs, standard_error=None, why=why)
    try:
        [verdict] = judged(
            read_groups({arm.name: mine, plan.control.name: theirs}, failed={}),
            control=plan.control.name,
            metric=plan.judged.metric,
            higher_is_better=plan.judged.better == "max",
            margin=plan.judged.margin,
            alpha=ALPHA,
            paired=False,
        ).verdicts
    except UserError as error:
        return Prospect(runs=runs, standard_error=None, why=str(error))
    if verdict.spread is None:
        return Prospect(runs=runs, standard_error=None, why="their scores are too few to judge")
    return Prospect(runs=runs, standard_error=expected_standard_error(verdict.spread, seeds=len(plan.study.seeds)))
