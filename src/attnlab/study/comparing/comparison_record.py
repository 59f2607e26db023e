"""What finished runs say about each other, as one object of JSON."""

import math
from typing import Any

from attnlab.study.arms import Difference
from attnlab.study.comparing.comparison import Compared
from attnlab.study.comparing.groups import RunGroup
from attnlab.study.statistics import english, english_of_this_test_set
from attnlab.study.statistics.verdict import Estimate, Verdict


def comparison_record(compared: Compared) -> dict[str, Any]:
    """Numbers as they are; null where there is none."""
    judgement = compared.judgement
    return {
        "metric": compared.asked.metric,
        "better": compared.asked.better,
        "margin": compared.asked.margin,
        "alpha": judgement.alpha,
        "control": compared.control.name,
        "study": compared.study,
        "as_planned": list(compared.as_planned),
        "exploratory": True,
        "groups": {group.name: _group(group, compared) for group in compared.groups},
        "verdicts": {name: _verdict(verdict) for name, verdict in judgement.of.items()},
        "differences": {name: [_difference(each) for each in found] for name, found in compared.differences.items()},
        "earlier": [str(folder) for folder in judgement.earlier],
        "left_out": {str(folder): why for folder, why in compared.left_out.items()},
    }


def _group(group: RunGroup, compared: Compared) -> dict[str, Any]:
    tested = {run.folder: run.reported for run in compared.judgement.groups[group.name].runs}
    runs = [
        {
            "folder": str(run.folder),
            "seed": run.seed,
            "score": None if run.metrics is None else _number(tested[run.folder].get(compared.asked.metric)),
            "failed": run.failed,
        }
        for run in group.runs
    ]
    return {
        "settings": dict(group.says),
        "longer_from": group.longer_from,
        "stopped_early": group.stopped_early,
        "runs": runs,
    }


def _difference(difference: Difference) -> dict[str, Any]:
    said = {"control": _value(difference.control), "arm": _value(difference.arm)}
    return {"key": difference.key, **said, "kind": difference.kind}


def _value(value: Any) -> Any:
    """As it is, in lists too; numbers that JSON hasn't are text."""
    if isinstance(value, list):
        return [_value(each) for each in value]
    return str(value) if isinstance(value, float) and not math.isfinite(value) else value


def _verdict(verdict: Verdict) -> dict[str, Any]:
    measured = verdict.measured
    return {
        "finding": verdict.finding,
        "too_few": None if measured.too_few is None else measured.too_few._asdict(),
        "marks": list(verdict.marks),
        "by_less_than_matters": verdict.by_less_than_matters,
        "held_back": verdict.held_back,
        "over": measured.over,
        "scores": [_number(each) for each in measured.scores],
        "effect": _estimate(measured.effect),
        "this_test_set": _estimate(measured.this_test_set),
        "p_holm": _number(verdict.p_holm),
        "p_same_holm": _number(verdict.p_same_holm),
        "family": verdict.family,
        "variances": None if measured.variances is None else measured.variances._asdict(),
        "correlation": _number(measured.correlation),
        "smallest_difference": _number(verdict.smallest_difference),
        "sentence": english(verdict),
        "sentence_of_this_test_set": english_of_this_test_set(verdict),
    }


def _estimate(effect: Estimate | None) -> dict[str, float | None] | None:
    return None if effect is None else {name: _number(value) for name, value in effect._asdict().items()}


def _number(value: float | None) -> float | None:
    """JSON has no NaN and no infinity."""
    return value if value is not None and math.isfinite(value) else None
