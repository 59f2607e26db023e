"""What labelled sentences add to the scores of entities."""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence

from attnlab.data.tagging.label_schemes import folded
from attnlab.metrics.entities import Tagged, type_keys
from attnlab.metrics.records.contract import Score, Statistics

MEASURES = ("precision", "recall", "f1")


def of_sentences(
    targets: Sequence[Tagged], outputs: Sequence[Tagged], *, seen: Collection[str] | None, prefix: str = ""
) -> list[Statistics]:
    """`entities`: right, wrong and missed ones (tp, fp, fn); `entities_by_type` likewise; `unseen` ones, if what
    training has `seen` is known; `token_accuracy`: words labelled right, of all.
    """
    rows: list[Statistics] = []
    for target, output in zip(targets, outputs, strict=True):
        there, found = (Counter((s["start"], s["end"], s["label"]) for s in each.spans) for each in (target, output))
        right = sum(label == other for label, other in zip(target.labels, output.labels, strict=True))
        row: Statistics = {
            f"{prefix}entities": _counts(there, found),
            f"{prefix}token_accuracy": [right, len(target.labels)],
        }
        if not prefix:
            kinds = sorted({kind for *_, kind in (*there, *found)})
            row["entities_by_type"] = {kind: _counts(_of(there, kind), _of(found, kind)) for kind in kinds}
        if seen is not None:
            row[f"{prefix}unseen"] = _counts(*(_unseen(each, seen) for each in (target, output)))
        rows.append(row)
    return rows


def scores_of_sentences(rows: Iterable[Statistics], *, prefix: str = "") -> dict[str, Score]:
    """The scores of these statistics, named as in `metrics.entities`."""
    rows = list(rows)
    scores = {f"{prefix}token_accuracy": Score("share", f"{prefix}token_accuracy")}
    for of, name in (("entities", ""), ("unseen", "unseen_")):
        if any(gold(row[f"{prefix}{of}"]) for row in rows if f"{prefix}{of}" in row):
            scores |= {f"{prefix}{name}{measure}": Score(measure, f"{prefix}{of}") for measure in MEASURES}
    if prefix or f"{prefix}f1" not in scores:
        return scores
    kinds = sorted({kind for row in rows for kind in row["entities_by_type"]})
    there = {kind for row in rows for kind, counts in row["entities_by_type"].items() if gold(counts)}
    for kind, key in type_keys(kinds).items():
        for measure in MEASURES:
            if kind in there or measure == "precision":
                scores[f"{measure}_{key}"] = Score(measure, "entities_by_type", kind)
    return scores


def gold(counts: Sequence[int]) -> int:
    """How many are there to be found."""
    return counts[0] + counts[2]


Places = Counter[tuple[int, int, str]]


def _counts(there: Places, found: Places) -> list[int]:
    right = (there & found).total()
    return [right, found.total() - right, there.total() - right]


def _of(places: Places, kind: str) -> Places:
    return Counter({place: count for place, count in places.items() if place[2] == kind})


def _unseen(tagged: Tagged, seen: Collection[str]) -> Places:
    return Counter({(s["start"], s["end"], s["label"]): 1 for s in tagged.spans if folded(s["text"]) not in seen})
