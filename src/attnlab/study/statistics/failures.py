"""Runs that failed: a result like any other."""

from dataclasses import dataclass
from typing import Final

from scipy.special import betaincinv

LEAST_RUNS: Final = 10  # at 5 runs an arm Fisher's test finds .4 against 0 in .09 of studies


@dataclass(frozen=True)
class Failures:
    """How many of an arm's runs failed.

    Raises:
        ValueError: more failed than there were.
    """

    failed: int
    runs: int

    def __post_init__(self) -> None:
        if not 0 <= self.failed <= self.runs or not self.runs:
            raise ValueError(f"failed runs must be from 0 to all of 1 or more, got {self.failed} of {self.runs}")

    @property
    def rate(self) -> float:
        """The share that failed."""
        return self.failed / self.runs

    @property
    def interval(self) -> tuple[float, float]:
        """Where the rate lies, exactly, at 95 % (Clopper and Pearson, 1934): 3 of 5 may be .15 to .95.

        low: the rate with P(failed or more) = .025, high: that with P(failed or fewer) = .025
        """
        failed, finished = self.failed, self.runs - self.failed
        low = float(betaincinv(failed, finished + 1, 0.025)) if failed else 0.0
        high = float(betaincinv(failed + 1, finished, 0.975)) if finished else 1.0
        return low, high


def p_failures(arm: Failures, control: Failures) -> float | None:
    """Of both failing equally often, two-sided (Fisher's exact test); none below 10 runs an arm."""
    if min(arm.runs, control.runs) < LEAST_RUNS:
        return None
    from scipy.stats import fisher_exact  # a second or two, and seldom needed

    table = [[each.failed, each.runs - each.failed] for each in (arm, control)]
    return float(fisher_exact(table).pvalue)
