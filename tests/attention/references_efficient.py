"""References in loops, as in references.py, of sparse, linear-time and content-free mechanisms."""

import math

from references import Result, dot_product, scaled_dot, softmax_attention, weighted_sums

NO_COMMON_POSITIONS = "needs queries and keys that share one line of positions, got role cross"
REFUSALS: dict[tuple[str, str], str] = {
    (name, "cross"): f"{name} attention {NO_COMMON_POSITIONS}"
    for name in ("identity", "random_frozen", "position_only", "synthesizer_random", "local", "dilated")
}

VARIANTS: list[tuple[str, dict[str, int]]] = [
    ("local", {"window": 3}),
    ("local", {"window": 101}),
    ("dilated", {"window": 3, "dilation": 1}),
    ("dilated", {"window": 3, "dilation": 3}),
    ("dilated", {"window": 5, "dilation": 5}),
]


def sigmoid(core, q, k, v, allowed, bias) -> Result:
    def gates(scores):
        return {j: 1 / (1 + len(scores) * math.exp(-score)) for j, score in scores.items()}

    return row_attention(gates, q, k, v, allowed, bias)


def sparsemax(core, q, k, v, allowed, bias) -> Result:
    def projection(scores):
        threshold = bisected(lambda tau: sum(max(0, score - tau) for score in scores.values()), scores)
        return {j: max(0, score - threshold) for j, score in scores.items()}

    return row_attention(projection, q, k, v, allowed, bias)


def entmax15(core, q, k, v, allowed, bias) -> Result:
    def projection(scores):
        scores = {j: score / 2 for j, score in scores.items()}
        threshold = bisected(lambda tau: sum(max(0, score - tau) ** 2 for score in scores.values()), scores)
        return {j: max(0, score - threshold) ** 2 for j, score in scores.items()}

    return row_attention(projection, q, k, v, allowed, bias)


def hard(core, q, k, v, allowed, bias) -> Result:
    return row_attention(lambda scores: {max(scores, key=scores.__getitem__): 1.0}, q, k, v, allowed, bias)


def identity(core, q, k, v, allowed, bias) -> Result:
    first = len(k[0][0]) - len(q[0][0])
    weights = by_position(lambda b, h, i, j: float(i == j and allowed[b][i - first][j]), q, k)
    return weights, weighted_sums(weights, v)


def random_frozen(core, q, k, v, allowed, bias) -> Result:
    logits = core.logits.tolist()
    return position_attention(lambda b, h, i, j: logits[h][i][j], q, k, v, allowed, bias)


def synthesizer_random(core, q, k, v, allowed, bias) -> Result:
    return random_frozen(core, q, k, v, allowed, bias)


def position_only(core, q, k, v, allowed, bias) -> Result:
    logits = core.logits.tolist()
    middle = core.max_length - 1  # where distance zero is

    def logit(b, h, i, j):
        return logits[h][middle + j - i] if middle + j - i < len(logits[h]) else math.nan

    return position_attention(logit, q, k, v, allowed, bias)


def synthesizer_dense(core, q, k, v, allowed, bias) -> Result:
    w1, b1 = core.hidden_weight.tolist(), core.hidden_bias.tolist()
    w2, b2 = core.position_weight.tolist(), core.position_bias.tolist()

    def logits(h, x):
        hidden = [max(0.0, dot_product(x, column) + b) for column, b in zip(columns(w1[h]), b1[h][0], strict=True)]
        return [dot_product(hidden, column) + b for column, b in zip(columns(w2[h]), b2[h][0], strict=True)]

    first = len(k[0][0]) - len(q[0][0])
    return position_attention(lambda b, h, i, j: logits(h, q[b][h][i - first])[j], q, k, v, allowed, bias)


def local(core, q, k, v, allowed, bias) -> Result:
    near = by_position(lambda b, h, i, j: abs(i - j) <= core.window // 2, q, k)[0][0]
    return scaled_dot(core, q, k, v, both(near, allowed), bias)


def dilated(core, q, k, v, allowed, bias) -> Result:
    steps = range(-(core.window // 2), core.window // 2 + 1)
    near = by_position(lambda b, h, i, j: any(j == i + n * core.dilation for n in steps), q, k)[0][0]
    return scaled_dot(core, q, k, v, both(near, allowed), bias)


def both(pattern, allowed):
    """What a pattern of pairs and each row's masks allow."""
    return [
        [[x and y for x, y in zip(*pair, strict=True)] for pair in zip(pattern, row, strict=True)] for row in allowed
    ]


def columns(matrix):
    return list(zip(*matrix, strict=True))


def by_position(function, q, k):
    """function(b, h, i, j) for all pairs of positions i and j; the last query stands where the last key does."""
    return [
        [
            [
                [function(b, h, i + len(k[b][h]) - len(q[b][h]), j) for j in range(len(k[b][h]))]
                for i in range(len(q[b][h]))
            ]
            for h in range(len(q[b]))
        ]
        for b in range(len(q))
    ]


def position_attention(logit, q, k, v, allowed, bias) -> Result:
    """Softmax over logit(b, h, i, j) + bias of positions i and j."""
    logits = by_position(logit, q, k)
    bias = [
        [
            [[x + y for x, y in zip(*rows, strict=True)] for rows in zip(*heads, strict=True)]
            for heads in zip(*row, strict=True)
        ]
        for row in zip(logits, bias, strict=True)
    ]
    return softmax_attention(lambda h, x, y: 0.0, q, k, v, allowed, bias)


def row_attention(weigh, q, k, v, allowed, bias) -> Result:
    """Weights that `weigh` gives a row of scaled dot products, {j: score} over its allowed keys, where it has any."""

    def row(b, h, i):
        scores = {
            j: dot_product(q[b][h][i], key) / math.sqrt(len(key)) + bias[b][h][i][j]
            for j, key in enumerate(k[b][h])
            if allowed[b][i][j]
        }
        weights = weigh(scores) if scores else {}
        return [weights.get(j, 0.0) for j in range(len(k[b][h]))]

    weights = [[[row(b, h, i) for i in range(len(q[b][h]))] for h in range(len(q[b]))] for b in range(len(q))]
    return weights, weighted_sums(weights, v)


def bisected(total, scores) -> float:
    """The threshold at which the decreasing `total` is one."""
    low, high = max(scores.values()) - 1, max(scores.values())
    for _ in range(100):
        middle = (low + high) / 2
        low, high = (middle, high) if total(middle) > 1 else (low, middle)
    return low
