"""Learning curves on a page: how each arm's scores moved, over its seeds, from the runs' own logs."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from math import isfinite

from attnlab.callbacks.csv_log import MetricsCSV
from attnlab.reporting.charts import made
from attnlab.reporting.charts.marks import Curve, Point
from attnlab.reporting.pages.report.contents import Chart
from attnlab.reporting.pictures import spread
from attnlab.study.html.subject import Run, Subject, SubjectArm

MOST_POINTS = 40  # of a curve
MOST_SCORES = 3
SPLITS = ("train", "val")

Log = Mapping[str, Mapping[int, float]]
"""Values by update, of each metric."""


def curves(subject: Subject) -> Iterator[Chart]:
    """Of the score that is judged, the one that training goes by, and losses: in training and in validation."""
    logs = {arm.name: [log_of(run) for run in arm.runs] for arm in subject.arms}
    names = {metric for each in logs.values() for log in each for metric in log}
    for score in _scores(subject, names):
        for split in SPLITS:
            metric = f"{split}/{score}"
            found = [_curve(arm, logs[arm.name], metric) for arm in subject.arms]
            if any(len(each.points) for each in found):
                yield made.learning(found, metric=score, split=split)


def log_of(run: Run) -> Log:
    """What a run has on record; nothing of one whose log isn't there."""
    found: dict[str, dict[int, float]] = defaultdict(dict)
    for step, values in MetricsCSV(run.folder).rows():
        for metric, value in values.items():
            found[metric][step] = value
    return found


def _scores(subject: Subject, names: set[str]) -> list[str]:
    monitored = [
        str(best.get("monitor") or "") for arm in subject.arms for run in arm.runs if (best := run.record.get("best"))
    ]
    losses = sorted(name.partition("/")[2] for name in names if name.startswith("train/") and name.endswith("loss"))
    wanted = [subject.metric, *(each.partition("/")[2] for each in monitored), *losses]
    logged = {name.partition("/")[2] for name in names if name.startswith(tuple(f"{split}/" for split in SPLITS))}
    return [name for name in dict.fromkeys(wanted) if name in logged][:MOST_SCORES]


def _curve(arm: SubjectArm, logs: Sequence[Log], metric: str) -> Curve:
    """At updates where all of an arm's runs have a number, so that a mean is always of the same runs."""
    of = [{step: value for step, value in log.get(metric, {}).items() if isfinite(value)} for log in logs]
    steps = sorted(set.intersection(*(set(each) for each in of))) if of else []
    points = []
    for step in (steps[place] for place in spread(len(steps), MOST_POINTS)):
        values = [each[step] for each in of]
        points.append(Point(step, sum(values) / len(values), min(values), max(values)))
    return Curve(arm.name, points)
