"""Mechanisms that weigh by distance."""

from collections.abc import Callable, Iterator
from typing import Any, cast

from torch import nn

from attnlab.attention import GaussianKernelAttention, KernelBoxcarAttention, KernelEpanechnikovAttention
from attnlab.commands.explain.steps.arithmetic import dots, output, quotients, softmax, sums
from attnlab.commands.explain.steps.step import Asked, Step, each_key, floats, marks, matrix_of, number, vector
from attnlab.language import Words


def _bandwidth(asked: Asked) -> Step:
    return number(
        Words("The bandwidth h, which is learned", "带宽 h，由学习得到"),
        "h",
        float(cast(Any, asked.core).log_bandwidth.exp()),
    )


def _distances(asked: Asked) -> list[float]:
    return asked.pairs(asked.notes.first("squared_distances"))


def _distance_step(asked: Asked) -> Step:
    title = Words(
        "The squared distance to each key, in units of h: |q - k|² / h²",
        "到每个键的距离的平方，以 h 为单位：|q - k|² / h²",
    )
    return each_key(title, asked.labels, _distances(asked))


def _gaussian(asked: Asked) -> Iterator[Step]:
    query, penalty = (asked.notes.first("_score_parts", place) for place in ("0", "1"))
    yield _bandwidth(asked)
    yield vector(Words("The query divided by h²", "查询除以 h²"), asked.query(query))
    product = dots(
        asked.labels, asked.query(query), asked.example.keys, Words("The dot product with each key", "与每个键的点积")
    )
    yield product
    title = Words(
        "Less |k|² / 2h²: what is left of -|q - k|² / 2h² once |q|², the same for all keys, is dropped",
        "减去 |k|² / 2h²：即 -|q - k|² / 2h² 去掉对所有键都相同的 |q|² 一项",
    )
    yield sums(title, asked.labels, product.values, [-each for each in floats(matrix_of(penalty))])
    yield from softmax(asked)
    yield from output(asked)


def _boxcar(asked: Asked) -> Iterator[Step]:
    yield _bandwidth(asked)
    yield _distance_step(asked)
    inside = [float(weight > 0) for weight in asked.weights]
    yield marks(
        Words("Which keys are nearer than h (1) and which not (0)", "哪些键比 h 近（1），哪些不是（0）"),
        asked.labels,
        inside,
    )
    title = Words("Divided by how many there are: the weights", "除以它们的个数，得到权重")
    yield quotients(title, asked.labels, inside, sum(inside), bars=True)
    yield from output(asked)


def _epanechnikov(asked: Asked) -> Iterator[Step]:
    yield _bandwidth(asked)
    yield _distance_step(asked)
    found = asked.pairs(asked.notes.first("weights", "kernel"))
    kernel = [each if weight > 0 else 0.0 for each, weight in zip(found, asked.weights, strict=True)]
    yield each_key(
        Words("1 less that, and 0 where it is negative: the kernel", "1 减去它，为负则取 0：核函数的值"),
        asked.labels,
        kernel,
    )
    yield quotients(
        Words("Divided by their sum: the weights", "除以它们的和，得到权重"),
        asked.labels,
        kernel,
        sum(kernel),
        bars=True,
    )
    yield from output(asked)


STEPS: dict[type[nn.Module], Callable[[Asked], Iterator[Step]]] = {
    GaussianKernelAttention: _gaussian,
    KernelBoxcarAttention: _boxcar,
    KernelEpanechnikovAttention: _epanechnikov,
}
