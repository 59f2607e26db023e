"""What finished runs say about each other, as a person reads it."""

from collections.abc import Iterator, Sequence
from statistics import mean, stdev

from attnlab.reporting.terminal.text import score_text, shorten
from attnlab.study import verdict_table
from attnlab.study.arms import Difference, value_text
from attnlab.study.comparing.comparison import Compared

SHOWN = 8  # differences of a group, and runs that are left out
WIDEST = 60  # columns of a value


def compared_lines(compared: Compared) -> Iterator[str]:
    """The whole of it."""
    if len(compared.groups) == 1:
        yield from _alone(compared)
    else:
        yield from _head(compared)
        yield ""
        yield from verdict_table.lines(compared.judgement)
        yield from _differences(compared)
    yield from _left_out(compared)


def _alone(compared: Compared) -> Iterator[str]:
    """The mean over runs, and how they vary."""
    [group] = compared.groups
    metric, runs = compared.asked.metric, compared.judgement.groups[group.name].runs
    scores = [run.reported[metric] for run in runs]
    failed = f", {group.num_failed} failed" if group.num_failed else ""
    yield f"{_runs(len(group.runs))}{failed}, all of one configuration, which --against divides into groups to compare"
    spread = f", sd {score_text(stdev(scores))} over seeds" if len(scores) > 1 else ""
    yield f"  {group.name}: test {metric} {score_text(mean(scores))}{spread}"


def _runs(num: int) -> str:
    return "1 run" if num == 1 else f"{num} runs"


def _head(compared: Compared) -> Iterator[str]:
    runs = sum(len(group.runs) for group in compared.groups)
    better = "greater" if compared.asked.better == "max" else "smaller"
    yield f"{_runs(runs)} in {len(compared.groups)} groups, by test {compared.asked.metric}: {better} is better"
    yield f"  control: {compared.control.name} ({compared.because}; --control NAME takes another)"
    if compared.as_planned:
        yield f"  as study {compared.study} has it: {', '.join(compared.as_planned)}"
    num = len(compared.judgement.verdicts)
    holm = f"p values are Holm's over the {num} comparisons shown" if num > 1 else "one comparison is shown"
    yield f"  exploratory: not what a study was planned to tell; {holm}"
    if all(len(group.runs) == 1 for group in compared.groups):
        yield "  with 1 run of a group this pair of models is compared, not their mechanisms"
    yield from (f"  {line}" for line in _lengths(compared))


def _lengths(compared: Compared) -> Iterator[str]:
    """Groups whose runs didn't go from their first update to their last in one."""
    for group in compared.groups:
        if group.longer_from is not None:
            yield (
                f"{group.name}: a group of its own, made longer by resume= at {group.longer_from}; as many updates in "
                "one go may come out otherwise"
            )
        if group.stopped_early is not None:
            yield f"{group.name}: ended early, after {group.stopped_early}, as its configuration allows"


def _differences(compared: Compared) -> Iterator[str]:
    yield from ("", f"differences from {compared.control.name}")
    for name, found in compared.differences.items():
        yield f"  {name}{'' if found else ': none, but for the seed'}"
        rows = [_row(each) for each in found[:SHOWN]]
        yield from (f"  {line}" for line in (verdict_table.columns(rows) if rows else ()))
        if len(found) > SHOWN:
            yield f"    and {len(found) - SHOWN} more (--json has them all)"
        if any(each.kind == "confounded" for each in found):
            yield "    CONFOUNDED: it may score otherwise for what isn't attention"


def _row(difference: Difference) -> Sequence[str]:
    values = " for ".join(shorten(value_text(each), WIDEST) for each in (difference.arm, difference.control))
    return (difference.key, values, f"({difference.kind})")


def _left_out(compared: Compared) -> Iterator[str]:
    left_out = list(compared.left_out.items())
    if left_out:
        yield from ("", "left out")
        yield from (f"  {folder}: {why}" for folder, why in left_out[:SHOWN])
        if len(left_out) > SHOWN:
            yield f"  and {len(left_out) - SHOWN} more (--json has them all)"
