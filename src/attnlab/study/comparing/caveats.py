"""What must be known before a comparison of finished runs is believed, in a language."""

from collections.abc import Iterator

from attnlab.study.ceiling import arms_at_best
from attnlab.study.comparing.comparison import Compared
from attnlab.study.comparing.groups import RunGroup
from attnlab.study.run_warnings import run_warnings
from attnlab.study.sizes import Size, apart
from attnlab.study.still_improving import still_improving
from attnlab.study.verdict_table import caveats
from attnlab.study.wording.contract import Wording


def caveats_of(compared: Compared, words: Wording) -> Iterator[str]:
    """Whether training ended too soon, what runs were warned of, groups of another size, and how many runs it has."""
    judgement, control = compared.judgement, compared.control.name
    trained = {
        each.name: [(run.folder, run.metrics) for run in each.runs if run.metrics is not None]
        for each in compared.groups
    }
    best = arms_at_best(judgement)
    at_best = () if best is None else best.arms
    found = still_improving(trained, metric=judgement.metric, margin=judgement.margin, at_best=at_best)
    if found is not None:
        yield words.still_improving(found)
    yield from map(words.warned, run_warnings(trained))
    if others := apart({each.name: _size(each) for each in compared.groups}, control=control):
        yield words.sizes(others, control=control)
    yield from caveats(judgement, words)


def _size(group: RunGroup) -> Size:
    """As its first run has it on record, which anyone may have written; operations aren't there."""
    for run in group.finished:
        found = (run.metrics or {}).get("parameters")
        if isinstance(found, dict) and isinstance(total := found.get("total"), int):
            return Size(total, None)
    return Size(None, None)
