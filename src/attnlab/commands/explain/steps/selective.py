"""Mechanisms that leave keys out: by another function than softmax, or by where they stand."""

from collections.abc import Callable, Iterator
from typing import Any, cast

from torch import nn

from attnlab.attention import (
    BlockSparseAttention,
    DilatedAttention,
    Entmax15Attention,
    HardAttention,
    LocalAttention,
    NeighbourhoodAttention,
    OffByOneAttention,
    SigmoidAttention,
    SinkAttention,
    SparsemaxAttention,
    SwinAttention,
)
from attnlab.commands.explain.steps.arithmetic import output, scaled_scores, softmax, softmax_of, sums
from attnlab.commands.explain.steps.step import Asked, Step, each_key, marks, number
from attnlab.language import Words


def _thresholded(asked: Asked, function: str, *, before: Words, threshold: Words, weights: Words) -> Iterator[Step]:
    """Weights that are 0 below a threshold, which `function` finds."""
    yield from scaled_scores(asked)
    yield each_key(before, asked.labels, asked.pairs(asked.notes.first("sparse_scores")))
    yield number(threshold, "τ", asked.query(asked.notes.every(function, "threshold")[-1])[0])
    yield each_key(weights, asked.labels, asked.weights, bars=True)
    yield from output(asked)


def _sparsemax(asked: Asked) -> Iterator[Step]:
    return _thresholded(
        asked,
        "sparsemax",
        before=Words("Less the largest, which changes no weight", "减去最大的一个；这不改变任何权重"),
        threshold=Words(
            "The threshold τ: what lies above it, less it, adds up to one",
            "阈值 τ：高于它的各数减去它之后，和为一",
        ),
        weights=Words(
            "The scores less τ, and 0 where that is negative: the weights", "得分减去 τ，为负则取 0，得到权重"
        ),
    )


def _entmax15(asked: Asked) -> Iterator[Step]:
    return _thresholded(
        asked,
        "entmax15",
        before=Words("Half of each, less the largest half", "取一半，再减去其中最大的"),
        threshold=Words(
            "The threshold τ: of what lies above it, the squares of the distances to it add up to one",
            "阈值 τ：高于它的各数，与它之差的平方和为一",
        ),
        weights=Words(
            "The square of what lies above τ, and 0 for the others: the weights",
            "高于 τ 的部分的平方，其余为 0，得到权重",
        ),
    )


def _hard(asked: Asked) -> Iterator[Step]:
    yield from scaled_scores(asked)
    title = Words(
        "The largest alone: the weights (in training, gradients pretend that it was a softmax)",
        "只取最大的一个，得到权重（训练时，梯度按 softmax 计算）",
    )
    yield each_key(title, asked.labels, asked.weights, bars=True)
    yield from output(asked)


def _sigmoid(asked: Asked) -> Iterator[Step]:
    yield from scaled_scores(asked)
    allowed = asked.query(asked.notes.first("weights", "num_allowed"))[0]
    title = Words("How many keys there are, n", "键的个数 n")
    yield number(title, "n", allowed)
    title = Words(
        "σ(score - log n), each key on its own account: the weights, which needn't add up to one",
        "σ(得分 - log n)，每个键各算各的，得到权重；它们的和不必为一",
    )
    yield each_key(title, asked.labels, asked.weights, bars=True)
    yield from output(asked)


def _off_by_one(asked: Asked) -> Iterator[Step]:
    title = Words("The score of a key more, whose value is zero", "另有一个键的得分，它的值为零")
    return _with_logit(asked, title)


def _sink(asked: Asked) -> Iterator[Step]:
    title = Words(
        "The learned logit, as the score of a key whose value is zero", "学到的 logit：如同另有一个值为零的键"
    )
    return _with_logit(asked, title)


def _with_logit(asked: Asked, title: Words) -> Iterator[Step]:
    """A softmax over one score more, whose weight reads nothing."""
    *first, scaled = scaled_scores(asked)
    yield from [*first, scaled]
    logit = float(cast(Any, asked.core).logit[0])
    yield number(title, "z", logit)
    labels, rest = [*asked.labels, "z"], 1 - sum(asked.weights)
    of = Words(
        "Divided by their sum: the weights, of which that of z goes nowhere",
        "除以它们的和，得到权重；其中 z 的那份不读取任何内容",
    )
    seen = [score if weight else None for score, weight in zip(scaled.values, asked.weights, strict=True)]
    yield from softmax_of(labels, [*seen, logit], [*asked.weights, rest], of=of)
    yield from output(asked)


def _some_pairs(function: str) -> Callable[[Asked], Iterator[Step]]:
    """Of mechanisms whose `function` says which keys a query sees."""

    def steps(asked: Asked) -> Iterator[Step]:
        yield from scaled_scores(asked)
        seen = asked.pairs(asked.notes.first(function))
        title = Words("Which keys are in sight (1) and which not (0)", "哪些键在视野内（1），哪些不在（0）")
        if all(seen):
            title = Words(
                "Which keys are in sight (1): here all, as this example is short",
                "哪些键在视野内（1）：这个例子很短，全都在",
            )
        yield marks(title, asked.labels, seen)
        yield from softmax(asked)
        yield from output(asked)

    return steps


def _windows_on_a_grid(asked: Asked) -> Iterator[Step]:
    *first, scaled = scaled_scores(asked)
    distances = asked.pairs(asked.notes.first("weights_in_windows", "distances"))
    title = Words(
        "The learned bias of each distance, by row and by column; all begin at zero",
        "按行、按列的每个距离的偏置，由学习得到，起初全为零",
    )
    yield from [*first, scaled, each_key(title, asked.labels, distances)]
    title = Words("Added to the scaled dot products: the scores", "加到缩放后的点积上，得到得分")
    yield sums(title, asked.labels, scaled.values, distances)
    seen = asked.pairs(asked.notes.first("weights_in_windows", "near"))
    title = Words(
        "Which places, named by row and column, are in the window (1) and which not (0)",
        "哪些位置（以行、列为名）在窗口内（1），哪些不在（0）",
    )
    yield marks(title, asked.labels, seen)
    yield from softmax(asked)
    yield from output(asked)


STEPS: dict[type[nn.Module], Callable[[Asked], Iterator[Step]]] = {
    BlockSparseAttention: _some_pairs("_pattern"),
    DilatedAttention: _some_pairs("window_mask"),
    Entmax15Attention: _entmax15,
    HardAttention: _hard,
    LocalAttention: _some_pairs("window_mask"),
    NeighbourhoodAttention: _windows_on_a_grid,
    OffByOneAttention: _off_by_one,
    SigmoidAttention: _sigmoid,
    SinkAttention: _sink,
    SparsemaxAttention: _sparsemax,
    SwinAttention: _windows_on_a_grid,
}
