"""What a test scores by itself, without a model: by such a score those of arms are read."""

from statistics import fmean
from typing import Literal, NamedTuple

from attnlab.study.judging import Judgement

Kind = Literal["lead", "commonest_label"]
# What stands before the name of the score where a task records it.
KINDS: tuple[Kind, ...] = ("lead", "commonest_label")


class ReferenceScore(NamedTuple):
    """The beginning of each document for its summary, or each word's commonest label in training."""

    kind: Kind
    score: float


def reference(judgement: Judgement) -> ReferenceScore | None:
    """Of the score that is judged, over the same test in every run; None where tests have none."""
    runs = [run for group in judgement.groups.values() for run in group.runs]
    for kind in KINDS:
        found = [run.reported.get(f"{kind}_{judgement.metric}") for run in runs]
        known = [each for each in found if each is not None]
        if known and len(known) == len(found):
            return ReferenceScore(kind, fmean(known))
    return None
