"""A finished run's test without what its attention has learned, beside the test that it has on record."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from attnlab.config import identity
from attnlab.runs import run_folder
from attnlab.runs.evaluate import Ready, check_ablatable, ready, tested_as_it_is, tested_without_attention
from attnlab.runs.surroundings import elsewhere


class AblatedTest(NamedTuple):
    """Scores as they are and without what attention has learned; `again`: why the first aren't those on record."""

    scores: dict[str, float]
    ablated: dict[str, float]
    again: str | None


def ablated_test(
    folder: Path, overrides: list[str], *, trust: tuple[str, ...] = (), checksum: str | None = None
) -> AblatedTest:
    """One test, where that on record was of the same examples on such a machine, which computes the same; else two.

    `checksum` is of all data as it is now, of which a test may read its own part alone; None where nobody knows.

    Raises:
        UserError: the run can't be tested, or its model has no attention.
    """
    found, record = ready(str(folder), overrides, trust=trust, asks=[check_ablatable]), run_folder.finished(folder)
    again = "it has no record" if record is None else next(why_again(record, found, checksum), None)
    scores = tested_as_it_is(found) if record is None or again is not None else record["test"]
    return AblatedTest(scores, tested_without_attention(found), again)


def why_again(record: dict[str, Any], found: Ready, checksum: str | None) -> Iterator[str]:
    """What of a test isn't as on record."""
    data, counts = record.get("data") or {}, record.get("test_examples") or {}
    for what, then, now in (
        ("results", identity.results_of(record), identity.RESULTS),
        ("data", data.get("checksum"), checksum),
        ("test examples", counts.get("scored"), found.test.scored),
    ):
        if then != now:
            yield f"{what} {then or 'not recorded'} then, {now or 'not known'} now"
    yield from elsewhere(record, found.trainer.strategy.root_device, precision=str(found.trainer.precision))
