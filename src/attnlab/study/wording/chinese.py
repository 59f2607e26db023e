"""A study's pages in Chinese."""

from collections.abc import Sequence
from typing import Any, Final

from attnlab.language import Words
from attnlab.reporting.glossary import score_in_chinese, set_off
from attnlab.reporting.reasons import example_in_chinese, in_chinese
from attnlab.study.arms import MISSING, Difference, Kind, value_text
from attnlab.study.matching import Matched
from attnlab.study.statistics import (
    chinese,
    chinese_in_brief,
    chinese_of_components,
    chinese_of_examples,
    chinese_of_power,
    chinese_of_runs,
    chinese_of_this_test_set,
    chinese_reasons,
)
from attnlab.study.statistics.sentences import numbers
from attnlab.study.statistics.verdict import Finding, Mark, Verdict
from attnlab.study.wording import judging_chinese
from attnlab.study.wording.contract import Heads, Question, Row, Titles

TITLES: Final = Titles(
    verdicts="结论",
    known="须知",
    pairs="各组之间",
    costs="各组的代价",
    tuning="调参",
    ablations="消融（注意力改为均匀）",
    others="其他分数",
    receipts="复现依据",
)
HEADS: Final = Heads(
    against="相比于",
    costs=(
        "组", "参数量", "可训练", "注意力中", "前向 FLOPs", "训练 FLOPs",
        "逐元素运算", "状态的字节数", "每写一词元的字节数", "每读一词元的字节数", "槽位",
    ),
    tuning=("组", "试验", "失败", "最佳试验", "其分数", "其取值", "总更新次数", "总秒数"),
    differences=("组", "配置项", "对照组的值", "本组的值", "类别"),
    ablations=("组", "消融后", "差", "标准差", "运行数", "未测试"),
    others="分数",
    receipts=("组", "种子", "配置"),
)  # fmt: skip
CONTROL: Final = "对照组"
NOT_RECORDED: Final = "未记录"
MARKS: Final[dict[Mark, str]] = {"unstable": "不稳定", "uneven": "波动不均", "exploratory": "探索性"}
FINDINGS: Final[dict[Finding, str]] = {
    "better": "优于",
    "worse": "劣于",
    "the same": "相同",
    "undecided": "尚无定论",
    "too few to judge": "数据太少",
    "no verdict": "不作结论",
}
KINDS: Final[dict[Kind, str]] = {"mechanism": "机制", "matched": "匹配", "tuned": "调参", "confounded": "混杂"}
STATUSES: Final = {"failed": "失败", "diverged": "发散", "died": "中途被终止"}
RECEIPTS: Final = {
    "results": "结果版本（运行的计算有变时加一）",
    "commit": "提交",
    "lock": "锁文件校验值",
    "data": "数据",
    "cpu": "处理器",
    "cores": "核数",
    "device": "设备",
    "hardware": "硬件",
    "precision": "精度",
    "devices": "设备",
    "versions": "版本",
}

verdict = chinese
in_brief = chinese_in_brief
reasons = chinese_reasons
score = score_in_chinese
of_this_test_set = chinese_of_this_test_set
of_examples = chinese_of_examples
of_power = chinese_of_power
of_runs = chinese_of_runs
of_components = chinese_of_components

correlation = judging_chinese.correlation
judged = judging_chinese.judged
tuned = judging_chinese.tuned
still_improving = judging_chinese.still_improving
warned = judging_chinese.warned
sizes = judging_chinese.sizes
reference = judging_chinese.reference
one_example = judging_chinese.one_example
at_best = judging_chinese.at_best
clusters = judging_chinese.clusters
earlier = judging_chinese.earlier
without_bias = judging_chinese.without_bias


def said(words: Words) -> str:
    return words.zh


def heads(metric: str, *, margin: float | None) -> Row:
    apart = "" if margin is None else f"p（若相差 {numbers.three_digits(margin)}）"
    return Row(
        "组",
        "结论",
        "差",
        "95 % 区间",
        "p（若毫无差别）",
        apart,
        score_in_chinese(metric),
        "各次运行的标准差",
        "运行数",
    )


def num_runs(finished: int, failed: int) -> str:
    return f"{finished + failed}，失败 {failed}" if failed else str(finished)


def interval(low: str, high: str) -> str:
    return f"{low} 至 {high}"


def cell(verdict: Verdict) -> str:
    found = "运行毫无差别" if verdict.none_differs else FINDINGS[verdict.finding]
    return "、".join([*(MARKS[mark] for mark in verdict.marks), found])


def told(name: str, said: Words, *, control: bool = False) -> str:
    known = score_in_chinese(name)
    named = name if known == name else f"{known}（{name}）"
    return f"{named}{'（对照组）' if control else ''}：{said.zh.rstrip('。')}。"


def pairs(control: str, *, num: int, best: int | None, folder: str | None) -> str:
    which = "对照组以外的每两组" if best is None else f"对照组以外均值最佳的 {best} 组中的每两组"
    how = "" if folder is None else f"用 `attnlab compare {folder} --control ARM` 可与其中任一组相比，ARM 换成组名。"
    holm = f"p 值按这 {num} 对作 Holm 校正。" if num > 1 else ""
    return f"{which}。探索性：要回答的问题是各组与 {control} 的差别。{holm}{how}"


def confounded(arm: str, *, control: str, keys: Sequence[str], more: int) -> str:
    shown = "、".join(keys) + (f" 等 {len(keys) + more} 处" if more else "")
    return f"{arm} 有混杂：它与 {control} 的差别不止于注意力（{shown}）。"


def matched(arm: str, found: Matched, *, flops: bool) -> str:
    far = "，超过 2 %" if found.far else ""
    what = "FLOPs" if flops else "个参数"
    return (
        f"{arm} 有 {found.cost:,} {what}，目标为 {found.target:,}，相差 {found.gap:+.2%}{far}"
        f"（{found.key}={found.value}）。"
    )


def unmatched(arm: str, why: str) -> str:
    return f"{arm} 没有匹配：{reason(why)}。"


def failed(arm: str, *, seed: int, status: str, error: str | None) -> str:
    how = STATUSES.get(status, f" {status}")
    return f"{arm} 种子 {seed} 的运行{how}" + ("。" if error is None else f"：{reason(error)}。")


def tried_again(arm: str, *, seed: int, before: str) -> str:
    return f"{arm} 种子 {seed} 的运行曾经失败（{before}），由 --retry 重新运行。"


def looks(planned: Sequence[tuple[int, float]], *, last: int) -> str:
    said = "、".join(f"{seeds} 个（alpha {alpha:g}）" for seeds, alpha in planned)
    return f"原计划在种子数达到 {said}时查看；最后一次查看是在 {last} 个种子时。"


def earlier_look(arm: str, *, seeds: int, finding: Finding) -> str:
    return f"在 {seeds} 个种子时，{arm} 的结论是：{FINDINGS[finding]}。"


def seeds_added(looked_at: int) -> str:
    return f"在 {looked_at} 个种子时已判定过一次，之后又加了种子，事先没有计划：结果是探索性的。"


def asked_otherwise(key: str, before: Any) -> str:
    return f"这些运行曾以 {key} {value_text(before)} 判定过，之后才改用别的值：结果是探索性的。"


def ledger(costs: Sequence[tuple[str, int, int | None]]) -> str:
    said = "，".join(
        f"{name} {parameters:,}" + ("" if flops is None else f" 与 {flops:,}") for name, parameters, flops in costs
    )
    return f"参数量与一次前向计算的 FLOPs：{said}。"


def tuning_cost(runs: int, updates: int, seconds: float) -> str:
    return f"另有调参：{runs:,} 次运行、{updates:,} 次更新、{seconds:,.0f} 秒。"


def asked(arms: int, question: Question, *, control: str, seeds: Sequence[int]) -> str:
    metric = set_off(score_in_chinese(question.metric)).rstrip()
    better = "越大越好" if question.higher_is_better else "越小越好"
    margin = "" if question.margin is None else f"；小于 {numbers.three_digits(question.margin)} 的差别无关紧要"
    return (
        f"共 {arms} 组（在所研究之处不同的模型），以测试集上的{metric}（{better}）与对照组 {control} 相比{margin}；"
        f"种子 {'、'.join(map(str, seeds))}。"
    )


def other_language() -> str:
    return "[English](report.md)"


def differences_from(control: str) -> str:
    return f"与 {control} 不同的设置"


def kind(kind: Kind) -> str:
    return KINDS[kind]


def values(difference: Difference) -> Sequence[str]:
    return ["无" if each == MISSING else value_text(each) for each in (difference.control, difference.arm)]


def forest() -> str:
    return "与对照组的差，附 95 % 区间（未按比较的数目校正）"


def reason(why: str) -> str:
    return in_chinese(why)


def status(status: str) -> str:
    return STATUSES.get(status, status)


def counted_on(example: str) -> str:
    return f"针对评估时的{example_in_chinese(example)}；训练中反向计算按前向的两倍计。"


def left_out(arm: str, why: str) -> str:
    return f"略去对照组 {arm}：{reason(why)}。"


def arm_name(name: str, *, confounded: bool, added: bool) -> str:
    return name + ("（混杂）" if confounded else "") + ("（自动加入）" if added else "")


def tuning(trials: int, *, monitor: str, higher_is_better: bool, seed: int) -> str:
    better = "越大越好" if higher_is_better else "越小越好"
    return (
        f"各组用同样的 {trials:,} 次采样，每次是一个种子为 {seed}、从不测试的运行；"
        f"之后采用{set_off(score_in_chinese(monitor))}最佳（{better}）的那一次的取值。失败的试验也算一次。"
    )


def lacking(arm: str, keys: Sequence[str]) -> str:
    return f"{arm} 没有可调的 {'、'.join(keys)}。"


def expected_best() -> str:
    return "验证集上的期望最佳分数与所用试验数"


def ablated(*, seeds: Sequence[int], single: bool, learning_nothing: Sequence[str]) -> str:
    of = f"种子 {'、'.join(map(str, seeds))} 的" if seeds else ""
    said = f"{of}各次运行把注意力学到的全部权重改为均匀之后重新测试：各次的平均值，差附标准差。"
    if single:
        said = f"每组只取{of}一次运行，把注意力学到的全部权重改为均匀之后重新测试：不是平均值。"
    if not learning_nothing:
        return said
    return f"{said}略去 {'、'.join(learning_nothing)}：其注意力什么也没有学，无从消融。"


def each_ablation() -> str:
    return "每次运行：[ablations.csv](ablations.csv)。"


def exploratory() -> str:
    return "探索性：研究并未就它们提出问题。平均值，括号内为运行数。"


def receipt(what: str) -> str:
    return RECEIPTS.get(what, what)


def verify(study: str) -> str:
    return f"用 `attnlab study {study} --verify 组/种子` 可重做任一行最初的若干次更新。"


def files() -> str:
    return (
        "全部分数：[results.csv](results.csv)。时间：[costs.csv](costs.csv)。"
        "消融：[ablations.csv](ablations.csv)。更多：[receipts.json](receipts.json)。"
    )
