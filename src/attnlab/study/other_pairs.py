"""Arms against each other, none of them the control: what a study doesn't ask and a reader does."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations

from attnlab.study.judging import Judgement
from attnlab.study.statistics import Comparison, Verdict, judge
from attnlab.study.verdict_table import effect_cells, filled
from attnlab.study.wording.contract import Wording

MOST_ARMS = 6  # the best of them, 15 pairs


def best_of(judgement: Judgement) -> int | None:
    """How many arms, the best, are compared with each other; None where all are."""
    found = [each for each in judgement.verdicts if each.measured.effect is not None]
    return MOST_ARMS if len(found) > MOST_ARMS else None


def other_pairs(judgement: Judgement) -> list[Verdict]:
    """Exploratory verdicts on each pair, the better mean first, those of the best first; none of fewer than two arms.

    Holm's p values are over these pairs.
    """
    found = [each.comparison for each in judgement.verdicts if each.measured.effect is not None]
    if len(found) < 2:
        return []
    sign = -1 if found[0].higher_is_better else 1
    ranked = sorted(found, key=lambda each: sign * float(each.arm.rows.mean()))[:MOST_ARMS]
    pairs = [_pair(one, other) for one, other in combinations(ranked, 2)]
    return [_unmarked(each) for each in judge(pairs, alpha=judgement.alpha)]


def notes(verdicts: Sequence[Verdict], words: Wording) -> list[str]:
    """Why a pair isn't judged, a sentence each: for too few scores, or because no run differs."""
    return [words.in_brief(each) for each in verdicts if each.measured.effect is None]


def _pair(one: Comparison, other: Comparison) -> Comparison:
    return replace(one, control=other.arm, exploratory=True)


def _unmarked(verdict: Verdict) -> Verdict:
    """All of them are exploratory, which is said of the table."""
    return replace(verdict, marks=tuple(each for each in verdict.marks if each != "exploratory"))


def table(verdicts: Sequence[Verdict], words: Wording) -> list[list[str]]:
    """Heads and rows: an arm, which it is compared with, and what is found; words stand in the first three columns."""
    heads = words.heads("", margin=verdicts[0].comparison.margin)
    rows = []
    for each in verdicts:
        cells = effect_cells(each, words)
        rows.append([each.comparison.arm.name, each.comparison.control.name, *cells])
    return filled([[heads.name, words.HEADS.against, *heads[1:6]], *rows])
