"""The page of finished runs that were compared without a study."""

from collections.abc import Sequence
from functools import partial

from attnlab.errors import UserError
from attnlab.reporting.glossary import score_in_chinese, score_in_english, set_off
from attnlab.reporting.pages.linked_maps import RunMaps, linked
from attnlab.reporting.pages.report.contents import Text, pairs
from attnlab.runs import kept_maps
from attnlab.study.comparing.caveats import caveats_of
from attnlab.study.comparing.comparison import Compared
from attnlab.study.comparing.groups import RunGroup
from attnlab.study.html.page import maps_of, page_of
from attnlab.study.html.subject import Failure, Run, Subject, SubjectArm, in_both
from attnlab.study.wording import chinese, english
from attnlab.study.wording.contract import Wording

MOST_NAMED = 5  # groups in the title
MOST_MAPPED = 8  # groups side by side


def comparison_page(compared: Compared, *, trust: tuple[str, ...] = ()) -> str:
    """Its HTML, with what a run of each of the first groups attends to, by its checkpoint.

    `trust`: packages of the user's own that a checkpoint's model may be made of.
    """
    mapped, subject = compared.groups[:MOST_MAPPED], subject_of(compared)
    runs = {each.name: runs[0] for each in mapped if (runs := subject.of[each.name].runs)}
    maps = linked({each.name: _maps(runs.get(each.name), trust=trust) for each in mapped})
    return page_of(subject, maps=maps_of(maps, runs))


def _maps(run: Run | None, *, trust: tuple[str, ...]) -> RunMaps:
    if run is None:
        return {"examples": [], "why": "no run of it finished"}
    try:
        return kept_maps.maps_of(run.folder, trust=trust)
    except UserError as error:
        return {"examples": [], "why": str(error)}


def subject_of(compared: Compared) -> Subject:
    """Groups of runs as arms."""
    metric, control = compared.asked.metric, compared.control.name
    runs, groups = sum(len(group.runs) for group in compared.groups), len(compared.groups)
    greater, names = compared.asked.better == "max", [group.name for group in compared.groups]
    shown = f"{', '.join(names[:MOST_NAMED])}{' …' if len(names) > MOST_NAMED else ''}"
    margin = Text("", "")
    if (matters := compared.asked.margin) is not None:
        margin = Text(f"; a difference below {matters:g} is too small to matter", f"；小于 {matters:g} 的差别无关紧要")
    about = [
        Text(
            f"{runs} runs in {groups} groups, by test {score_in_english(metric)}: "
            f"{'greater' if greater else 'smaller'} is better{margin[0]}.",
            f"{groups} 组共 {runs} 次运行，按测试集上的{set_off(score_in_chinese(metric))}比较"
            f"（越{'大' if greater else '小'}越好）"
            f"{margin[1]}。",
        )
    ]
    if groups > 1:
        because = compared.because
        about.append(Text(f"Control: {control} ({because}).", f"对照组：{control}（{chinese.reason(because)}）。"))
    return Subject(
        trusted=False,
        title=Text(f"{score_in_english(metric)}: {shown}", f"{score_in_chinese(metric)}：{shown}"),
        about=about,
        folder=None,
        command=None,
        judgement=compared.judgement,
        better=compared.asked.better,
        arms=[_arm(compared, each) for each in compared.groups],
        notes=_notes(compared),
    )


def _arm(compared: Compared, group: RunGroup) -> SubjectArm:
    return SubjectArm(
        name=group.name,
        added=False,
        runs=[Run(run.seed, run.folder, run.metrics) for run in group.runs if run.metrics is not None],
        failures=[Failure(run.seed, "failed") for run in group.runs if run.failed],
        differences=compared.differences.get(group.name, ()),
        costs=None,
        command=None,
        config=group.runs[0].config,
    )


def _notes(compared: Compared) -> list[Text]:
    """That nobody planned it, which groups are confounded, and the runs that are left out."""
    control = compared.control.name
    notes = []
    if len(compared.groups) > 1:
        notes.append(
            Text(
                "Exploratory: nobody planned before these runs how many there would be and what would be compared.",
                "探索性：运行之前没有计划做多少次、比较什么。",
            )
        )
    for name, differing in compared.differences.items():
        if keys := [each.key for each in differing if each.kind == "confounded"]:
            notes.append(in_both(partial(_confounded, name, control=control, keys=keys)))
    notes += pairs(*(caveats_of(compared, words) for words in (english, chinese)))
    notes += [
        Text(f"{folder} is left out: {why}.", f"略去 {folder}：{chinese.reason(why)}。")
        for folder, why in compared.left_out.items()
    ]
    return notes


def _confounded(name: str, words: Wording, *, control: str, keys: Sequence[str]) -> str:
    return words.confounded(name, control=control, keys=keys[:3], more=len(keys[3:]))
