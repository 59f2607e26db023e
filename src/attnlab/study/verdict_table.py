"""Verdicts as a table, whose cells a terminal, a page and LaTeX share, and the sentences under it."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from attnlab.reporting.terminal.text import display_width, pad, score_text
from attnlab.study.judging import Judgement
from attnlab.study.statistics import english, english_of_this_test_set
from attnlab.study.statistics.sentences import numbers
from attnlab.study.statistics.verdict import Verdict

NOTHING = "-"


class Row(NamedTuple):
    """A group's cells; the control has no difference from itself."""

    name: str
    runs: str
    score: str
    deviation: str
    difference: str
    interval: str
    p: str
    verdict: str


def heads(judgement: Judgement) -> Row:
    """What stands above them; a p value is Holm's where there are several comparisons."""
    family = max((each.family for each in judgement.verdicts), default=1)
    p = f"p (Holm, {family})" if family > 1 else "p"
    return Row("arm", "runs", judgement.metric, "sd", "difference", "plain 95 % interval", p, "verdict")


def rows(judgement: Judgement) -> Iterator[Row]:
    """In the groups' own order."""
    for name in judgement.groups:
        if name == judgement.control:
            yield _control_row(judgement)
        else:
            yield _row(judgement.of[name])


def table_lines(judgement: Judgement) -> Iterator[str]:
    """The table in columns, for a terminal."""
    yield from columns([heads(judgement), *rows(judgement)])


def columns(cells: Sequence[Sequence[str]]) -> list[str]:
    """Rows of cells, each column as wide as its widest."""
    widths = [max(map(display_width, column)) for column in zip(*cells, strict=True)]
    padded = ["  ".join(pad(cell, width) for cell, width in zip(row, widths, strict=True)) for row in cells]
    return [f"  {line}".rstrip() for line in padded]


def sentences(judgement: Judgement) -> Iterator[str]:
    """A pair a line, then what holds for this test set alone, and how the arms' seeds go together."""
    for verdict in judgement.verdicts:
        yield english(verdict)
        if (second := english_of_this_test_set(verdict)) is not None:
            yield f"  {second}"
        if (found := correlation(verdict)) is not None:
            yield f"  {found}"


def correlation(verdict: Verdict) -> str | None:
    """Of the scores of the seeds that both arms have; None where it can't be told."""
    found = verdict.measured.correlation
    if found is None:
        return None
    how = "paired" if verdict.measured.paired else "taken as independent all the same"
    return f"Over shared seeds the two arms' scores correlate by {found:+.2f}; seeds are {how}."


def lines(judgement: Judgement) -> Iterator[str]:
    """The table, the sentences, and on what they rest, for a terminal."""
    yield from table_lines(judgement)
    yield ""
    yield from (f"  {line}" for line in sentences(judgement))
    yield from (f"  {line}" for line in footnotes(judgement))


def footnotes(judgement: Judgement) -> Iterator[str]:
    """What must be known of how it was judged."""
    margin = "no margin was given, and nothing is judged the same"
    if judgement.margin is not None:
        margin = f"a difference below {numbers.three_digits(judgement.margin)} doesn't matter"
    yield f"Judged at alpha {judgement.alpha:g} against {judgement.control}; {margin}. sd: over seeds."
    if judgement.trials == 0:
        yield "All arms stand at fixed values; none of them was tuned."
    elif judgement.trials is not None:
        many = "1 trial" if judgement.trials == 1 else f"{judgement.trials:,} trials"
        yield f"Every arm, the control too, was tuned by {many} of its own, on validation alone."
    if judgement.unit is not None:
        yield f"The examples of a {judgement.unit} count as one."
    if judgement.earlier:
        yield (
            f"{len(judgement.earlier)} runs are of before there were records by example: they are judged by their "
            "predictions."
        )


def _control_row(judgement: Judgement) -> Row:
    group, score, deviation = judgement.groups[judgement.control], NOTHING, NOTHING
    runs = _runs(len(group.runs), group.failed)
    if judgement.verdicts:
        verdict = judgement.verdicts[0]
        arm, measured = verdict.comparison.control, verdict.measured
        runs = _runs(len(arm.seeds), arm.failed)
        score, deviation = (_score(each.control) for each in (measured.scores, measured.deviations))
    return Row(group.name, runs, score, deviation, NOTHING, NOTHING, NOTHING, "the control")


def _row(verdict: Verdict) -> Row:
    arm, measured = verdict.comparison.arm, verdict.measured
    score, deviation = (_score(each.arm) for each in (measured.scores, measured.deviations))
    difference, interval = NOTHING, NOTHING
    if measured.effect is not None:
        written = numbers.difference(measured.effect)
        difference, interval = written.difference, f"{written.low} to {written.high}"
    p = verdict.p_same_holm if verdict.finding == "the same" else verdict.p_holm
    return Row(
        arm.name,
        _runs(len(arm.seeds), arm.failed),
        score,
        deviation,
        difference,
        interval,
        NOTHING if p is None else numbers.probability(p).removeprefix("= "),
        ", ".join([*verdict.marks, verdict.finding]),
    )


def _runs(finished: int, failed: int) -> str:
    return f"{finished + failed}, {failed} failed" if failed else str(finished)


def _score(value: float | None) -> str:
    return NOTHING if value is None else score_text(value)
