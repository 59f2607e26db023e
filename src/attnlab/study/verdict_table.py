"""Verdicts as a table, whose cells a terminal, a page and LaTeX share, and the sentences under it."""

from collections.abc import Iterator, Sequence
from statistics import fmean, stdev

import numpy as np

from attnlab.reporting.numbers import NOTHING, column, places, spread
from attnlab.reporting.terminal.text import display_width, pad
from attnlab.study.ceiling import arms_at_best
from attnlab.study.judging import WITHOUT_BIAS, Judgement
from attnlab.study.one_example import one_example
from attnlab.study.reference_scores import reference
from attnlab.study.statistics.effects import varies
from attnlab.study.statistics.sentences import numbers
from attnlab.study.statistics.verdict import Verdict
from attnlab.study.wording import english
from attnlab.study.wording.contract import Row, Wording

WORDS = ("name", "verdict")
"""Columns of no numbers, which stand first."""


def rows(judgement: Judgement, words: Wording = english) -> list[Row]:
    """The control's first, the others' from the best on; scores to the place of the greatest."""
    names = [judgement.control, *(each.comparison.arm.name for each in judgement.ranked)]
    scores = [fmean(found) if (found := judgement.scores[name]) else None for name in names]
    decimals = places(scores)
    return [
        _row(judgement, name, words, score=score, decimals=decimals)
        for name, score in zip(names, column(scores), strict=True)
    ]


def table(judgement: Judgement, words: Wording = english) -> list[list[str]]:
    """Heads and rows, without columns that hold nothing."""
    cells = [words.heads(judgement.metric, margin=judgement.margin), *rows(judgement, words)]
    return filled(cells)


def filled(cells: Sequence[Sequence[str]]) -> list[list[str]]:
    """Heads and rows without the columns in which no row has anything."""
    kept = [any(cell != NOTHING for cell in found) for found in zip(*cells[1:], strict=True)]
    return [[cell for cell, keep in zip(row, kept, strict=True) if keep] for row in cells]


def table_lines(judgement: Judgement, words: Wording = english) -> Iterator[str]:
    """The table in columns, for a terminal."""
    yield from columns(table(judgement, words))


def columns(cells: Sequence[Sequence[str]]) -> list[str]:
    """Rows of cells, each column as wide as its widest."""
    widths = [max(map(display_width, column)) for column in zip(*cells, strict=True)]
    padded = ["  ".join(pad(cell, width) for cell, width in zip(row, widths, strict=True)) for row in cells]
    return [f"  {line}".rstrip() for line in padded]


def sentences(judgement: Judgement, words: Wording = english) -> Iterator[str]:
    """A pair a line, and what is known beside it."""
    for verdict in judgement.ranked:
        yield words.verdict(verdict)
        yield from (f"  {line}" for line in beside(verdict, words))


def beside(verdict: Verdict, words: Wording = english) -> list[str]:
    """What holds for this test set alone, what such runs can tell, what they vary by, how arms' seeds go together."""
    found = [words.of_examples(verdict), words.of_power(verdict), words.of_components(verdict)]
    if found[0] is None:  # where the interval is that of seeds alone, it is this test set's, too
        found.insert(0, words.of_this_test_set(verdict))
    if (value := verdict.measured.correlation) is not None:
        found.append(words.correlation(value, paired=verdict.measured.paired))
    return [line for line in found if line is not None]


def lines(judgement: Judgement, words: Wording = english) -> Iterator[str]:
    """The table, the sentences, and how it was judged, for a terminal; `caveats` belong below."""
    yield from table_lines(judgement, words)
    yield ""
    yield from (f"  {line}" for line in sentences(judgement, words))
    yield from (f"  {line}" for line in footnotes(judgement, words))


def footnotes(judgement: Judgement, words: Wording = english) -> Iterator[str]:
    """How it was judged."""
    verdicts = judgement.verdicts
    if any(each.p_holm is not None for each in verdicts):
        family = max(each.family for each in verdicts)
        yield words.judged(judgement.alpha, control=judgement.control, margin=judgement.margin, family=family)
    if reported := _reported(judgement):
        yield words.without_bias(judgement.metric, reported)
    if (found := reference(judgement)) is not None:
        yield words.reference(found.kind, judgement.metric, found.score)
    if judgement.unit is not None:
        yield words.clusters(judgement.unit)
    if judgement.earlier:
        yield words.earlier(len(judgement.earlier))


def caveats(judgement: Judgement, words: Wording = english) -> Iterator[str]:
    """What must be known before any of it is believed: whether arms have the best score there is, whether it hangs on
    one example, of how many runs it is, and of tuned arms or not."""
    if (best := arms_at_best(judgement)) is not None:
        yield words.at_best(best)
    yield from map(words.one_example, one_example(judgement))
    if judgement.verdicts:
        yield words.of_runs(min(each.comparison.fewest_runs for each in judgement.verdicts))
    if judgement.trials is not None:
        yield words.tuned(judgement.trials)


def _reported(judgement: Judgement) -> list[tuple[str, str]]:
    """The mean of each group as its runs report it, of a score that is compared otherwise, without its bias."""
    metric = judgement.metric
    runs = {name: [run for run in group.runs if metric in run.of_run] for name, group in judgement.groups.items()}
    if not any(WITHOUT_BIAS in run.of_run[metric] for found in runs.values() for run in found):
        return []
    means = [fmean(run.reported[metric] for run in found) if found else None for found in runs.values()]
    return list(zip(runs, column(means), strict=True))


def _row(judgement: Judgement, name: str, words: Wording, *, score: str, decimals: int) -> Row:
    """The control's, too, and that of one group alone, which no verdict knows."""
    scores, verdict = judgement.scores[name], judgement.of.get(name)
    row = Row(
        name=name,
        verdict=words.CONTROL if judgement.verdicts else NOTHING,
        difference=NOTHING,
        interval=NOTHING,
        p=NOTHING,
        p_same=NOTHING,
        score=score,
        deviation=spread(_deviation(scores), decimals),
        runs=_num_runs(judgement, name, words),
    )
    if verdict is None:
        return row
    finding, difference, interval, p, p_same = effect_cells(verdict, words)
    return row._replace(verdict=finding, difference=difference, interval=interval, p=p, p_same=p_same)


def effect_cells(verdict: Verdict, words: Wording) -> tuple[str, str, str, str, str]:
    """The verdict, the difference, its interval, and both p values."""
    difference, interval = NOTHING, NOTHING
    if (effect := verdict.measured.effect) is not None:
        written = numbers.difference(effect)
        difference, interval = written.difference, words.interval(written.low, written.high)
    return words.cell(verdict), difference, interval, _p(verdict.p_holm), _p(verdict.p_same_holm)


def _deviation(scores: Sequence[float]) -> float | None:
    if len(scores) < 2:
        return None
    return stdev(scores) if varies(np.array(scores)) else 0.0


def _num_runs(judgement: Judgement, name: str, words: Wording) -> str:
    group, finished = judgement.groups[name], len(judgement.scores[name])
    return words.num_runs(finished, group.failed + len(group.runs) - finished)


def _p(value: float | None) -> str:
    return NOTHING if value is None else numbers.probability(value).removeprefix("= ")
