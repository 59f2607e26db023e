"""Scores of a run's attention, beside those of its test: what `attnlab evaluate RUN --diagnose` has measured."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from attnlab.errors import UserError
from attnlab.metrics.records.contract import DELETION, DIAGNOSTICS, DIAGNOSTICS_BY_EXAMPLE, Records, joined, run_of
from attnlab.reading.bounds import read_json
from attnlab.study.record_lines import read_lines

HOW = "attnlab evaluate RUN --diagnose"


class Diagnosed(NamedTuple):
    """What is on record.

    metrics: what the run's `metrics.json` holds, with these scores among the test's.
    """

    metrics: dict[str, Any]
    records: Records

    def beside(self, others: Records) -> Records:
        """Both, of the same examples; these of none where they are of others.

        Raises:
            UserError: they are of other examples.
        """
        if not self.records.examples:
            return Records(others.examples, others.scores, {**others.without, **self.records.without}, others.of_run)
        if self.records.examples.keys() != others.examples.keys():
            raise UserError(
                f"{DIAGNOSTICS_BY_EXAMPLE} must be of the test's examples, got {len(self.records.examples)} and "
                f"{len(others.examples)} that aren't the same (measure anew by {HOW})"
            )
        examples = joined(others.examples, self.records.examples)
        scores, without = {**others.scores, **self.records.scores}, {**others.without, **self.records.without}
        return Records(examples, scores, without, others.of_run)


def read_diagnosed(folder: Path, metrics: Mapping[str, Any]) -> Diagnosed | None:
    """What was measured of a run, which is recorded in `metrics`; None where nothing was, or of another run before it.

    Raises:
        UserError: it is damaged.
    """
    path = folder / DIAGNOSTICS
    if not path.is_file():
        return None
    try:
        found = read_json(path)
        scores = {str(name): float(score) for name, score in found["scores"].items()}
        signatures = {str(name): str(each) for name, each in found["signatures"].items()}
        of = found["of"]
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise UserError(f"{DIAGNOSTICS} must be what {HOW} writes, got {path} (measure anew, or delete it)") from error
    if of != run_of(metrics):
        return None
    by_example = folder / DIAGNOSTICS_BY_EXAMPLE
    why = found.get("without")
    without = {DELETION: str(why)} if why and DELETION not in scores else {}
    records = read_lines(by_example, known=scores).records if scores else Records(without=without)
    said = metrics.get("signatures")
    whole = {
        **metrics,
        "test": {**metrics["test"], **scores},
        "signatures": {**(said if isinstance(said, dict) else {}), **signatures},
    }
    return Diagnosed(whole, records)
