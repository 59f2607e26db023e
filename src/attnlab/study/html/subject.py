"""What a page is of: arms with their runs, judged, whether a study planned them or they were found."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

from attnlab.reporting.pages.report.contents import Text, pairs
from attnlab.study.arm_words import what_they_are
from attnlab.study.arms import Difference
from attnlab.study.done import done
from attnlab.study.judging import Judgement
from attnlab.study.ledger import Costs
from attnlab.study.wording import chinese, english
from attnlab.study.wording.contract import Wording
from attnlab.tasks.task import Better


class Run(NamedTuple):
    """A finished run and its `metrics.json`."""

    seed: int
    folder: Path
    record: Mapping[str, Any]

    @property
    def scores(self) -> Mapping[str, float]:
        """Of the test, as reported."""
        scores: Mapping[str, float] = self.record["test"]
        return scores


class Failure(NamedTuple):
    """A run that failed."""

    seed: int
    how: str


@dataclass(frozen=True, kw_only=True)
class SubjectArm:
    """One arm, or group of runs.

    Attributes:
        runs: by their seeds.
        costs: as counted before it ran; None of runs that were found.
        command: by which one of its runs is done, with SEED for the seed.
        config: of one of its runs.
    """

    name: str
    added: bool
    runs: Sequence[Run]
    failures: Sequence[Failure]
    differences: Sequence[Difference]
    costs: Costs | None
    command: str | None
    config: Mapping[str, Any]

    @property
    def confounded(self) -> bool:
        """Whether it may score otherwise for what isn't attention."""
        return any(each.kind == "confounded" for each in self.differences)


@dataclass(frozen=True, kw_only=True)
class Subject:
    """All that the parts of a page are made of.

    Attributes:
        command: by which the whole of a study is done.
        folder: the study's own, which can be compared again; None of runs that were found.
        trusted: whether arms' configurations are the user's own, and not of folders that anyone may have written.
    """

    trusted: bool
    title: Text
    about: Sequence[Text]
    folder: str | None
    command: str | None
    judgement: Judgement
    better: Better
    arms: Sequence[SubjectArm]
    notes: Sequence[Text]

    @cached_property
    def of(self) -> dict[str, SubjectArm]:
        """Arms by their names."""
        return {each.name: each for each in self.arms}

    @property
    def metric(self) -> str:
        """By which they are compared."""
        return self.judgement.metric


def did(subject: Subject) -> list[Text]:
    """What the runs have in common, in a line, or none."""
    records = [run.record for arm in subject.arms for run in arm.runs]
    said = done([arm.config for arm in subject.arms], records)
    return [] if said is None else [Text(said.en, said.zh)]


def told(subject: Subject) -> list[Text]:
    """What the score is, and each arm."""
    configs = {each.name: each.config for each in subject.arms}
    control = subject.judgement.control if len(subject.arms) > 1 else ""
    return pairs(
        *(what_they_are(configs, words, metric=subject.metric, control=control) for words in (english, chinese))
    )


def shown_by(runs: Mapping[str, Run]) -> Text:
    """Which run of each arm is shown where not all can be: by seed, and by the name of its folder."""
    seeds = {run.seed for run in runs.values()}
    if len(seeds) == 1:
        named = [f"{name} {run.folder.name}" for name, run in runs.items()]
        [seed] = seeds
        return Text(
            f"Each arm is shown by its run of seed {seed} alone (folders: {', '.join(named)}).",
            f"每组只取其种子 {seed} 的运行（目录：{'、'.join(named)}）。",
        )
    named = [f"{name} {run.folder.name}" for name, run in runs.items()]
    english = ", ".join(f"{each} with seed {run.seed}" for each, run in zip(named, runs.values(), strict=True))
    chinese = "、".join(f"{each} 种子 {run.seed}" for each, run in zip(named, runs.values(), strict=True))
    return Text(
        f"Each arm is shown by one of its runs (folders: {english}).", f"每组只取其一次运行（目录：{chinese}）。"
    )


def in_both(say: Callable[[Wording], str]) -> Text:
    """What both languages say."""
    return Text(say(english), say(chinese))
