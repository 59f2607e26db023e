"""Runs tested again without what their attention has learned, as a table whose cells a page and a report share."""

from collections.abc import Iterator, Mapping, Sequence

from attnlab.reporting.numbers import NOTHING, fixed, places, spread
from attnlab.study.ablations import ArmAblation
from attnlab.study.verdict_table import filled
from attnlab.study.wording.contract import Wording


def about(found: Mapping[str, ArmAblation], words: Wording, *, learning_nothing: Sequence[str] = ()) -> str:
    """How they were tested, of which seeds, whether means are shown, and which arms had nothing to lose."""
    seeds = dict.fromkeys(run.seed for each in found.values() for run in each.tested)
    return words.ablated(
        seeds=sorted(seeds),
        single=all(len(each.tested) < 2 for each in found.values()),
        learning_nothing=learning_nothing,
    )


def table(found: Mapping[str, ArmAblation], metric: str, words: Wording) -> list[list[str]]:
    """Heads and rows, without columns that hold nothing."""
    arm, *others = words.HEADS.ablations
    return filled([[arm, words.score(metric), *others], *_rows(found, words)])


def _rows(found: Mapping[str, ArmAblation], words: Wording) -> Iterator[list[str]]:
    decimals = places(score for each in found.values() for score in (each.score, each.ablated))
    for name, each in found.items():
        why = words.reason(each.why) if each.why else NOTHING
        if each.score is None or each.ablated is None or each.difference is None:
            yield [name, NOTHING, NOTHING, NOTHING, NOTHING, "0", why]
            continue
        scores = [fixed(each.score, decimals), fixed(each.ablated, decimals)]
        difference = fixed(each.difference, decimals, signed=True)
        yield [name, *scores, difference, spread(each.sd, decimals), str(len(each.tested)), why]
