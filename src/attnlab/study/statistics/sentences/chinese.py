"""A verdict in Chinese."""

from typing import Final

from attnlab.reporting.glossary import score_in_chinese, set_off
from attnlab.study.statistics.planning import Need
from attnlab.study.statistics.sentences import numbers
from attnlab.study.statistics.too_few import Lack
from attnlab.study.statistics.verdict import CLAIM, DEFAULT_RUNS, SMOKE_TEST, Finding, Mark, Verdict

LACKS: Final[dict[Lack, str]] = {
    "gold": "测试集中只有 {got:,} 个待找的目标，需要 {needed:,} 个",
    "examples": "测试集只有 {got:,} 个{examples}，需要 {needed:,} 个",
    "undefined": "有一次运行没有分数，或去掉某个样本后没有分数",
    "seeds": "有一组只完成了 {got:,} 次运行，需要 {needed:,} 次",
    "variation": "同一组的各次运行之间，或与另一组同一种子的运行之间，毫无差别",
    "images": "分数只来自 {got:,} 张图像，需要 {needed:,} 张",
    "features": "分数只来自 {got:,} 维特征，需要 {needed:,} 维",
}
HELD_BACK: Final[dict[Finding, str]] = {
    "better": "在完成的运行中 {arm} 优于 {control}，但它失败的运行更多",
    "worse": "在完成的运行中 {arm} 劣于 {control}，但后者失败的运行更多",
    "the same": "在完成的运行中两者相同，但两者失败的次数不同",
}
FINDINGS: Final[dict[Finding, str]] = {"better": "优于", "worse": "劣于"}
UNITS: Final = {
    "chapter": "章节",
    "document": "文档",
    "part": "部分",
    "file": "文件",
    "text": "文本",
    "work": "作品",
    "package": "软件包",
}
MARKS: Final[dict[Mark, str]] = {"unstable": "不稳定", "uneven": "波动不均"}


def chinese(verdict: Verdict) -> str:
    """What must be known first (failed runs, uneven seeds), then the finding, then what would decide an open one."""
    said = [*_failed(verdict), *_varied(verdict), _finding(verdict), *_after(verdict)]
    if "exploratory" in verdict.marks:
        said.append("探索性结果：并非某项研究事先计划要回答的问题")
    return _joined(verdict, said)


def chinese_in_brief(verdict: Verdict) -> str:
    """Failed runs and uneven seeds first, then the arm, by how much, and the verdict."""
    varied = _varied(verdict) if "uneven" in verdict.marks else []
    return _joined(verdict, [*_failed(verdict), *varied, _brief(verdict)])


def chinese_reasons(verdict: Verdict) -> list[str]:
    """What else the whole sentence says of the runs and of what would decide it."""
    varied = [] if "uneven" in verdict.marks else _varied(verdict)
    return [f"{each}。" for each in [*varied, *_after(verdict)]]


def _joined(verdict: Verdict, said: list[str]) -> str:
    first = [MARKS[each] for each in verdict.marks if each in MARKS]
    return ("、".join(first) + "：" if first else "") + "".join(f"{each}。" for each in said)


def _brief(verdict: Verdict) -> str:
    effect, comparison = verdict.measured.effect, verdict.comparison
    if effect is None:
        return _finding(verdict)
    arm, control = comparison.arm.name, comparison.control.name
    metric = set_off(score_in_chinese(comparison.metric))
    difference, low, high = numbers.difference(effect)
    lower = "" if comparison.higher_is_better else "；越小越好"
    shown = f"{difference}（95 % 区间 {low} 至 {high}{lower}）"
    if verdict.finding in FINDINGS:
        little = "，但差别小到无关紧要" if verdict.by_less_than_matters else ""
        return f"{arm} 在{metric}上{FINDINGS[verdict.finding]} {control}：{shown}{little}"
    if verdict.finding == "the same":
        within = numbers.three_digits(comparison.margin or 0)
        return f"{arm} 与 {control} 在{metric}上相同，相差不到 {within}：{shown}"
    found = "尚无定论" if verdict.finding == "undecided" else "不作结论"
    return f"{arm} 与 {control} 在{metric}上相差 {shown}，{found}"


def chinese_of_this_test_set(verdict: Verdict) -> str | None:
    """The second line: what holds for new seeds on this very test set; none where there aren't runs enough."""
    if (effect := verdict.measured.this_test_set) is None:
        return None
    difference, low, high = numbers.difference(effect)
    p = numbers.probability(effect.p)
    return f"仅就换种子、同一测试集而言：{difference}（95 % 区间 {low} 至 {high}，p {p}）。"


def chinese_of_examples(verdict: Verdict) -> str | None:
    """Where the interval is that of seeds alone."""
    if not verdict.measured.by_seeds_alone:
        return None
    return "测试集换成哪些样本，对区间没有可测的影响：区间的宽度只由种子决定。"


def chinese_of_components(verdict: Verdict) -> str | None:
    """What scores vary by, as standard deviations; none of scores that know no examples."""
    if (found := numbers.components(verdict)) is None:
        return None
    arm, control = verdict.comparison.arm.name, verdict.comparison.control.name
    return (
        f"分数的波动分解开来（各以标准差计）：单由种子引起的，{arm} 为 {found.seeds[0]}，{control} 为 "
        f"{found.seeds[1]}；由样本的选取引起的，在两组之差中为 {found.examples}；个别样本上的偶然，为 "
        f"{found.residuals[0]} 与 {found.residuals[1]}。“各次运行的标准差”含第一项和末项的一部分。"
    )


def chinese_of_power(verdict: Verdict) -> str | None:
    """What a study like this one could have told at all; none where it has no interval over seeds."""
    if verdict.smallest_difference is None:
        return None
    said = ""
    if verdict.finding != "undecided":  # which says so itself
        said = f"{_smallest(verdict.smallest_difference)}。"
    margin = numbers.smallest_margin(verdict)
    if margin is not None:
        unmet = "，而所定的界限更小" if margin.is_missed else ""
        said += f"波动如此的两组，最多只能判为相差不到 {margin.text}{unmet}。"
    return said or None


def _smallest(difference: float) -> str:
    return f"真实差别为 {numbers.two_digits(difference)} 时，这样的研究有 80 % 的机会发现它"


def chinese_of_runs(fewest: int) -> str:
    """What so many runs are good for, of the arm that has the fewest."""
    if fewest <= SMOKE_TEST:
        what = "只是冒烟测试，不作结论" if fewest == SMOKE_TEST else "太少，不作结论"
        return (
            f"每组至少有 {fewest} 次运行：{what}；{SMOKE_TEST + 1} 次起可作结论，通常 {DEFAULT_RUNS} 次，"
            f"发表前应有 {CLAIM} 次。"
        )
    if fewest < DEFAULT_RUNS:
        return f"每组至少有 {fewest} 次运行：可作结论，但少于通常的 {DEFAULT_RUNS} 次；发表前应有 {CLAIM} 次。"
    if fewest < CLAIM:
        return f"每组至少有 {fewest} 次运行：可作结论；发表前应有 {CLAIM} 次。"
    return f"每组至少有 {fewest} 次运行：足以发表。"


def _failed(verdict: Verdict) -> list[str]:
    comparison = verdict.comparison
    said = []
    for name, failures in zip((comparison.arm.name, comparison.control.name), verdict.measured.failures, strict=True):
        if failures.failed:
            low, high = (f"{100 * bound:.0f}" for bound in failures.interval)
            said.append(f"{name} 的 {failures.runs} 次运行中有 {failures.failed} 次失败（95 %：{low}-{high} %）")
    if (p := verdict.measured.p_failures) is not None and said:
        said[-1] += f"，两者失败率相同的 p {numbers.probability(p)}"
    return said


def _varied(verdict: Verdict) -> list[str]:
    if (varied := numbers.variation(verdict)) is None:
        return []
    times = f"是 {varied.less} 的 {varied.times} 倍" if varied.times else f"存在，而 {varied.less} 没有波动"
    ceiling = "" if varied.best is None else f"（{varied.less} 每次都达到最好的分数 {varied.best:g}）"
    return [f"{varied.more} 各次运行间的波动{times}{ceiling}"]


def _finding(verdict: Verdict) -> str:
    comparison, measured = verdict.comparison, verdict.measured
    arm, control = comparison.arm.name, comparison.control.name
    metric, tuned = set_off(score_in_chinese(comparison.metric)), _tuned(comparison.trials)
    if (score := verdict.score_of_all) is not None:
        return (
            f"{arm} 与 {control} 在{metric}上分不出高下{tuned}：各次运行毫无差别（均为 "
            f"{numbers.three_digits(score)}），再加种子也不会改变"
        )
    if verdict.none_differs:
        return f"{arm} 与 {control} 的{metric.rstrip()}{_difference(verdict)}无法判断{tuned}：{LACKS['variation']}"
    if verdict.finding == "too few to judge" and (lacking := measured.too_few) is not None:
        lack = LACKS[lacking.lack].format(got=lacking.got, needed=lacking.needed, examples=_examples(comparison.unit))
        return f"{arm} 与 {control} 的{metric}数据太少{tuned}，无法判断：{lack}"
    difference = _difference(verdict)
    if measured.over == "examples":
        return f"各只有一次运行，不作结论：{arm} 与 {control} 的这一对模型在{metric}上的差{tuned}{difference}"
    if verdict.finding == "no verdict":
        smoke = "（冒烟测试）" if comparison.fewest_runs == SMOKE_TEST else ""
        return (
            f"只有 {comparison.fewest_runs} 次运行{smoke}，不作结论："
            f"{arm} 与 {control} 在{metric}上的差{tuned}{difference}"
        )
    if verdict.finding == "undecided":
        return f"{arm} 与 {control} 在{metric}上孰优孰劣尚无定论{tuned}{difference}"
    if verdict.finding == "the same":
        within = numbers.three_digits(comparison.margin or 0)
        return f"{arm} 与 {control} 在{metric}上相同{tuned}，相差不到 {within}{difference}"
    little = "，但差别小到无关紧要" if verdict.by_less_than_matters else ""
    return f"{arm} 在{metric}上{FINDINGS[verdict.finding]} {control}{tuned}{little}{difference}"


def _tuned(trials: int | None) -> str:
    """Of what values a verdict is; nothing where nobody knows."""
    if trials is None:
        return ""
    return f"（各调参 {trials:,} 次）" if trials else "（均未调参）"


def _difference(verdict: Verdict) -> str:
    effect = verdict.measured.effect
    if effect is None:
        scores = (verdict.measured.scores.arm, verdict.measured.scores.control)
        known = [numbers.three_digits(each) for each in scores if each is not None]
        return f"（{' 对 '.join(known)}）" if len(known) == len(scores) else ""
    difference, low, high = numbers.difference(effect)
    lower = "" if verdict.comparison.higher_is_better else "；越小越好"
    plain = "，未校正" if verdict.family > 1 else ""  # Holm has no intervals
    return f"：{difference}（95 % 区间 {low} 至 {high}{plain}{_tested(verdict)}{lower}）"


def _tested(verdict: Verdict) -> str:
    """The p value that the finding rests on, and of what it is."""
    p, supposed = verdict.p_holm, "毫无差别"
    if verdict.finding == "the same":
        p, supposed = verdict.p_same_holm, f"相差 {numbers.three_digits(verdict.comparison.margin or 0)}"
    corrected = "Holm 校正的 p" if verdict.family > 1 else "p"
    return "" if p is None else f"；假设{supposed}，{corrected} {numbers.probability(p)}"


def _after(verdict: Verdict) -> list[str]:
    comparison = verdict.comparison
    said = []
    if verdict.held_back is not None:
        held = HELD_BACK[verdict.held_back]
        said.append(held.format(arm=comparison.arm.name, control=comparison.control.name))
    elif verdict.finding == "undecided":
        said += _needed(verdict)
    if verdict.measured.over == "seeds":
        said.append("此结论只针对这一参考集")
    if comparison.paired and not verdict.measured.paired and verdict.measured.effect is not None:
        said.append("各种子视为独立：配对需要 8 个以上种子且没有缺失的运行")
    return said


def _needed(verdict: Verdict) -> list[str]:
    said = []
    if verdict.smallest_difference is not None:
        said.append(_smallest(verdict.smallest_difference))
    different, same = verdict.needed_for_a_difference, verdict.needed_for_the_same
    margin = numbers.three_digits(verdict.comparison.margin or 0)
    if different is not None:
        said.append(_need(different, f"要发现 {margin} 的差别", unit=verdict.comparison.unit))
    if same is not None and (different is None or different.examples is None):
        said.append(_need(same, f"要确认差别小于 {margin}", unit=verdict.comparison.unit))
    return said


def _need(need: Need, purpose: str, *, unit: str | None) -> str:
    if need.examples is not None:
        return f"{purpose}，多少种子都不够：大约需要 {need.examples:,} 个{_examples(unit)}"
    seeds = numbers.seeds(need)
    return f"{purpose}，新的研究每组需要" + ("的种子要多得多" if seeds is None else f" {seeds} 个种子")


def _examples(unit: str | None) -> str:
    """Those that count: of a unit all that stand in one are one."""
    return "样本" if unit is None else UNITS.get(unit, f" {unit}")
