"""Mechanisms that score content."""

from collections.abc import Callable, Iterator
from typing import Any, cast

from torch import nn

from attnlab.attention import (
    AdditiveAttention,
    ConcatAttention,
    CosineAttention,
    DotAttention,
    GeneralAttention,
    QkNormAttention,
    ScaledDotAttention,
)
from attnlab.commands.explain.steps.arithmetic import divided_by_root, dots, output, scaled_scores, softmax
from attnlab.commands.explain.steps.step import Asked, Step, floats, matrix_of, number, numbered, vector, vectors
from attnlab.language import Words

TURNED_KEYS = Words("Each key likewise", "每个键也一样")


def _scaled_dot(asked: Asked) -> Iterator[Step]:
    yield from scaled_scores(asked)
    yield from softmax(asked)
    yield from output(asked)


def _dot(asked: Asked) -> Iterator[Step]:
    yield dots(asked.labels, asked.vector, asked.example.keys)
    yield from softmax(asked)
    yield from output(asked)


def _general(asked: Asked) -> Iterator[Step]:
    core = cast(Any, asked.core)
    yield numbered(Words("The learned matrix W", "学到的矩阵 W"), matrix_of(core.matrix))
    related = asked.query(asked.notes.first("weights", "related"))
    yield vector(Words("The query times W", "查询乘以 W"), related)
    title = Words("The dot product of this with each key", "它与每个键的点积")
    yield dots(asked.labels, related, asked.example.keys, title)
    yield from softmax(asked)
    yield from output(asked)


def _hidden_layer(asked: Asked) -> Iterator[Step]:
    """u · tanh(q + k), from the sums that went into the hidden layer on."""
    features = asked.notes.first("score", "features")  # (B, H, Tq, Tk, Dh)
    hidden = matrix_of(features[0, :, asked.place])
    title = Words(
        "The hidden layer of each pair: tanh of query plus key, number by number",
        "每一对的隐藏层：查询加键，逐个数取 tanh",
    )
    yield vectors(title, asked.labels, hidden)
    u = floats(cast(Any, asked.core).vector)
    yield vector(Words("The learned vector u", "学到的向量 u"), u)
    title = Words("The dot product of u with each hidden layer: the scores", "u 与每个隐藏层的点积，即得分")
    yield dots(asked.labels, u, hidden.tolist(), title)
    yield from softmax(asked)
    yield from output(asked)


def _concat(asked: Asked) -> Iterator[Step]:
    query, keys = (asked.notes.first("tanh_scores", name) for name in ("q", "k"))
    title = Words("The query times its half of the learned matrix W", "查询乘以学到的矩阵 W 中属于它的一半")
    yield vector(title, asked.query(query))
    title = Words("Each key times the other half", "每个键乘以另一半")
    yield vectors(title, asked.labels, matrix_of(keys))
    yield from _hidden_layer(asked)


def _cosine(asked: Asked) -> Iterator[Step]:
    query, keys = (asked.notes.first("_directions", place) for place in ("0", "1"))
    sharpness = float(cast(Any, asked.core).log_sharpness.exp())
    yield number(Words("The sharpness β, which is learned", "锐度 β，由学习得到"), "β", sharpness)
    yield vector(Words("The query, brought to the length β", "查询，长度变为 β"), asked.query(query))
    yield vectors(Words("Each key, brought to the length 1", "每个键，长度变为 1"), asked.labels, matrix_of(keys))
    title = Words("The dot product of these: β times the cosine of the angle", "它们的点积：β 乘以夹角的余弦")
    yield dots(asked.labels, asked.query(query), matrix_of(keys).tolist(), title)
    yield from softmax(asked)
    yield from output(asked)


def _qk_norm(asked: Asked) -> Iterator[Step]:
    core = cast(Any, asked.core)
    query, keys = (asked.notes.first("_normalized", place) for place in ("0", "1"))
    for name, gain in (("query", core.query_gain), ("key", core.key_gain)):
        of = {"query": "查询", "key": "键"}[name]
        yield vector(
            Words(f"The gain of each number of a {name}, which is learned", f"{of}中每个数的增益，由学习得到"),
            floats(gain),
        )
    title = Words("The query, its root mean square brought to 1, times its gains", "查询：均方根归一，再乘以增益")
    yield vector(title, asked.query(query))
    yield vectors(TURNED_KEYS, asked.labels, matrix_of(keys))
    plain = dots(asked.labels, asked.query(query), matrix_of(keys).tolist())
    yield plain
    yield divided_by_root(asked.labels, plain.values, len(asked.vector))
    yield from softmax(asked)
    yield from output(asked)


STEPS: dict[type[nn.Module], Callable[[Asked], Iterator[Step]]] = {
    AdditiveAttention: _hidden_layer,
    ConcatAttention: _concat,
    CosineAttention: _cosine,
    DotAttention: _dot,
    GeneralAttention: _general,
    QkNormAttention: _qk_norm,
    ScaledDotAttention: _scaled_dot,
}
