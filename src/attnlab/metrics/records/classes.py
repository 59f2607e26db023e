"""What classified images add to the scores of a classifier."""

from collections.abc import Iterable, Sequence

from attnlab.metrics.class_keys import class_keys
from attnlab.metrics.records.contract import Score, Statistics
from attnlab.metrics.records.entities import gold


def of_image(target: str, output: str) -> Statistics:
    """`accuracy`: 1 for a hit, of 1; `classes`: right, wrong and missed ones (tp, fp, fn) of those concerned."""
    if target == output:
        return {"accuracy": [1, 1], "classes": {target: [1, 0, 0]}}
    return {"accuracy": [0, 1], "classes": {target: [0, 0, 1], output: [0, 1, 0]}}


def scores_of_images(rows: Iterable[Statistics], classes: Sequence[str]) -> dict[str, Score]:
    """The scores of these statistics, named as in `metrics.classification`; none of a class without an image."""
    rows = list(rows)
    there = {name for row in rows for name, counts in row["classes"].items() if gold(counts)}
    scores = {"accuracy": Score("mean", "accuracy")}
    for name, key in zip(classes, class_keys(classes), strict=True):
        if name in there:
            scores |= {f"{measure}_{key}": Score(measure, "classes", name) for measure in ("f1", "precision", "recall")}
    return scores
