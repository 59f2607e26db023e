"""Groups of finished runs that are judged against each other, and which is the control."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from attnlab.errors import UserError, closest
from attnlab.study.arms import Difference, differences
from attnlab.study.comparing import naming
from attnlab.study.comparing.configurations import followers, parted, shown_alike
from attnlab.study.comparing.found_runs import FoundRun
from attnlab.study.comparing.longer_runs import stopped_early
from attnlab.study.comparing.study_folders import StudyFolder

SHORT = 12  # digits of a hash
# What attention is compared with, the likeliest first.
CONTROLS = ("uniform", "none", "wider", "identity", "random_frozen")


@dataclass(frozen=True)
class RunGroup:
    """Runs of one configuration but for the seed, in the order of their seeds.

    Attributes:
        says: the settings that tell it from the others.
    """

    name: str
    runs: tuple[FoundRun, ...]
    says: Mapping[str, str]

    @property
    def finished(self) -> tuple[FoundRun, ...]:
        return tuple(run for run in self.runs if not run.failed)

    @property
    def longer_from(self) -> str | None:
        """At which updates its runs were made longer, in words."""
        found: str | None = self.runs[0].config.get("continue_from")
        return found

    @property
    def stopped_early(self) -> str | None:
        """How far its runs came that ended before their length, in words."""
        return stopped_early(self.runs[0].config, [run.metrics for run in self.finished if run.metrics is not None])

    @property
    def num_failed(self) -> int:
        """How many runs of the group failed."""
        return len(self.runs) - len(self.finished)


def grouped(runs: Sequence[FoundRun]) -> list[RunGroup]:
    """The groups that runs make up, in the order of their first ones."""
    return _named(parted(runs))


def sides(given: Sequence[Sequence[FoundRun]]) -> list[RunGroup]:
    """Groups as they are given, be they of the same configuration: by their seeds then.

    Raises:
        UserError: one isn't of one configuration, or a run stands in two.
    """
    for number, side in enumerate(given):
        if len(parts := grouped(side)) > 1:
            raise UserError(
                "a side must be runs that differ in the seed alone, got "
                f"{' and '.join(repr(part.name) for part in parts[:2])} on side {number + 1} (set --against)"
            )
        for other in given[:number]:
            if both := {run.folder for run in side} & {run.folder for run in other}:
                raise UserError(f"a run stands on one side, got {min(both)} on two (set --against)")
    found = _named(given)
    if len({group.name for group in found}) == len(found):
        return found
    texts = [_seeds_text(group.runs) for group in found]
    if len(set(texts)) < len(texts):
        texts = [f"side {number}" for number in range(1, len(texts) + 1)]
    return [replace(group, name=text) for group, text in zip(found, texts, strict=True)]


def named_by_arms(groups: Sequence[RunGroup], arms: Mapping[Path, str]) -> list[RunGroup]:
    """Groups under the names of the arms, by runs' folders, that they are; as they are where they aren't one each."""
    found = [{arms.get(run.folder) for run in group.runs} for group in groups]
    names = [name for each in found for name in each if name is not None]
    if len(names) < len(groups) or len(set(names)) < len(names) or any(len(each) > 1 for each in found):
        return list(groups)
    return [replace(group, name=name) for group, name in zip(groups, names, strict=True)]


def control_of(
    groups: Sequence[RunGroup], asked: str | None, *, against: bool, planned: StudyFolder | None = None
) -> tuple[RunGroup, str]:
    """The group that others are compared with, and why it is that one.

    `against`: they are sides, of which the second; `planned`: the study that planned all of them, by the names of whose
    arms they go.

    Raises:
        UserError: none has the name that was asked for.
    """
    names = [group.name for group in groups]
    if asked is not None:
        if asked not in names:
            shown = ", ".join(map(repr, names))
            raise UserError(f"control must be one of {shown}{closest(asked, names)}, got {asked!r} (set --control)")
        return groups[names.index(asked)], "as asked for"
    if against:
        return groups[1], "as given by --against"
    if planned is not None and planned.control in names:
        return groups[names.index(planned.control)], f"that of study {planned.name}"
    group, because = _plainest(groups)
    if planned is not None and planned.control is not None:
        because += f"; no run of {planned.control}, the control of study {planned.name}, is compared"
    return group, because


def _plainest(groups: Sequence[RunGroup]) -> tuple[RunGroup, str]:
    for control in CONTROLS:
        fits = [group for group in groups if control in (group.says.get(key) for key in naming.MECHANISMS)]
        if fits and len(fits) < len(groups):
            several = f"the first of {len(fits)} with the plainest attention among them"
            return fits[0], several if len(fits) > 1 else "the plainest attention among them"
    return groups[0], "the first"


def differing(group: RunGroup, control: RunGroup) -> tuple[Difference, ...]:
    """Every key in which a group's configuration isn't the control's; its own seed and the data's folder aside.

    And every file of the user's own code that both ran, and that was another.
    """
    follow = {*followers(group.runs), *followers(control.runs)}
    found = differences(*(shown_alike(each.runs[0].config) for each in (group, control)))
    return (*(each for each in found if each.key not in follow), *_other_code(group, control))


def _other_code(group: RunGroup, control: RunGroup) -> Iterator[Difference]:
    mine, others = (next((run.code for run in each.runs if run.code), {}) for each in (group, control))
    for name in sorted(mine.keys() & others.keys()):
        if mine[name] != others[name]:
            yield Difference(f"code of {name}", others[name][:SHORT], mine[name][:SHORT], "confounded")


def _named(parts: Sequence[Sequence[FoundRun]]) -> list[RunGroup]:
    said = naming.settings(parts)
    names = naming.names(said) if len(parts) > 1 else [str(parts[0][0].config.get("name", "all"))]
    return [
        RunGroup(name, tuple(sorted(part, key=lambda run: run.seed)), each)
        for name, part, each in zip(names, parts, said, strict=True)
    ]


def _seeds_text(runs: Sequence[FoundRun]) -> str:
    """`seeds 1-5, 7`."""
    spans: list[list[int]] = []
    for seed in sorted({run.seed for run in runs}):
        if spans and seed == spans[-1][-1] + 1:
            spans[-1].append(seed)
        else:
            spans.append([seed])
    texts = [str(span[0]) if len(span) == 1 else f"{span[0]}-{span[-1]}" for span in spans]
    return f"{'seed' if len(runs) == 1 else 'seeds'} {', '.join(texts)}"
