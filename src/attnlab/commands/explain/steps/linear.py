"""Mechanisms whose cost is linear in the length."""

from collections.abc import Callable, Iterator
from typing import Any, cast

import torch
from torch import Tensor, nn

from attnlab.attention import LinearAttention, LinformerAttention, NystromAttention, PerformerAttention
from attnlab.commands.explain.columns import as_number
from attnlab.commands.explain.example import dot_product_weights
from attnlab.commands.explain.steps.arithmetic import output, quotients
from attnlab.commands.explain.steps.step import (
    Asked,
    Step,
    as_vector,
    each_key,
    floats,
    matrix_of,
    numbered,
    vector,
    vectors,
)
from attnlab.language import Words

QUERY_FEATURES = Words("The features of the query, φ(q)", "查询的特征 φ(q)")
KEY_FEATURES = Words("The features of each key, φ(k)", "每个键的特征 φ(k)")


def _linear(asked: Asked) -> Iterator[Step]:
    """By sums over keys, as `forward` goes."""
    query, keys = (asked.notes.first("_features", place) for place in ("0", "1"))
    yield vector(
        Words("The features of the query, φ(q) = elu(q) + 1", "查询的特征 φ(q) = elu(q) + 1"), asked.query(query)
    )
    yield vectors(KEY_FEATURES, asked.labels, matrix_of(keys))
    forward = asked.forward()
    yield from _sums_over_keys(asked, matrix_of(keys))
    *numerator, total = asked.query(forward.first("kernel_attention", "summed"))
    yield vector(Words("φ(q) times the first sum", "φ(q) 乘以第一个和"), numerator)
    yield vector(Words("φ(q) times the second", "φ(q) 乘以第二个和"), [total])
    title = Words("The weights that this amounts to, which needn't be computed", "这相当于下列权重，而它们无须算出")
    yield each_key(title, asked.labels, asked.weights, bars=True)
    row = f"{as_vector(numerator)} / {as_number(total)} = {as_vector(asked.output)}"
    title = Words("The output: the one divided by the other", "输出：前者除以后者")
    yield Step(title=title, rows=[(row,)], values=asked.output)


def _sums_over_keys(asked: Asked, features: Tensor) -> Iterator[Step]:
    """Of all keys or, where later ones are out of sight, of those so far; features (Tk, F)."""
    num_seen = asked.place + 1 if cast(Any, asked.core).causal else len(asked.labels)
    seen, values = features[:num_seen], torch.tensor(asked.example.values, dtype=features.dtype)[:num_seen]
    title = Words(
        "Summed over the keys, once for all queries: φ(k) times the value, a row for each feature",
        "对所有键求和，一次供全部查询使用：φ(k) 乘以值，每个特征一行",
    )
    if cast(Any, asked.core).causal:
        title = Words(
            f"A running sum over the keys, here {num_seen}: φ(k) times the value, a row for each feature",
            f"对键逐个累加，至此 {num_seen} 个：φ(k) 乘以值，每个特征一行",
        )
    yield numbered(title, seen.mT @ values)
    yield vector(Words("And φ(k) alone, summed likewise", "以及单独的 φ(k)，同样求和"), floats(seen.sum(0)))


def _performer(asked: Asked) -> Iterator[Step]:
    query, keys = (asked.notes.first("_features", place) for place in ("0", "1"))
    directions = matrix_of(cast(Any, asked.core).directions)
    title = Words("The random directions ω, orthogonal in groups, drawn once", "随机方向 ω，分组正交，只抽取一次")
    yield numbered(title, directions)
    yield vector(QUERY_FEATURES, asked.query(query))
    yield vectors(KEY_FEATURES, asked.labels, matrix_of(keys))
    products = asked.pairs(asked.notes.every("kernel_weights", "weights")[-1])
    yield each_key(Words("φ(q) · φ(k) for each key", "每个键的 φ(q) · φ(k)"), asked.labels, products)
    exact = dot_product_weights(asked.vector, asked.example.keys, scale=len(asked.vector) ** -0.5)
    title = Words(
        f"Divided by their sum: the weights, of which the softmax would make {as_vector(exact)}",
        f"除以它们的和，得到权重；用 softmax 则是 {as_vector(exact)}",
    )
    yield quotients(title, asked.labels, products, sum(products), bars=True)
    yield from output(asked)


def _linformer(asked: Asked) -> Iterator[Step]:
    forward = asked.forward()
    mixed_keys = matrix_of(forward.first("_parts", "mixed_keys"))  # (rank, Dh)
    title = Words(
        "The mixed keys E k: each of them all keys, each times a learned number",
        "混合后的键 E k：每一个都是全部键各乘以一个学到的数再相加",
    )
    yield numbered(title, mixed_keys)
    title = Words("The mixed values F v likewise", "混合后的值 F v 也一样")
    yield numbered(title, matrix_of(forward.first("forward", "mixed_values")))
    weights = asked.query(forward.first("forward", "mixed_weights"))
    title = Words(
        "The softmax of the scaled dot products with the mixed keys: their weights",
        "与各个混合键缩放后的点积取 softmax，得到它们的权重",
    )
    yield vector(title, weights)
    title = Words(
        "The output: the mixed values, each times its weight, added up", "输出：各个混合值乘以各自的权重，再相加"
    )
    yield vector(title, asked.output)


def _nystrom(asked: Asked) -> Iterator[Step]:
    notes = asked.notes
    filled = notes.first("_factors", "sizes").flatten() > 0
    title = Words(
        "The landmarks of the queries: their means over segments of the sequence",
        "查询的地标：序列各段上的平均",
    )
    yield numbered(title, matrix_of(notes.first("_factors", "landmark_q"))[filled])
    title = Words("The landmarks of the keys likewise", "键的地标也一样")
    yield numbered(title, matrix_of(notes.first("_factors", "landmark_k"))[filled])
    to_landmarks = matrix_of(notes.first("_factors", "to_landmarks"))[asked.place][filled]
    yield vector(
        Words("The query's softmax weights on the landmarks of the keys", "查询对各个键地标的 softmax 权重"),
        floats(to_landmarks),
    )
    between = matrix_of(notes.first("_factors", "between"))[filled][:, filled]
    yield numbered(Words("A, those of each landmark on each", "A，各地标之间的 softmax 权重"), between)
    inverse = matrix_of(notes.first("pseudo_inverse"))[filled][:, filled]
    title = Words("Its pseudo-inverse, by iteration", "A 的伪逆，由迭代得到")
    yield numbered(title, inverse)
    from_landmarks = matrix_of(notes.first("_factors", "from_landmarks"))[filled]
    yield numbered(
        Words("Those of each landmark of the queries on the keys", "每个查询地标对各个键的 softmax 权重"),
        from_landmarks,
    )
    title = Words("The product of the three: the weights, which may be negative", "三者相乘，得到权重；它们可以为负")
    yield each_key(title, asked.labels, asked.weights, bars=True)
    yield from output(asked)


STEPS: dict[type[nn.Module], Callable[[Asked], Iterator[Step]]] = {
    LinearAttention: _linear,
    LinformerAttention: _linformer,
    NystromAttention: _nystrom,
    PerformerAttention: _performer,
}
