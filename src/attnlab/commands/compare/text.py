"""What finished runs say about each other, as a person reads it."""

from collections.abc import Iterator, Sequence
from statistics import mean, stdev

from attnlab.language import either
from attnlab.reporting.glossary import score_in_chinese, score_in_english, set_off
from attnlab.reporting.terminal.text import score_text, shorten
from attnlab.study import verdict_table
from attnlab.study.arms import Difference
from attnlab.study.comparing.caveats import caveats_of
from attnlab.study.comparing.comparison import Compared
from attnlab.study.wording.spoken import spoken

SHOWN = 8  # differences of a group, and runs that are left out
WIDEST = 60  # columns of a value
PLANNED = {"control": "对照组", "metric": "指标", "margin": "界限"}


def compared_lines(compared: Compared) -> Iterator[str]:
    """The whole of it."""
    if len(compared.groups) == 1:
        yield from _alone(compared)
    else:
        yield from _head(compared)
        yield ""
        yield from verdict_table.lines(compared.judgement, spoken())
        yield from (f"  {line}" for line in caveats_of(compared, spoken()))
        yield from _differences(compared)
    yield from _left_out(compared)


def _alone(compared: Compared) -> Iterator[str]:
    """The mean over runs, and how they vary."""
    [group] = compared.groups
    metric, runs = compared.asked.metric, compared.judgement.groups[group.name].runs
    scores, num, lost = [run.reported[metric] for run in runs], len(group.runs), group.num_failed
    failed = either(f", {lost} failed", f"（失败 {lost} 次）") if lost else ""
    if num == 1:
        yield either(
            f"only 1 run{failed}: nothing to compare it with (give a second one, or the folder of several)",
            f"只有 1 次运行{failed}，没有可比的（再给一次运行，或给出放有多次运行的目录）",
        )
    else:
        yield either(
            f"{num} runs{failed}, all of one configuration, which --against divides into groups to compare",
            f"{num} 次运行{failed}都是同一配置，可用 --against 分成几组来比较",
        )
    spread = ""
    if len(scores) > 1:
        deviation = score_text(stdev(scores))
        spread = either(f", sd {deviation} over seeds", f"，各种子间标准差 {deviation}")
    reached = f"{score_text(mean(scores))}{spread}"
    yield either(
        f"  {group.name}: test {score_in_english(metric)} {reached}",
        f"  {group.name}：测试集上的{set_off(score_in_chinese(metric))}为 {reached}",
    )


def _runs(num: int) -> str:
    return "1 run" if num == 1 else f"{num} runs"


def _head(compared: Compared) -> Iterator[str]:
    runs, groups = sum(len(group.runs) for group in compared.groups), len(compared.groups)
    metric, control, because = compared.asked.metric, compared.control.name, compared.because
    better = either("greater", "越大越好") if compared.asked.better == "max" else either("smaller", "越小越好")
    yield either(
        f"{_runs(runs)} in {groups} groups, by test {score_in_english(metric)}: {better} is better",
        f"{groups} 组共 {runs} 次运行，按测试集上的{set_off(score_in_chinese(metric))}比较：{better}",
    )
    yield either(
        f"  control: {control} ({because}; --control NAME takes another)",
        f"  对照组：{control}（{spoken().reason(because)}；用 --control 组名 换一个）",
    )
    if compared.as_planned:
        planned = [either(each, PLANNED[each]) for each in compared.as_planned]
        yield either(
            f"  as study {compared.study} has it: {', '.join(planned)}",
            f"  依照研究 {compared.study}：{'、'.join(planned)}",
        )
    yield from (f"  {line}" for line in (*_how(compared), *_lengths(compared)))


def _how(compared: Compared) -> Iterator[str]:
    """What such verdicts are worth."""
    num = len(compared.judgement.verdicts)
    holm = either("one comparison is shown", "只有一个比较")
    if num > 1:
        holm = either(f"p values are Holm's over the {num} comparisons shown", f"p 值按所示 {num} 个比较作 Holm 校正")
    yield either(
        f"exploratory: not what a study was planned to tell; {holm}",
        f"探索性：并非某项研究事先计划要回答的问题；{holm}",
    )
    if all(len(group.runs) == 1 for group in compared.groups):
        yield either(
            "with 1 run of a group this pair of models is compared, not their mechanisms",
            "每组只有 1 次运行：比较的是这一对模型，不是它们的机制",
        )


def _lengths(compared: Compared) -> Iterator[str]:
    """Groups whose runs didn't go from their first update to their last in one."""
    reason = spoken().reason
    for group in compared.groups:
        if (begun := group.longer_from) is not None:
            yield either(
                f"{group.name}: a group of its own, made longer by resume= at {begun}; as many updates in one go may "
                "come out otherwise",
                f"{group.name}：自成一组，由 resume= 在{reason(begun)}处延长；一次做完同样多的更新，结果可能不同",
            )
        if (ended := group.stopped_early) is not None:
            yield either(
                f"{group.name}: ended early, after {ended}, as its configuration allows",
                f"{group.name}：提前结束，只做了 {reason(ended)}，这是它的配置允许的",
            )


def _differences(compared: Compared) -> Iterator[str]:
    control, words = compared.control.name, spoken()
    yield from ("", either(f"differences from {control}", words.differences_from(control)))
    for name, found in compared.differences.items():
        yield f"  {name}{'' if found else either(': none, but for the seed', '：除种子外没有差别')}"
        yield from (f"  {line}" for line in verdict_table.columns([_row(each) for each in found[:SHOWN]]))
        if len(found) > SHOWN:
            yield f"    {_more(len(found) - SHOWN)}"
        if any(each.kind == "confounded" for each in found):
            yield either(
                "    CONFOUNDED: it may score otherwise for what isn't attention",
                "    混杂：分数不同可能另有原因，不在注意力",
            )


def _row(difference: Difference) -> Sequence[str]:
    words = spoken()
    theirs, own = (shorten(each, WIDEST) for each in words.values(difference))
    kind = words.kind(difference.kind)
    return (
        difference.key,
        either(f"{own} for {theirs}", f"{own}，对照组为 {theirs}"),
        either(f"({kind})", f"（{kind}）"),
    )


def _left_out(compared: Compared) -> Iterator[str]:
    left_out = list(compared.left_out.items())
    if left_out:
        yield from ("", either("left out", "略去的运行"))
        for folder, why in left_out[:SHOWN]:
            yield either(f"  {folder}: {why}", f"  {folder}：{spoken().reason(why)}")
        if len(left_out) > SHOWN:
            yield f"  {_more(len(left_out) - SHOWN)}"


def _more(num: int) -> str:
    return either(f"and {num} more (--json has them all)", f"另有 {num} 个（--json 列出全部）")
