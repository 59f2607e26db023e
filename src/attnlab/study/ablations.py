"""Whether what an arm's attention has learned is used: its runs tested again with all learned weights even."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import mean, stdev
from types import MappingProxyType
from typing import Any, NamedTuple

from attnlab.config import identity
from attnlab.config.trusted_files import trusted
from attnlab.errors import UserError
from attnlab.files import say, write_text
from attnlab.language import Words
from attnlab.reading.bounds import read_json
from attnlab.study.kept_of_runs import KeptOfRuns
from attnlab.study.plan import Job

AS_TESTED = ("threads", "limit_test_batches")  # of a trainer's settings, those on which a test's scores hang


class Ablation(NamedTuple):
    """A score as it is, and where every learned weight of attention is its query's or image's mean; else why not."""

    seed: int
    score: float | None
    ablated: float | None
    why: str | None = None

    @property
    def difference(self) -> float | None:
        """What the score gains without what was learned; a loss is below 0."""
        return None if self.score is None or self.ablated is None else self.ablated - self.score


class ArmAblation(NamedTuple):
    """Of an arm's runs, in the order of their seeds; not of those that failed."""

    runs: tuple[Ablation, ...]

    @property
    def tested(self) -> tuple[Ablation, ...]:
        """Those that have both scores."""
        return tuple(each for each in self.runs if each.difference is not None)

    @property
    def differences(self) -> list[float]:
        """A run each, of those."""
        return [each.difference for each in self.runs if each.difference is not None]

    @property
    def score(self) -> float | None:
        """The mean over those; None without any."""
        return _mean([each.score for each in self.tested])

    @property
    def ablated(self) -> float | None:
        """Likewise."""
        return _mean([each.ablated for each in self.tested])

    @property
    def difference(self) -> float | None:
        """The mean of the runs' own differences."""
        return _mean(self.differences)

    @property
    def sd(self) -> float | None:
        """Of the differences over seeds; None below two."""
        return stdev(self.differences) if len(self.differences) > 1 else None

    @property
    def why(self) -> str | None:
        """Why there is no score of a run, of the first that has none."""
        return next((each.why for each in self.runs if each.difference is None), None)


class Ablations:
    """Those of one study, a file each.

    Args:
        folder: the study's.
        metric: whose scores are told.
        trust: packages of the user's own that a checkpoint's model may be made of.
        checksum: of the data as it is now; None where nobody knows.
        fixed: in how many places of an arm's model attention learns nothing, and is left as it is.
    """

    def __init__(
        self,
        folder: Path,
        metric: str,
        *,
        trust: Sequence[str] = (),
        checksum: str | None = None,
        fixed: Mapping[str, int] = MappingProxyType({}),
    ) -> None:
        self.metric, self.trust, self.checksum, self.fixed = metric, sorted(set(trust)), checksum, fixed
        self.kept = KeptOfRuns(folder / "ablations", self._test, named=Words("without its attention", "消融测试"))

    def of(self, job: Job) -> Ablation | None:
        """What is on record of a run; None where nothing is that can be read, or that is of this very training."""
        try:
            found = read_json(self.kept.path(job))
            if found["results"] != identity.RESULTS or found["run"] != self.kept.stamp(job):
                return None
            if found["why"] and found["trust"] != self.trust:
                return None
            if found.get("left", 0) != self.fixed.get(job.arm, 0):  # earlier versions left none
                return None
            score, ablated = ((found[name] or {}).get(self.metric) for name in ("scores", "ablated"))
            if not all(isinstance(each, int | float | None) for each in (score, ablated)):
                return None
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return None
        why = found["why"] or (f"its test has no {self.metric}" if None in (score, ablated) else None)
        return Ablation(job.seed, score, ablated, why)

    def _test(self, job: Job) -> float:
        from attnlab.runs.ablated_test import ablated_test

        trainer = job.config["trainer"]
        asked = {key: trainer.get(key) for key in AS_TESTED}
        overrides = [f"trainer.{key}={value}" for key, value in asked.items() if value is not None]
        try:
            with trusted(job.folder):
                found = ablated_test(job.folder, overrides, trust=tuple(self.trust), checksum=self.checksum)
        except UserError as error:  # a model without attention, say
            self._write(job, scores=None, ablated=None, why=str(error))
            return float("nan")
        if found.again is not None:
            say([f"the test was done twice: {found.again}"])
        self._write(job, scores=found.scores, ablated=found.ablated, why=None)
        return found.ablated.get(self.metric, float("nan"))

    def _write(
        self, job: Job, *, scores: dict[str, float] | None, ablated: dict[str, float] | None, why: str | None
    ) -> None:
        said: dict[str, Any] = {"arm": job.arm, "seed": job.seed, "run": self.kept.stamp(job)}
        said |= {"results": identity.RESULTS, "trust": self.trust, "left": self.fixed.get(job.arm, 0)}
        said |= {"scores": scores, "ablated": ablated, "why": why}
        write_text(self.kept.path(job), json.dumps(said, indent=1, ensure_ascii=False) + "\n")


def by_arm(found: Mapping[str, Sequence[Ablation]]) -> dict[str, ArmAblation]:
    """Of arms that have any, each in the order of its seeds as they are given."""
    return {name: ArmAblation(tuple(runs)) for name, runs in found.items() if runs}


def _mean(values: Sequence[float | None]) -> float | None:
    known = [each for each in values if each is not None]
    return mean(known) if known else None
