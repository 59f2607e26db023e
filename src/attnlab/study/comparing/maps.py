"""Groups of runs whose attention has maps that can be judged."""

from collections.abc import Mapping

from attnlab.metrics.records.contract import DELETION
from attnlab.study.diagnosed import HOW
from attnlab.study.judging import Group


def without_maps(groups: Mapping[str, Group]) -> dict[str, str]:
    """Why groups have no score of their maps, by their names, where others do have one: they are left out."""
    lacking = {name: group for name, group in groups.items() if not any(DELETION in run.scores for run in group.runs)}
    if len(lacking) == len(groups):
        return {}
    return {name: _why(group) for name, group in lacking.items()}


def _why(group: Group) -> str:
    said = [run.without[DELETION] for run in group.runs if DELETION in run.without]
    return f"{DELETION} of maps: {said[0]}" if said else f"it has no {DELETION} of maps, which {HOW} measures"
