"""Mechanisms that don't compare content with content."""

from collections.abc import Callable, Iterator

from torch import nn

from attnlab.attention import (
    IdentityAttention,
    PositionOnlyAttention,
    RandomFrozenAttention,
    SynthesizerDenseAttention,
    SynthesizerRandomAttention,
    UniformAttention,
)
from attnlab.commands.explain.steps.arithmetic import output, quotients, softmax
from attnlab.commands.explain.steps.step import Asked, Step, each_key, vector
from attnlab.language import Words


def _uniform(asked: Asked) -> Iterator[Step]:
    seen = [float(weight > 0) for weight in asked.weights]
    title = Words(
        "One for each key in sight, divided by how many there are: the weights",
        "看得见的键各记一，除以键的个数，得到权重",
    )
    yield quotients(title, asked.labels, seen, sum(seen), bars=True)
    yield from output(asked)


def _identity(asked: Asked) -> Iterator[Step]:
    title = Words("All weight to the query's own position", "全部权重都给查询自己的位置")
    yield each_key(title, asked.labels, asked.weights, bars=True)
    yield from output(asked)


def _of_position(title: Words) -> Callable[[Asked], Iterator[Step]]:
    def steps(asked: Asked) -> Iterator[Step]:
        yield each_key(title, asked.labels, asked.pairs(asked.notes.first("weights", "scores")))
        yield from softmax(asked)
        yield from output(asked)

    return steps


def _synthesizer_dense(asked: Asked) -> Iterator[Step]:
    hidden = asked.query(asked.notes.first("weights", "hidden"))
    title = Words("The hidden layer: ReLU of the query times a learned matrix", "隐藏层：查询乘以学到的矩阵，再取 ReLU")
    yield vector(title, hidden)
    title = Words(
        "Times another learned matrix: a score for each position, whatever stands there",
        "再乘以另一个学到的矩阵：每个位置一个得分，与那里是什么无关",
    )
    yield each_key(title, asked.labels, asked.pairs(asked.notes.first("weights", "scores")))
    yield from softmax(asked)
    yield from output(asked)


STEPS: dict[type[nn.Module], Callable[[Asked], Iterator[Step]]] = {
    IdentityAttention: _identity,
    PositionOnlyAttention: _of_position(
        Words(
            "The learned score of each distance j - i; all begin at zero",
            "每个距离 j - i 学到的得分，起初全为零",
        )
    ),
    RandomFrozenAttention: _of_position(
        Words(
            "The score of each position: drawn once at random, never trained", "每个位置的得分：随机抽取一次，从不训练"
        )
    ),
    SynthesizerDenseAttention: _synthesizer_dense,
    SynthesizerRandomAttention: _of_position(
        Words(
            "The learned score of each pair of positions, which begins at random",
            "每一对位置学到的得分，起初是随机的",
        )
    ),
    UniformAttention: _uniform,
}
