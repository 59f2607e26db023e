"""What a test scores by itself, without a model: by such a score those of arms are read."""

from statistics import fmean

from attnlab.study.judging import Judgement

LEAD = "lead_"  # of the beginning of each document, before the name of the score


def lead(judgement: Judgement) -> float | None:
    """LEAD's score where summaries are judged, of the same test in every run; None of any other score."""
    runs = [run for group in judgement.groups.values() for run in group.runs]
    found = [run.reported.get(f"{LEAD}{judgement.metric}") for run in runs]
    known = [each for each in found if each is not None]
    return fmean(known) if known and len(known) == len(found) else None
