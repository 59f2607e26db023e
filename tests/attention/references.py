"""Every mechanism once more, in plain Python loops over floats, to hold the fast ones against.

Each function bears the name of its YAML file and takes the core, for its parameters, and nested lists: q[b][h][i],
k[b][h][j] and v[b][h][j] are vectors; allowed[b][i][j] and bias[b][h][i][j] decide about a pair. It returns
weights[b][h][i][j] and output[b][h][i]. Nothing here comes from attnlab, so that an error there isn't repeated.
"""

import math
from collections.abc import Callable
from typing import Any

Vector = list[float]
Result = tuple[Any, Any]


def scaled_dot(core, q, k, v, allowed, bias) -> Result:
    return softmax_attention(lambda h, x, y: dot_product(x, y) / math.sqrt(len(x)), q, k, v, allowed, bias)


def dot(core, q, k, v, allowed, bias) -> Result:
    return softmax_attention(lambda h, x, y: dot_product(x, y), q, k, v, allowed, bias)


def general(core, q, k, v, allowed, bias) -> Result:
    matrix = core.matrix.tolist()

    def score(h: int, x: Vector, y: Vector) -> float:
        return sum(x[a] * matrix[h][a][b] * y[b] for a in range(len(x)) for b in range(len(y)))

    return softmax_attention(score, q, k, v, allowed, bias)


def additive(core, q, k, v, allowed, bias) -> Result:
    vector = core.vector.tolist()

    def score(h: int, x: Vector, y: Vector) -> float:
        return sum(u * math.tanh(a + b) for u, a, b in zip(vector[h], x, y, strict=True))

    return softmax_attention(score, q, k, v, allowed, bias)


def concat(core, q, k, v, allowed, bias) -> Result:
    matrix, vector = core.matrix.tolist(), core.vector.tolist()

    def score(h: int, x: Vector, y: Vector) -> float:
        hidden = [math.tanh(dot_product(row, x + y)) for row in matrix[h]]
        return dot_product(vector[h], hidden)

    return softmax_attention(score, q, k, v, allowed, bias)


def cosine(core, q, k, v, allowed, bias) -> Result:
    log_sharpness = core.log_sharpness.flatten().tolist()

    def score(h: int, x: Vector, y: Vector) -> float:
        lengths = math.sqrt(dot_product(x, x)) * math.sqrt(dot_product(y, y))
        return math.exp(log_sharpness[h]) * dot_product(x, y) / lengths

    return softmax_attention(score, q, k, v, allowed, bias)


def qk_norm(core, q, k, v, allowed, bias) -> Result:
    query_gain, key_gain = core.query_gain.tolist(), core.key_gain.tolist()

    def normalized(x: Vector, gain: Vector) -> Vector:
        mean_square = dot_product(x, x) / len(x)
        return [g * a / math.sqrt(mean_square + 1e-6) for g, a in zip(gain, x, strict=True)]

    def score(h: int, x: Vector, y: Vector) -> float:
        return dot_product(normalized(x, query_gain), normalized(y, key_gain)) / math.sqrt(len(x))

    return softmax_attention(score, q, k, v, allowed, bias)


def gaussian_kernel(core, q, k, v, allowed, bias) -> Result:
    log_bandwidth = core.log_bandwidth.flatten().tolist()

    def score(h: int, x: Vector, y: Vector) -> float:
        squared_distance = sum((a - b) ** 2 for a, b in zip(x, y, strict=True))
        return -squared_distance / (2 * math.exp(log_bandwidth[h]) ** 2)

    return softmax_attention(score, q, k, v, allowed, bias)


def uniform(core, q, k, v, allowed, bias) -> Result:
    return softmax_attention(lambda h, x, y: 0.0, q, k, v, allowed, bias)


def softmax_attention(score: Callable[[int, Vector, Vector], float], q, k, v, allowed, bias) -> Result:
    """Weights in proportion to exp(score + bias) over the allowed keys, and the values they sum up."""
    weights = [
        [
            [
                normalised(
                    [
                        math.exp(score(h, query, key) + bias[b][h][i][j]) if allowed[b][i][j] else 0.0
                        for j, key in enumerate(k[b][h])
                    ]
                )
                for i, query in enumerate(q[b][h])
            ]
            for h in range(len(q[b]))
        ]
        for b in range(len(q))
    ]
    return weights, weighted_sums(weights, v)


def weighted_sums(weights, v):
    return [
        [
            [
                [sum(row[j] * v[b][h][j][d] for j in range(len(row))) for d in range(len(v[b][h][0]))]
                for row in weights[b][h]
            ]
            for h in range(len(weights[b]))
        ]
        for b in range(len(weights))
    ]


def normalised(row: Vector) -> Vector:
    total = sum(row)
    return [weight / total for weight in row] if total else row


def dot_product(x: Vector, y: Vector) -> float:
    return sum(a * b for a, b in zip(x, y, strict=True))
