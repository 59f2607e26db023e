"""Mechanisms that divide or mix heads."""

from collections.abc import Callable, Iterator
from typing import Any, cast

from torch import Tensor, nn

from attnlab.attention import (
    DifferentialAttention,
    GatedElementwiseAttention,
    GatedHeadwiseAttention,
    TalkingHeadsAttention,
)
from attnlab.commands.explain.columns import as_number
from attnlab.commands.explain.steps.arithmetic import output, scaled_scores, softmax, weighted_sum
from attnlab.commands.explain.steps.step import Asked, Step, each_key, matrix_of, number, numbered, vector
from attnlab.language import Words


def _differential(asked: Asked) -> Iterator[Step]:
    core = cast(Any, asked.core)
    half = len(asked.vector) // 2
    first, second = (asked.pairs(asked.notes.first("weights", name)) for name in ("first", "second"))
    title = Words(
        f"Scaled dot-product attention by the first half of query and keys, {half} wide: its weights",
        f"用查询和键的前一半（宽度 {half}）做缩放点积注意力，它的权重",
    )
    yield each_key(title, asked.labels, first, bars=True)
    yield each_key(Words("By the second half likewise", "用后一半也一样"), asked.labels, second, bars=True)
    share = float(asked.notes.first("_lambda"))
    yield number(Words("The learned share λ of the second", "第二份所占的比例 λ，由学习得到"), "λ", share)
    rows = [
        (label, f"{as_number(a)} - {as_number(share)} × {as_number(b)}", "=", as_number(w))
        for label, a, b, w in zip(asked.labels, first, second, asked.weights, strict=True)
    ]
    title = Words("The first less λ times the second: the weights", "第一份减去 λ 乘以第二份，得到权重")
    yield Step(title=title, rows=[*rows], values=asked.weights)
    total = asked.query(asked.notes.first("_normed", "x"))
    yield weighted_sum(
        asked, total, Words("The values, each times its weight, added up", "各个值乘以各自的权重，再相加")
    )
    normed = asked.query(asked.notes.first("_normed", "normed"))
    title = Words("Divided by the root of its mean square", "除以其均方根")
    yield vector(title, normed)
    title = Words(
        f"The output: times 1 - λ₀ = {as_number(1 - core.initial_lambda)} and a learned gain, at first one",
        f"输出：乘以 1 - λ₀ = {as_number(1 - core.initial_lambda)} 和学到的增益（起初为一）",
    )
    yield vector(title, asked.output)


def _talking_heads(asked: Asked) -> Iterator[Step]:
    core = cast(Any, asked.core)
    q, k = (asked.notes.first("weights", name) for name in ("q", "k"))
    before = q @ k.mT * core.scale  # (B, H, Tq, Tk)
    for head in range(before.size(1)):
        title = Words(
            f"The scaled dot products of head {head + 1}"
            + (", whose query has its numbers in reverse" if head else ""),
            f"第 {head + 1} 个头缩放后的点积" + ("，它的查询是同样的数，次序相反" if head else ""),
        )
        yield each_key(title, asked.labels, asked.pairs(before, head=head))
    title = Words(
        "The learned matrix L that mixes them, at first the identity", "混合它们的矩阵 L，由学习得到，起初是单位矩阵"
    )
    yield numbered(title, matrix_of(core.logit_mix))
    title = Words("The scores of head 1, after mixing", "混合之后第 1 个头的得分")
    yield each_key(title, asked.labels, asked.pairs(asked.notes.first("weights", "logits")))
    found: Tensor = asked.notes.first("weights", "found")
    for head in range(found.size(1)):
        title = Words(f"Their softmax, of head {head + 1}", f"第 {head + 1} 个头的 softmax")
        yield each_key(title, asked.labels, asked.pairs(found, head=head), bars=True)
    title = Words(
        "The learned matrix M that mixes these, at first the identity", "再混合它们的矩阵 M，由学习得到，起初是单位矩阵"
    )
    yield numbered(title, matrix_of(core.weight_mix))
    title = Words("The weights of head 1, after mixing", "混合之后第 1 个头的权重")
    yield each_key(title, asked.labels, asked.weights, bars=True)
    yield from output(asked)


def _gated(asked: Asked) -> Iterator[Step]:
    yield from scaled_scores(asked)
    yield from softmax(asked)
    total = asked.query(asked.notes.first("_gated", "gathered"))
    yield weighted_sum(
        asked, total, Words("The values, each times its weight, added up", "各个值乘以各自的权重，再相加")
    )
    title = Words(
        "The gate: the sigmoid of what is projected from the layer's input", "门：由该层输入投影所得的数取 sigmoid"
    )
    yield vector(title, asked.query(asked.notes.first("_gated", "gate")))
    yield vector(Words("The output: times the gate", "输出：乘以门"), asked.output)


STEPS: dict[type[nn.Module], Callable[[Asked], Iterator[Step]]] = {
    DifferentialAttention: _differential,
    GatedElementwiseAttention: _gated,
    GatedHeadwiseAttention: _gated,
    TalkingHeadsAttention: _talking_heads,
}
