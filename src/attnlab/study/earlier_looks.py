"""Whether a study was judged before with fewer of its seeds: those that were added since were no plan's.

Adding seeds until something is found finds .14 to .20 where nothing is.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from attnlab.reading.bounds import read_json
from attnlab.study.plan import Plan
from attnlab.study.statistics.verdict import SMOKE_TEST

JUDGED = "results.csv"
KEY = "judged_before"


def judged_before(plan: Plan) -> tuple[int, ...]:
    """With how many of its seeds the same question was judged by the same runs before this plan was first recorded.

    A smoke test, which has no verdicts, is no look. What the study's folder has on record stands, whatever came after.
    """
    record = _read(plan.folder / "plan.json")
    if record.get("jobs") and isinstance(known := record.get(KEY, []), list):
        return tuple(each for each in known if type(each) is int)
    return tuple(sorted(set(_looks(plan))))


def _looks(plan: Plan) -> Iterator[int]:
    seeds, asked = set(plan.study.seeds), (plan.study.control, plan.judged.metric)
    mine = {job.folder.name for job in plan.jobs if job.arm != plan.study.control}
    for path in sorted(plan.folder.parent.glob("*/plan.json")):
        if path.parent == plan.folder or not path.with_name(JUDGED).is_file():
            continue
        earlier = _read(path)
        theirs, jobs = earlier.get("seeds"), earlier.get("jobs")
        if not isinstance(theirs, list) or not isinstance(jobs, list):
            continue
        fewer = {each for each in theirs if type(each) is int} < seeds
        shared = mine & {Path(str(each.get("folder"))).name for each in jobs if isinstance(each, dict)}
        if fewer and shared and len(theirs) > SMOKE_TEST and (earlier.get("control"), earlier.get("metric")) == asked:
            yield len(theirs)


def _read(path: Path) -> dict[str, Any]:
    """A plan on record; nothing of one that isn't there, or is damaged."""
    try:
        found = read_json(path)
    except (OSError, ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
