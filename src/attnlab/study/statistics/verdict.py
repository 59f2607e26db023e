"""What is asked of a pair of arms, and what is found."""

import math
from dataclasses import dataclass
from typing import Final, Literal, NamedTuple

from attnlab.study.statistics.failures import Failures
from attnlab.study.statistics.mean_squares import Array
from attnlab.study.statistics.planning import Need, Spread
from attnlab.study.statistics.too_few import TooFew

# Runs of an arm: up to so many there is a table without verdicts, so many a study has, so many make a claim.
SMOKE_TEST: Final = 3
DEFAULT_RUNS: Final = 5
CLAIM: Final = 10
# "no verdict": up to three seeds, of which there is a table alone.
Finding = Literal["better", "worse", "the same", "undecided", "too few to judge", "no verdict"]
# What stands before the finding. unstable: a run failed. uneven: one arm's seeds vary over 3 times the other's.
# exploratory: not the study's one primary metric, or seeds outside its plan.
Mark = Literal["unstable", "uneven", "exploratory"]
# What else might have been drawn. "examples": this pair of trained models; "seeds": this reference set.
Over = Literal["seeds and examples", "seeds", "examples"]


@dataclass(frozen=True)
class ArmRuns:
    """The runs of an arm: those that finished, with the seed and the scores of each, and how many failed.

    `scores` are (seeds, examples), in the same order of examples for all arms, the mean of a row being what the run
    reports; or (seeds,) of a score that knows no examples, FID or KID. A run whose score is no number has failed.

    Raises:
        ValueError: there is no run, or there isn't a row for each seed, or a seed is there twice.
    """

    name: str
    seeds: tuple[int, ...]
    scores: Array
    failed: int = 0

    def __post_init__(self) -> None:
        if self.scores.ndim not in (1, 2) or len(self.scores) != len(self.seeds):
            raise ValueError(f"{self.name} needs a row of scores a seed, got {self.scores.shape} for {self.seeds}")
        if len(set(self.seeds)) < len(self.seeds):
            raise ValueError(f"{self.name} must have each seed once, got {self.seeds}")
        if self.failed < 0 or not self.num_runs:
            raise ValueError(f"{self.name} needs a run, got {len(self.seeds)} finished and {self.failed} failed")

    @property
    def num_runs(self) -> int:
        """Those that finished and those that failed."""
        return len(self.seeds) + self.failed

    @property
    def by_example(self) -> bool:
        """Whether the scores are those of examples."""
        return self.scores.ndim == 2

    @property
    def rows(self) -> Array:
        """The score of each run that finished."""
        return self.scores.mean(-1) if self.by_example else self.scores


@dataclass(frozen=True)
class Comparison:
    """One question: is the arm better than its control?

    `task` and `metric` name the score; arms of the same are pooled for planning. `margin`: the smallest difference that
    matters, in the score's own unit, fixed before; without one nothing is found the same. `paired`: the study said
    before it ran that a seed is the same in both arms. `too_few`: what the runs' records lack. `trials`: by how many
    each was tuned, 0 for fixed values; None where nobody knows. `unit`: what stands in a column of the scores where
    that isn't an example but what some stand in together, "chapter" say.

    Raises:
        ValueError: the arms have other examples, or the margin isn't above 0.
    """

    task: str
    metric: str
    arm: ArmRuns
    control: ArmRuns
    higher_is_better: bool
    margin: float | None = None
    paired: bool = False
    exploratory: bool = False
    too_few: TooFew | None = None
    trials: int | None = None
    unit: str | None = None

    def __post_init__(self) -> None:
        if self.arm.scores.shape[1:] != self.control.scores.shape[1:]:
            shapes = f"{self.arm.scores.shape} and {self.control.scores.shape}"
            raise ValueError(f"{self.arm.name} and {self.control.name} need scores of the same examples, got {shapes}")
        if self.margin is not None and not self.margin > 0:
            raise ValueError(f"margin must be above 0, got {self.margin} (set margin)")

    @property
    def fewest_runs(self) -> int:
        """Of either arm, finished or not."""
        return min(self.arm.num_runs, self.control.num_runs)

    @property
    def fewest_finished(self) -> int:
        """Of either arm."""
        return min(len(self.arm.seeds), len(self.control.seeds))


class Estimate(NamedTuple):
    """The arm's score less its control's, with its 95 % interval, which knows of no other comparison."""

    difference: float
    low: float
    high: float
    standard_error: float
    df: float
    p: float  # two-sided, of no difference


class Both(NamedTuple):
    """A number of the arm and of its control; none where it takes more runs."""

    arm: float | None
    control: float | None


class Variances(NamedTuple):
    """The components of scores' variance, for display: of seeds, of examples in the difference, and what is left."""

    seeds: tuple[float, float]  # of the arm, of its control
    examples: float
    residuals: tuple[float, float]


@dataclass(frozen=True)
class Measured:
    """What the runs of a pair say, before the other comparisons of its family are known."""

    over: Over
    too_few: TooFew | None
    scores: Both  # means over the runs that finished
    deviations: Both  # of runs' scores
    variation: float | None  # how many times its control's deviation the arm's is; from 3 runs each
    failures: tuple[Failures, Failures]  # of the arm, of its control
    p_failures: float | None  # of both failing equally often; from 10 runs an arm
    effect: Estimate | None
    p_same: float | None  # of a difference of the margin or more, the larger of two one-sided ones
    this_test_set: Estimate | None  # over new seeds, on this very test set: no claim about new examples
    variances: Variances | None
    correlation: float | None  # over the seeds that both arms have
    paired: bool  # asked for, and no run is missing of 8 seeds or more

    @property
    def by_seeds_alone(self) -> bool:
        """Whether the test's examples add nothing measurable, E < R: the interval is then as wide as seeds make it."""
        effect, seeds = self.effect, self.this_test_set
        if self.paired or effect is None or seeds is None or self.variances is None or self.variances.examples > 0:
            return False
        return math.isclose(effect.standard_error, seeds.standard_error, rel_tol=1e-9)


@dataclass(frozen=True)
class Verdict:
    """What a comparison found, with all that a page says of it."""

    comparison: Comparison
    measured: Measured
    finding: Finding
    marks: tuple[Mark, ...]  # in the order in which they stand before the finding
    by_less_than_matters: bool  # better or worse, and the same
    held_back: Finding | None  # what the runs that finished say, where failed runs forbid it
    alpha: float
    family: int  # comparisons that Holm's p values are of
    p_holm: float | None
    p_same_holm: float | None
    smallest_difference: float | None  # that such a study finds in .8 of cases
    spread: Spread | None  # for planning, of independent seeds; seeds' pooled over the arms of the task
    needed_for_a_difference: Need | None
    needed_for_the_same: Need | None

    @property
    def none_differs(self) -> bool:
        """Whether nothing can be judged because nothing varies, which more seeds of such runs don't help."""
        return self.measured.too_few is not None and self.measured.too_few.lack == "variation"

    @property
    def score_of_all(self) -> float | None:
        """That which every run of both arms has; None where some run has another."""
        (arm, control), measured = self.measured.scores, self.measured
        if not self.none_differs or arm is None or control is None or any(measured.deviations):
            return None
        return control if math.isclose(arm, control, rel_tol=1e-9) else None
