"""Mechanisms that mind where a key stands."""

from collections.abc import Callable, Iterator
from typing import Any, cast

from torch import Tensor, nn

from attnlab.attention import (
    AlibiAttention,
    AxialRotaryAttention,
    ForgettingAttention,
    LocationAttention,
    MixedRotaryAttention,
    PartialRotaryAttention,
    RelativeAttention,
    RotaryAttention,
    T5BiasAttention,
)
from attnlab.commands.explain.steps.arithmetic import (
    DOTS,
    divided_by_root,
    dots,
    output,
    scaled_scores,
    softmax,
    sums,
    weighted_sum,
)
from attnlab.commands.explain.steps.step import Asked, Step, each_key, floats, matrix_of, vector, vectors
from attnlab.language import Words

ADDED = Words("Added to the scaled dot products: the scores", "加到缩放后的点积上，得到得分")


def _with_bias(asked: Asked, title: Words) -> Iterator[Step]:
    """Scaled dot products, then the bias of each distance, which is added to them."""
    *first, scaled = scaled_scores(asked)
    bias = each_key(title, asked.labels, asked.pairs(asked.notes.first("_distance_bias")))
    yield from [*first, scaled, bias, sums(ADDED, asked.labels, scaled.values, bias.values)]
    yield from softmax(asked)
    yield from output(asked)


def _alibi(asked: Asked) -> Iterator[Step]:
    title = Words(
        "The penalty of each distance: -m |i - j|, where this head's m is 2^(-8)",
        "按距离的惩罚：-m |i - j|，这个头的 m 为 2^(-8)",
    )
    return _with_bias(asked, title)


def _forgetting(asked: Asked) -> Iterator[Step]:
    *first, scaled = scaled_scores(asked)
    kept = matrix_of(asked.notes.first("_log_kept")).exp().expand(len(asked.labels), 1)
    title = Words("The share f that each place keeps, from the layer's input", "每个位置保留的份额 f，由该层输入得到")
    yield from [*first, scaled, each_key(title, asked.labels, floats(kept))]
    title = Words(
        "What was forgotten between the query and each key: log f, added up", "查询与每个键之间遗忘的量：log f 之和"
    )
    forgotten = each_key(title, asked.labels, asked.pairs(asked.notes.first("_forgotten")))
    yield from [forgotten, sums(ADDED, asked.labels, scaled.values, forgotten.values)]
    yield from softmax(asked)
    yield from output(asked)


def _t5_bias(asked: Asked) -> Iterator[Step]:
    title = Words(
        "The learned bias of the bucket that each distance j - i falls into; all begin at zero",
        "每个距离 j - i 所落入的桶的偏置，由学习得到，起初全为零",
    )
    return _with_bias(asked, title)


def _location(asked: Asked) -> Iterator[Step]:
    positions = matrix_of(asked.notes.first("_positions_like"))
    title = Words("The learned vector of each position, in the place of a key", "每个位置学到的向量，代替键")
    yield vectors(title, asked.labels, positions)
    title = Words("The dot product of the query with each of them: the scores", "查询与它们各自的点积，即得分")
    yield dots(asked.labels, asked.vector, positions.tolist(), title)
    yield from softmax(asked)
    yield from output(asked)


def _relative(asked: Asked) -> Iterator[Step]:
    plain = dots(asked.labels, asked.vector, asked.example.keys)
    yield plain
    found, rows = (asked.notes.first("weights", name) for name in ("by_distance", "rows"))
    by_distance = asked.pairs(found.gather(-1, rows))
    title = Words(
        "The dot product with the learned vector of each distance j - i", "查询与每个距离 j - i 学到的向量的点积"
    )
    yield each_key(title, asked.labels, by_distance)
    total = sums(Words("The two added up", "两者相加"), asked.labels, plain.values, by_distance)
    yield total
    yield divided_by_root(asked.labels, total.values, len(asked.vector))
    yield from softmax(asked)
    values, moved = (asked.query(asked.notes.first("combine", name)) for name in ("of_values", "of_distances"))
    title = Words("The values, each times its weight, added up", "各个值乘以各自的权重，再相加")
    yield weighted_sum(asked, values, title)
    title = Words(
        "The learned vectors of the distances for values, each times its weight, added up",
        "各距离另有一个加到值上的学到的向量：乘以各自的权重，再相加",
    )
    yield vector(title, moved)
    yield vector(Words("The output: the two sums, added up", "输出：两个和相加"), asked.output)


def _rotary(asked: Asked) -> Iterator[Step]:
    title = Words("The angles by which each position turns its pairs of numbers", "每个位置把各对数转过的角度")
    return _turning(asked, title, "turned", asked.notes.first("turned", "angle"))


def _partial_rotary(asked: Asked) -> Iterator[Step]:
    title = Words(
        "The angles by which each position turns the first pairs of numbers; the others stay",
        "每个位置把前几对数转过的角度，其余不动",
    )
    return _turning(asked, title, "_turned", asked.notes.first("turned", "angle"))


def _axial_rotary(asked: Asked) -> Iterator[Step]:
    title = Words(
        "The angles by which each place, named by its row and column, turns its pairs of numbers: by column and by row",
        "每个位置（以行、列为名）把各对数转过的角度：依次按列、按行",
    )
    return _turning(asked, title, "_turned", asked.notes.first("_angle"))


def _mixed_rotary(asked: Asked) -> Iterator[Step]:
    by_row, by_column = (matrix_of(each)[0] for each in cast(Any, asked.core).frequencies)
    title = Words("How far each pair of numbers turns for a row", "每下移一行，各对数转过的角度")
    yield vector(title, floats(by_row))
    yield vector(
        Words("And for a column; both are learned", "每右移一列转过的角度；两者都由学习得到"), floats(by_column)
    )
    title = Words("The angles of each place, named by its row and column", "每个位置（以行、列为名）的角度")
    yield from _turning(asked, title, "_turned", asked.notes.first("_angle"))


def _turning(asked: Asked, title: Words, function: str, angle: Tensor) -> Iterator[Step]:
    """Of mechanisms whose `function` gives queries and keys that are turned, each place by its `angle`."""
    query, keys = (asked.notes.first(function, place) for place in ("0", "1"))
    yield vectors(title, asked.labels, matrix_of(angle))
    yield vector(Words("The query, turned by its own position's", "按自己的位置转过的查询"), asked.query(query))
    yield vectors(Words("Each key, turned likewise", "同样转过的每个键"), asked.labels, matrix_of(keys))
    plain = dots(asked.labels, asked.query(query), matrix_of(keys).tolist(), DOTS)
    yield plain
    yield divided_by_root(asked.labels, plain.values, len(asked.vector))
    yield from softmax(asked)
    yield from output(asked)


STEPS: dict[type[nn.Module], Callable[[Asked], Iterator[Step]]] = {
    AlibiAttention: _alibi,
    AxialRotaryAttention: _axial_rotary,
    ForgettingAttention: _forgetting,
    LocationAttention: _location,
    MixedRotaryAttention: _mixed_rotary,
    PartialRotaryAttention: _partial_rotary,
    RelativeAttention: _relative,
    RotaryAttention: _rotary,
    T5BiasAttention: _t5_bias,
}
