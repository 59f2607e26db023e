"""How well entities were found: strictly, each with its bounds and type right."""

import re
from collections.abc import Collection, Iterable, Sequence
from typing import Any, NamedTuple

from attnlab.data.tagging.label_schemes import Span, folded


class Tagged(NamedTuple):
    """A sentence as labelled by somebody: a label for each word, and the entities that they mark."""

    labels: Sequence[str]
    spans: Sequence[Span]


def overall_scores(
    targets: Sequence[Tagged], outputs: Sequence[Tagged], *, seen: Collection[str] | None
) -> dict[str, float]:
    """`precision`, `recall` and `f1` of entities, `token_accuracy` of words, and the entities' `unseen_*`.

    An entity is right if its bounds and type are (seqeval's strict mode). `unseen_*` are over the entities, of those
    that are there and of those that were found, whose text, `folded`, isn't in `seen`, if that is known. Where none is
    there to be found, the scores of entities are left out.
    """
    scores = {}
    if any(target.spans for target in targets):
        precision, recall, f1, _ = _seqeval(targets, outputs, average="micro")
        scores = {"precision": float(precision), "recall": float(recall), "f1": float(f1)}
    pairs = [pair for t, o in zip(targets, outputs, strict=True) for pair in zip(t.labels, o.labels, strict=True)]
    scores["token_accuracy"] = sum(target == output for target, output in pairs) / max(1, len(pairs))
    wanted, found = (set(), set()) if seen is None else (_entities(targets, seen), _entities(outputs, seen))
    if wanted:
        right = len(wanted & found)
        scores["unseen_precision"] = right / len(found) if found else 0.0
        scores["unseen_recall"] = right / len(wanted)
        scores["unseen_f1"] = 2 * right / (len(wanted) + len(found))
    return scores


def scores_by_type(targets: Sequence[Tagged], outputs: Sequence[Tagged]) -> dict[str, float]:
    """`precision_TYPE`, `recall_TYPE` and `f1_TYPE` of each type that is there, strictly.

    Of a type that was found and isn't there, `precision_TYPE` alone, which is 0; nothing where no type is there.
    """
    if not any(target.spans for target in targets):
        return {}
    types = sorted({span["label"] for tagged in (*targets, *outputs) for span in tagged.spans})
    there = {span["label"] for tagged in targets for span in tagged.spans}
    columns = _seqeval(targets, outputs, average=None)[:3]
    names = type_keys(types)
    return {
        f"{measure}_{names[each]}": float(value)
        for measure, values in zip(("precision", "recall", "f1"), columns, strict=True)
        for each, value in zip(types, values, strict=True)
        if each in there or measure == "precision"
    }


def type_keys(types: Sequence[str]) -> dict[str, str]:
    """Types as parts of metrics' names: in snake case, unless two would be the same."""
    names = {each: re.sub(r"\W+", "_", each).lower() for each in types}
    return names if len(set(names.values())) == len(types) else {each: each for each in types}  # PER and per


def confusion_counts(targets: Iterable[Tagged], outputs: Iterable[Tagged], *, types: Sequence[str]) -> list[list[int]]:
    """How many words of each type, in rows, were taken for which, in columns; no entity, O, comes first in both."""
    place = {each: number for number, each in enumerate(["O", *types])}
    counts = [[0] * len(place) for _ in place]
    for target, output in zip(targets, outputs, strict=True):
        for true, found in zip(target.labels, output.labels, strict=True):
            counts[place[_type_of(true)]][place[_type_of(found)]] += 1
    return counts


def _type_of(label: str) -> str:
    return label if label == "O" else label[2:]


def _entities(tagged: Sequence[Tagged], seen: Collection[str]) -> set[tuple[int, int, int, str]]:
    """The entities that training hasn't seen: sentence, bounds and type."""
    return {
        (number, span["start"], span["end"], span["label"])
        for number, sentence in enumerate(tagged)
        for span in sentence.spans
        if folded(span["text"]) not in seen
    }


def _seqeval(targets: Sequence[Tagged], outputs: Sequence[Tagged], *, average: str | None) -> tuple[Any, ...]:
    # Here and not above: it brings scikit-learn and SciPy, two seconds that predicting can do without.
    from seqeval.metrics.v1 import precision_recall_fscore_support
    from seqeval.scheme import IOB2

    found: tuple[Any, ...] = precision_recall_fscore_support(
        [list(t.labels) for t in targets] or [[]],
        [list(o.labels) for o in outputs] or [[]],
        average=average,
        scheme=IOB2,
        zero_division=0,
    )
    return found
