"""Verdicts as a table, whose cells a terminal, a page and LaTeX share, and the sentences under it."""

from collections.abc import Iterator, Sequence
from statistics import fmean, stdev

from attnlab.reporting.terminal.text import display_width, pad, score_text
from attnlab.study.judging import Judgement
from attnlab.study.statistics.sentences import numbers
from attnlab.study.statistics.verdict import Verdict
from attnlab.study.wording import english
from attnlab.study.wording.contract import Row, Wording

NOTHING = "-"


def heads(judgement: Judgement, words: Wording = english) -> Row:
    """What stands above them; a p value is Holm's where there are several comparisons."""
    return words.heads(judgement.metric, family=max((each.family for each in judgement.verdicts), default=1))


def rows(judgement: Judgement, words: Wording = english) -> Iterator[Row]:
    """In the groups' own order."""
    for name in judgement.groups:
        if name == judgement.control:
            yield _control_row(judgement, words)
        else:
            yield _row(judgement.of[name], words)


def table_lines(judgement: Judgement) -> Iterator[str]:
    """The table in columns, for a terminal."""
    yield from columns([heads(judgement), *rows(judgement)])


def columns(cells: Sequence[Sequence[str]]) -> list[str]:
    """Rows of cells, each column as wide as its widest."""
    widths = [max(map(display_width, column)) for column in zip(*cells, strict=True)]
    padded = ["  ".join(pad(cell, width) for cell, width in zip(row, widths, strict=True)) for row in cells]
    return [f"  {line}".rstrip() for line in padded]


def sentences(judgement: Judgement, words: Wording = english) -> Iterator[str]:
    """A pair a line, and what is known beside it."""
    for verdict in judgement.verdicts:
        yield words.verdict(verdict)
        yield from (f"  {line}" for line in beside(verdict, words))


def beside(verdict: Verdict, words: Wording = english) -> list[str]:
    """What holds for this test set alone, what such runs could have told, how the arms' seeds go together."""
    found = [words.of_this_test_set(verdict), words.of_power(verdict)]
    if (value := verdict.measured.correlation) is not None:
        found.append(words.correlation(value, paired=verdict.measured.paired))
    return [line for line in found if line is not None]


def lines(judgement: Judgement) -> Iterator[str]:
    """The table, the sentences, and on what they rest, for a terminal."""
    yield from table_lines(judgement)
    yield ""
    yield from (f"  {line}" for line in sentences(judgement))
    yield from (f"  {line}" for line in footnotes(judgement))


def footnotes(judgement: Judgement, words: Wording = english) -> Iterator[str]:
    """What must be known of how it was judged."""
    if judgement.verdicts:
        yield words.judged(judgement.alpha, control=judgement.control, margin=judgement.margin)
        yield words.of_runs(min(each.comparison.fewest_runs for each in judgement.verdicts))
    if judgement.trials is not None:
        yield words.tuned(judgement.trials)
    if judgement.unit is not None:
        yield words.clusters(judgement.unit)
    if judgement.earlier:
        yield words.earlier(len(judgement.earlier))


def _control_row(judgement: Judgement, words: Wording) -> Row:
    """Of one group alone, too, which no verdict knows."""
    group, scores = judgement.groups[judgement.control], judgement.scores[judgement.control]
    runs = words.num_runs(len(scores), group.failed + len(group.runs) - len(scores))
    score = _score(fmean(scores) if scores else None)
    deviation = _score(stdev(scores) if len(scores) > 1 else None)
    stands_for = words.CONTROL if judgement.verdicts else NOTHING
    return Row(group.name, runs, score, deviation, NOTHING, NOTHING, NOTHING, stands_for)


def _row(verdict: Verdict, words: Wording) -> Row:
    arm, measured = verdict.comparison.arm, verdict.measured
    score, deviation = (_score(each.arm) for each in (measured.scores, measured.deviations))
    difference, interval = NOTHING, NOTHING
    if measured.effect is not None:
        written = numbers.difference(measured.effect)
        difference, interval = written.difference, words.interval(written.low, written.high)
    p = verdict.p_same_holm if verdict.finding == "the same" else verdict.p_holm
    return Row(
        arm.name,
        words.num_runs(len(arm.seeds), arm.failed),
        score,
        deviation,
        difference,
        interval,
        NOTHING if p is None else numbers.probability(p).removeprefix("= "),
        words.cell(verdict),
    )


def _score(value: float | None) -> str:
    return NOTHING if value is None else score_text(value)
