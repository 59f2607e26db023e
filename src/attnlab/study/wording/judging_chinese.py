"""How a study's arms were judged, in Chinese."""

from collections.abc import Sequence
from typing import Final

from attnlab.reporting.glossary import score_in_chinese, set_off
from attnlab.reporting.numbers import column
from attnlab.reporting.reasons import warning_in_chinese
from attnlab.reporting.terminal.text import score_text
from attnlab.study.ceiling import AtBest
from attnlab.study.one_example import OneExample
from attnlab.study.run_warnings import MOST_MESSAGES, Message, Warned
from attnlab.study.sizes import Apart
from attnlab.study.statistics.sentences import numbers
from attnlab.study.statistics.sentences.chinese import UNITS
from attnlab.study.still_improving import StillImproving

REFERENCES: Final = {
    "lead": "LEAD（照抄每篇文档的开头）",
    "commonest_label": "不用模型、只给每个词它在训练中最常见的标签，",
}


def correlation(value: float, *, paired: bool) -> str:
    how = "种子按配对处理" if paired else "种子仍视为独立"
    return f"在两组共有的种子上，分数的相关系数为 {value:+.2f}；{how}。"


def judged(alpha: float, *, control: str, margin: float | None, family: int) -> str:
    same = "相同：不会判为相同，因为没有给出界限。"
    if margin is not None:
        same = f"相同：p（若相差 {numbers.three_digits(margin)}）小于 alpha；更小的差别无关紧要。"
    corrected = f"p 值按 {family} 个比较作 Holm 校正，区间未校正。" if family > 1 else ""
    return (
        f"与 {control} 相比。p 表示：若假设成立，得到与之偏离同样大或更大的结果的概率；"
        f"小于 alpha（{alpha:g}）就认为假设不成立。"
        f"优于或劣于：p（若毫无差别）小于 alpha。{same}"
        f"p 不是假设成立的可能性：接近 1 只说明这些运行并不否定它。{corrected}"
        "各次运行的标准差：同一组的分数在各次运行之间相差多少。"
    )


def tuned(trials: int) -> str:
    if not trials:
        return "各组均未调参，取各自文件中的值，这些值可能更适合其中某些组。"
    return f"每一组（包括对照组）都只凭验证集调参 {trials:,} 次。"


def still_improving(found: StillImproving) -> str:
    halfway, end = column([found.most.halfway, found.most.end])
    first, last = found.most.steps
    return (
        f"训练结束时验证分数仍在改善（{found.monitor}，{found.improving}/{found.arms} 组）：如"
        f" {found.most.arm} 从 {halfway}（第 {first:,} 次更新）变为 {end}（第 {last:,} 次）。"
        f"这些分数出自尚未训练充分的模型，训练更久，分数和各组的名次都可能改变{_but(found)}。"
    )


def _but(found: StillImproving) -> str:
    """Scores that can't get better won't."""
    return f"（{'、'.join(found.at_best)} 除外：其分数已到极限）" if found.at_best else ""


def at_best(found: AtBest) -> str:
    many, bound = len(found.arms) > 1, "最大值" if found.is_maximum else "最小值"
    told = "无法给它们排出名次" if many else "不可能有别的组比它更好"
    metric = set_off(score_in_chinese(found.metric))
    return (
        f"{'、'.join(found.arms)} 的每次运行都达到{metric}的{bound} {found.best:g}：这一测试太容易，看不出"
        f"{'它们' if many else '它'}究竟有多好，{told}；换成更难的测试，与{'它们' if many else '它'}的差可能更大。"
    )


def warned(found: Warned) -> str:
    texts = [warning_in_chinese(found.kind, each.said) for each in found.messages]
    said = texts[0]
    if len(set(texts)) > 1:
        shown = list(zip(texts, found.messages, strict=True))[:MOST_MESSAGES]
        said = "；".join(f"{text}（{_whose(each)}）" for text, each in shown)
        if (more := len(texts) - MOST_MESSAGES) > 0:
            said += f"；另有 {more} 种同类警告"
    if found.runs == found.of:
        return f"{found.of} 次运行都带有警告：{said}。"
    return f"{found.of} 次运行中有 {found.runs} 次（{'、'.join(found.arms)}）带有警告：{said}。"


def _whose(message: Message) -> str:
    return f"{'、'.join(message.arms)}{f'，{message.runs} 次运行' if message.runs > 1 else ''}"


def sizes(found: Sequence[Apart], *, control: str) -> str:
    shown = "；".join(f"{each.arm} {'、'.join(_gaps(each))}" for each in found)
    return f"规模与 {control} 相差超过 2 %：{shown}。机制本身带来的参数和计算是该组固有的，不算混杂。"


def _gaps(apart: Apart) -> list[str]:
    gaps = (("参数量", apart.parameters), ("FLOPs", apart.flops))
    return [f"{name} {gap:+.1%}".replace("%", " %") for name, gap in gaps if gap is not None]


def reference(kind: str, metric: str, score: float) -> str:
    return f"{REFERENCES[kind]}在同一测试集上的{set_off(score_in_chinese(metric))}为 {score_text(score)}。"


def one_example(found: OneExample) -> str:
    arms = [(each.arm, *column([each.without, each.difference])) for each in found.arms]
    without = "，".join(f"{name} 的差值为 {alone} 而不是 {whole}" for name, alone, whole in arms)
    unit = "样本" if found.unit is None else UNITS.get(found.unit, f" {found.unit} ")
    return f"测试集的 {found.of} 个{unit}中，{found.name} 一个就占了与对照组之差的大部分变动：去掉它，{without}。"


def clusters(unit: str) -> str:
    return f"同一{UNITS.get(unit, f' {unit} ')}的样本彼此相关：计算区间和 p 值时合为一个。"


def earlier(num: int) -> str:
    return f"有 {num} 次运行早于逐样本记录，根据其预测来判断。"


def without_bias(metric: str, reported: Sequence[tuple[str, str]]) -> str:
    shown = "、".join(f"{arm} {mean}" for arm, mean in reported)
    return (
        f"{score_in_chinese(metric)}（{metric}）比较时去掉了样本数带来的偏差（把样本分成 10 块作刀切法）。"
        f"各次运行报告的值含有该偏差，其均值为：{shown}。"
    )
