"""The mechanisms that know positions, kernels of compact support and mixed heads, in plain Python loops.

As in references.py; the softmax and the sums that it has are taken from there. Query i sits at position Tk - Tq + i.
"""

import cmath
import math
from collections.abc import Callable, Iterator
from itertools import product

from references import Result, Vector, dot_product, normalised, softmax_attention, weighted_sums

NO_COMMON_POSITIONS = "needs queries and keys that share one line of positions, got role cross"
POSITIONAL = ("rotary", "partial_rotary", "alibi", "t5_bias", "relative")
REFUSALS = {(name, "cross"): f"{name} attention {NO_COMMON_POSITIONS}" for name in POSITIONAL}
VARIANTS = [
    ("rotary", {"base": 3.0}),
    ("partial_rotary", {"share": 0.7, "base": 3.0}),
    ("t5_bias", {"num_buckets": 8, "max_distance": 6}),
    ("relative", {"max_distance": 2}),
    ("kernel_boxcar", {"initial_bandwidth": 4.0}),
    ("kernel_epanechnikov", {"initial_bandwidth": 4.0}),
    ("differential", {"initial_lambda": 0.2}),
]


def rotary(core, q, k, v, allowed, bias) -> Result:
    return turning(len(q[0][0][0]), core.base, q, k, v, allowed, bias)


def partial_rotary(core, q, k, v, allowed, bias) -> Result:
    return turning(core.num_turned, core.base, q, k, v, allowed, bias)


def turning(width: int, base: float, q, k, v, allowed, bias) -> Result:
    def turned(x, position: int) -> list[float]:
        pairs = [complex(x[n], x[n + 1]) for n in range(0, width, 2)]
        turns = [cmath.rect(1.0, position / base ** (2 * n / width)) for n in range(len(pairs))]
        parts = [
            part for pair, turn in zip(pairs, turns, strict=True) for part in ((pair * turn).real, (pair * turn).imag)
        ]
        return [*parts, *x[width:]]

    first = len(k[0][0]) - len(q[0][0])
    q = [[[turned(x, first + i) for i, x in enumerate(queries)] for queries in row] for row in q]
    k = [[[turned(y, j) for j, y in enumerate(keys)] for keys in row] for row in k]
    return softmax_attention(scaled_dot_product, q, k, v, allowed, bias)


def alibi(core, q, k, v, allowed, bias) -> Result:
    num_heads = len(q[0])

    def penalised(b: int, h: int, i: int, j: int) -> float:
        return bias[b][h][i][j] - 2 ** (-8 * (h + 1) / num_heads) * abs(offset(q, k, i, j))

    return softmax_attention(scaled_dot_product, q, k, v, allowed, of_pairs(q, k, penalised))


def t5_bias(core, q, k, v, allowed, bias) -> Result:
    table = core.bucket_bias.tolist()

    def bucket(away: int) -> int:
        first, count = (0, len(table[0])) if core.causal else (away > 0, len(table[0]) // 2)
        single, distance = count // 2, abs(away)
        if distance >= single:
            widening = math.log(distance / single) / math.log(core.max_distance / single) * (count - single)
            distance = min(single + int(widening), count - 1)
        return first * count + distance

    def biased(b: int, h: int, i: int, j: int) -> float:
        return bias[b][h][i][j] + table[h][bucket(offset(q, k, i, j))]

    return softmax_attention(scaled_dot_product, q, k, v, allowed, of_pairs(q, k, biased))


def relative(core, q, k, v, allowed, bias) -> Result:
    key_embedding, value_embedding = core.key_embedding.tolist(), core.value_embedding.tolist()

    def row(i: int, j: int) -> int:
        latest = 0 if core.causal else core.max_distance
        return max(-core.max_distance, min(latest, offset(q, k, i, j))) + core.max_distance

    def biased(b: int, h: int, i: int, j: int) -> float:
        return bias[b][h][i][j] + scaled_dot_product(h, q[b][h][i], key_embedding[row(i, j)])

    weights, output = softmax_attention(scaled_dot_product, q, k, v, allowed, of_pairs(q, k, biased))
    for b, h, i, j in indices(q, k):
        for d, component in enumerate(value_embedding[row(i, j)]):
            output[b][h][i][d] += weights[b][h][i][j] * component
    return weights, output


def location(core, q, k, v, allowed, bias) -> Result:
    positions = core.positions.tolist()
    scores = of_pairs(q, k, lambda b, h, i, j: dot_product(q[b][h][i], positions[h][j]) + bias[b][h][i][j])
    return softmax_attention(lambda h, x, y: 0.0, q, k, v, allowed, scores)


def kernel_boxcar(core, q, k, v, allowed, bias) -> Result:
    return kernel_attention(lambda ratio: 1.0 if ratio < 1 else 0.0, core, q, k, v, allowed, bias)


def kernel_epanechnikov(core, q, k, v, allowed, bias) -> Result:
    return kernel_attention(lambda ratio: max(0.0, 1 - ratio**2), core, q, k, v, allowed, bias)


def kernel_attention(kernel, core, q, k, v, allowed, bias) -> Result:
    """Weights in proportion to kernel(|q - k| / h) exp(bias)."""
    bandwidth = [math.exp(value) for value in core.log_bandwidth.flatten().tolist()]

    def share(b: int, h: int, i: int, j: int) -> float:
        near = kernel(math.dist(q[b][h][i], k[b][h][j]) / bandwidth[h])
        return near * math.exp(bias[b][h][i][j]) if allowed[b][i][j] else 0.0

    weights = [[[normalised(row) for row in rows] for rows in heads] for heads in of_pairs(q, k, share)]
    return weights, weighted_sums(weights, v)


def talking_heads(core, q, k, v, allowed, bias) -> Result:
    logit_mix, weight_mix, heads = core.logit_mix.tolist(), core.weight_mix.tolist(), range(len(q[0]))

    def logit(b: int, h: int, i: int, j: int) -> float:
        heard = sum(logit_mix[h][g] * scaled_dot_product(g, q[b][g][i], k[b][g][j]) for g in heads)
        return heard + bias[b][h][i][j]

    found, _ = softmax_attention(lambda h, x, y: 0.0, q, k, v, allowed, of_pairs(q, k, logit))
    weights = of_pairs(q, k, lambda b, h, i, j: sum(weight_mix[h][g] * found[b][g][i][j] for g in heads))
    return weights, weighted_sums(weights, v)


def differential(core, q, k, v, allowed, bias) -> Result:
    half = len(q[0][0][0]) // 2
    (a1, a2), (b1, b2), gain = core.lambda_query.tolist(), core.lambda_key.tolist(), core.gain.tolist()
    share = math.exp(dot_product(a1, b1)) - math.exp(dot_product(a2, b2)) + core.initial_lambda
    first, _ = softmax_attention(lambda h, x, y: scaled_dot_product(h, x[:half], y[:half]), q, k, v, allowed, bias)
    second, _ = softmax_attention(lambda h, x, y: scaled_dot_product(h, x[half:], y[half:]), q, k, v, allowed, bias)
    weights = of_pairs(q, k, lambda b, h, i, j: first[b][h][i][j] - share * second[b][h][i][j])

    def normed(vector: Vector) -> Vector:
        size = math.sqrt(dot_product(vector, vector) / len(vector) + 1e-5)
        return [(1 - core.initial_lambda) * g * x / size for g, x in zip(gain, vector, strict=True)]

    output = [[[normed(vector) for vector in vectors] for vectors in heads] for heads in weighted_sums(weights, v)]
    return weights, output


def scaled_dot_product(h: int, x: Vector, y: Vector) -> float:
    return dot_product(x, y) / math.sqrt(len(x))


def offset(q, k, i: int, j: int) -> int:
    """How far key j stands ahead of query i."""
    return j - (len(k[0][0]) - len(q[0][0]) + i)


def indices(q, k) -> Iterator[tuple[int, int, int, int]]:
    return product(range(len(q)), range(len(q[0])), range(len(q[0][0])), range(len(k[0][0])))


def of_pairs(q, k, function: Callable[[int, int, int, int], float]):
    """function(b, h, i, j) at [b][h][i][j]."""
    batch, heads, queries, keys = (range(len(axis)) for axis in (q, q[0], q[0][0], k[0][0]))
    return [[[[function(b, h, i, j) for j in keys] for i in queries] for h in heads] for b in batch]
