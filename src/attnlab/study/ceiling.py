"""Arms that reach the best score there is: such a test doesn't rank them."""

from typing import NamedTuple

from attnlab.metrics.described import at_best, best_of
from attnlab.study.judging import Judgement


class AtBest(NamedTuple):
    """The arms all of whose runs have it, in the order of the comparison, and whether it is the greatest."""

    arms: tuple[str, ...]
    metric: str
    best: float
    is_maximum: bool


def arms_at_best(judgement: Judgement) -> AtBest | None:
    """None where no arm has it in all runs, or the score has no bound."""
    best, metric = best_of(judgement.metric), judgement.metric
    arms = tuple(name for name, scores in judgement.scores.items() if at_best(scores, metric))
    if best is None or not arms:
        return None
    return AtBest(arms, metric, best, _higher_is_better(judgement))


def _higher_is_better(judgement: Judgement) -> bool:
    """As its comparisons say; of an arm alone, which nothing is compared with, as it is of most scores."""
    return all(each.comparison.higher_is_better for each in judgement.verdicts)
