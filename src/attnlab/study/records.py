"""The records of a finished run's test: which examples there were, and scorers of its scores."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from attnlab.errors import UserError, closest
from attnlab.metrics.records.contract import NAME, Records, Score
from attnlab.reading.bounds import read_json
from attnlab.study.diagnosed import read_diagnosed
from attnlab.study.record_lines import Read, read_lines
from attnlab.study.scorers import Scorer, scorer_of

# Of runs whose reported scores were kept in 32 bits; those of these statistics were also summed in 32, batch by batch.
PRECISION, SUMMED_PRECISION = 1e-6, 1e-4
SUMMED = ("loss", "coverage_loss", "calibration")
ANEW = "train it anew with fresh=true, or leave it out"


@dataclass(frozen=True)
class RunRecords:
    """Of one run.

    Attributes:
        folder: the run's.
        metrics: what its `metrics.json` holds.
        ids: of the examples, in ascending order.
        clusters: what each stands in, which is left out together; its id where it stands alone.
        cluster_kind: "chapter", "document"; None where each stands alone, or nobody knows.
        earlier: whether they were made of `predictions.jsonl`, as of a run of before there were records.
    """

    folder: Path
    metrics: Mapping[str, Any]
    ids: NDArray[np.int64]
    clusters: list[Any]
    cluster_kind: str | None
    earlier: bool
    _records: Records = field(repr=False)

    @property
    def scores(self) -> Mapping[str, Score]:
        """Those that there is a scorer of."""
        return self._records.scores

    @property
    def without(self) -> Mapping[str, str]:
        """Why there is none of the others in `metrics.json`, by their names."""
        why = dict.fromkeys(self.reported, "its records hold nothing of it") | dict(self._records.without)
        return {name: why[name] for name in why if name not in self.scores}

    @property
    def of_run(self) -> Mapping[str, Mapping[str, Any]]:
        """Values of the run itself, by the score that they are of: the FID without its bias, say."""
        return self._records.of_run

    @property
    def reported(self) -> Mapping[str, float]:
        """The test's scores as the run reported them."""
        reported: Mapping[str, float] = self.metrics["test"]
        return reported

    @property
    def cluster_names(self) -> list[Any]:
        """Of what scorers leave out, in their order."""
        return list(dict.fromkeys(self.clusters))

    def scorer(self, name: str) -> Scorer:
        """Of a score of the test, by its name without `test/`.

        Raises:
            UserError: there is none, or what it computes isn't what the run reported.
        """
        if name not in self.scores:
            why = self.without.get(name)
            raise UserError(
                f"a score must be had again from the test's examples, got {name!r} of {self.folder}"
                + (f": {why}" if why else closest(name, list(self.scores)))
                + " (name another)"
            )
        places = {cluster: number for number, cluster in enumerate(self.cluster_names)}
        groups = np.array([places[each] for each in self.clusters], dtype=np.int64)
        scorer = scorer_of(self.scores[name], list(self._records.examples.values()), groups)
        if not agrees(score := scorer.score, self.reported[name], self.scores[name]):
            raise UserError(
                f"the records of a run must give its score, got {name} {score:.6g} and {self.reported[name]:.6g} in "
                f"{self.folder} ({ANEW})"
            )
        return scorer


def agrees(score: float, reported: float, how: Score) -> bool:
    """Whether a score is the reported one, as far as that was computed exactly."""
    if math.isnan(score) or math.isnan(reported):
        return math.isnan(score) and math.isnan(reported)
    precision = SUMMED_PRECISION if how.of in SUMMED else PRECISION
    return math.isclose(score, reported, rel_tol=precision, abs_tol=precision)


def signature_of(metrics: Mapping[str, Any], metric: str) -> str:
    """What a run's record says of how a score was computed: its own signature and those of its kind; "" of none.

    `ap` signs `ap50` too, and `entities`, by which no score is called, all scores.
    """
    signatures, scores = metrics.get("signatures"), metrics.get("test")
    if not isinstance(signatures, dict) or not isinstance(scores, dict):
        return ""
    return "; ".join(
        str(signature)
        for name, signature in sorted(signatures.items())
        if metric.startswith(name) or not any(score.startswith(name) for score in scores)
    )


def read_records(folder: Path) -> RunRecords:
    """Of a finished run: its `examples.jsonl`, or, where it has none, what its `predictions.jsonl` allows.

    Scores of its attention stand beside those of the test where `attnlab evaluate --diagnose` has measured them.

    Raises:
        UserError: the run isn't finished, or one of its files is damaged.
    """
    metrics = _metrics(folder)
    earlier = not (folder / NAME).is_file()
    if earlier:
        # Here and not above: it brings torch, which reading of records does without.
        from attnlab.study.earlier_records import of_predictions

        records = of_predictions(folder, metrics)
        found = Read(records, list(records.examples), None)
    else:
        found = read_lines(folder / NAME, known=metrics["test"])
    if (diagnosed := read_diagnosed(folder, metrics)) is not None:
        metrics, found = diagnosed.metrics, found._replace(records=diagnosed.beside(found.records))
    ids = np.array(list(found.records.examples), dtype=np.int64)
    return RunRecords(folder, metrics, ids, found.clusters, found.cluster_kind, earlier, found.records)


def _metrics(folder: Path) -> dict[str, Any]:
    path = folder / "metrics.json"
    try:
        found = read_json(path)
    except FileNotFoundError as error:
        raise UserError(f"a run must be finished to be compared, got no metrics.json in {folder} (train it)") from error
    except (OSError, ValueError, RecursionError) as error:
        raise UserError(f"metrics.json must be a run's record, got {path}: {error} ({ANEW})") from error
    metrics: dict[str, Any] = found if isinstance(found, dict) else {}
    scores = metrics.get("test")
    if not isinstance(scores, dict) or not all(isinstance(value, float | int) for value in scores.values()):
        raise UserError(f"metrics.json must have the test's scores, got none in {path} ({ANEW})")
    return metrics
