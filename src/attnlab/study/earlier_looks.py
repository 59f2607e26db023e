"""Whether a study was judged before, with fewer of its seeds or by another rule: what was changed since was no plan's.

Adding seeds until something is found finds .14 to .20 where nothing is.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from attnlab.reading.bounds import read_json
from attnlab.study.plan import Plan
from attnlab.study.statistics.verdict import SMOKE_TEST

JUDGED = "results.csv"
KEY, ASKED = "judged_before", "asked_before"
HOW = ("pairing", "margin")


def judged_before(plan: Plan) -> tuple[int, ...]:
    """With how many of its seeds the same question was judged by the same runs before this plan was first recorded.

    A smoke test, which has no verdicts, is no look. What the study's folder has on record stands, whatever came after.
    """
    record = _read(plan.folder / "plan.json")
    if record.get("jobs") and isinstance(known := record.get(KEY, []), list):
        return tuple(each for each in known if type(each) is int)
    return tuple(sorted({len(each["seeds"]) for each in _earlier(plan) if _seeds(each) < set(plan.study.seeds)}))


def asked_before(plan: Plan) -> dict[str, Any]:
    """What was asked otherwise when the same runs, or the first of them, were judged, likewise: how seeds are paired,
    and by less than which a difference doesn't matter. Either is to be said before its verdicts are known.
    """
    record = _read(plan.folder / "plan.json")
    if record.get("jobs") and isinstance(known := record.get(ASKED, {}), dict):
        return {key: known[key] for key in HOW if key in known}
    now = {"pairing": plan.study.pairing, "margin": plan.judged.margin}
    earlier = [each for each in _earlier(plan) if _seeds(each) <= set(plan.study.seeds)]
    return {key: each[key] for each in earlier for key in HOW if key in each and each[key] != now[key]}


def _earlier(plan: Plan) -> Iterator[dict[str, Any]]:
    """Plans on record of the same control, score and runs, by which there were verdicts."""
    asked = (plan.study.control, plan.judged.metric)
    mine = {job.folder.name for job in plan.jobs if job.arm != plan.study.control}
    for path in sorted(plan.folder.parent.glob("*/plan.json")):
        if path.parent == plan.folder or not path.with_name(JUDGED).is_file():
            continue
        earlier = _read(path)
        theirs, jobs = earlier.get("seeds"), earlier.get("jobs")
        if not isinstance(theirs, list) or not isinstance(jobs, list):
            continue
        shared = mine & {Path(str(each.get("folder"))).name for each in jobs if isinstance(each, dict)}
        if shared and len(theirs) > SMOKE_TEST and (earlier.get("control"), earlier.get("metric")) == asked:
            yield earlier


def _seeds(record: dict[str, Any]) -> set[int]:
    return {each for each in record["seeds"] if type(each) is int}


def _read(path: Path) -> dict[str, Any]:
    """A plan on record; nothing of one that isn't there, or is damaged."""
    try:
        found = read_json(path)
    except (OSError, ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
