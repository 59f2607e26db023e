"""References in loops, as in references.py, of sparse, linear-time and content-free mechanisms."""

import itertools
import math

from references import Result, dot_product, normalised, scaled_dot, softmax_attention, weighted_sums

NO_COMMON_POSITIONS = "needs queries and keys that share one line of positions, got role cross"
REFUSALS: dict[tuple[str, str], str] = {
    **{
        (name, "cross"): f"{name} attention {NO_COMMON_POSITIONS}"
        for name in (
            "identity",
            "position_only",
            "synthesizer_random",
            "local",
            "dilated",
            "block_sparse",
        )
    },
    **{
        ("nystrom", role): "nystrom attention makes each query depend on all others through its landmarks, "
        f"got role {role}"
        for role in ("causal", "cross")
    },
    ("linformer", "causal"): "linformer attention mixes keys over all positions, later ones too, got role causal",
    ("linformer", "cross"): "linformer attention is defined for a sequence that attends itself, got role cross",
}

VARIANTS: list[tuple[str, dict[str, int]]] = [
    ("local", {"window": 3}),
    ("local", {"window": 101}),
    ("dilated", {"window": 3, "dilation": 1}),
    ("dilated", {"window": 3, "dilation": 3}),
    ("dilated", {"window": 5, "dilation": 5}),
    ("performer", {"num_features": 3}),
    ("block_sparse", {"block_size": 1, "num_window_blocks": 1, "num_global_blocks": 1, "num_random_blocks": 2}),
    ("block_sparse", {"block_size": 2, "num_window_blocks": 1, "num_global_blocks": 0, "num_random_blocks": 1}),
    ("block_sparse", {"block_size": 2, "num_window_blocks": 3, "num_global_blocks": 2, "num_random_blocks": 0}),
    ("linformer", {"rank": 3}),
    ("nystrom", {"num_landmarks": 1}),
    ("nystrom", {"num_landmarks": 3, "num_iterations": 2}),
]


def sigmoid(core, q, k, v, allowed, bias) -> Result:
    def gates(scores):
        return {j: 1 / (1 + len(scores) * math.exp(-score)) for j, score in scores.items()}

    return row_attention(gates, q, k, v, allowed, bias)


def off_by_one(core, q, k, v, allowed, bias) -> Result:
    def shares(scores):
        total = 1 + sum(math.exp(score) for score in scores.values())
        return {j: math.exp(score) / total for j, score in scores.items()}

    return row_attention(shares, q, k, v, allowed, bias)


def sink(core, q, k, v, allowed, bias) -> Result:
    """By a softmax over one key more, whose value is nothing; a head at a time, as each has a logit of its own."""
    weights, output = [[] for _ in q], [[] for _ in q]
    for h, logit in enumerate(core.logit.flatten().tolist()):

        def shares(scores, logit=logit):
            row = normalised([math.exp(logit), *(math.exp(score) for score in scores.values())])
            return dict(zip(scores, row[1:], strict=True))

        of_head = [[x[h]] for x in q], [[x[h]] for x in k], [[x[h]] for x in v]
        found, summed = row_attention(shares, *of_head, allowed, [[x[h]] for x in bias])
        for b in range(len(q)):
            weights[b] += found[b]
            output[b] += summed[b]
    return weights, output


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
    rows = len(logits[0])  # one in the role cross
    return position_attention(lambda b, h, i, j: logits[h][i % rows][j], q, k, v, allowed, bias)


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


def linear(core, q, k, v, allowed, bias) -> Result:
    def features(x):
        return [a + 1 if a > 0 else math.exp(a) for a in x]

    return softmax_attention(lambda h, x, y: math.log(dot_product(features(x), features(y))), q, k, v, allowed, bias)


def performer(core, q, k, v, allowed, bias) -> Result:
    directions = core.directions.tolist()

    def features(h, x):
        x = [a / len(x) ** 0.25 for a in x]
        return [math.exp(dot_product(direction, x) - dot_product(x, x) / 2) for direction in directions[h]]

    def score(h, x, y):
        return math.log(dot_product(features(h, x), features(h, y)))

    return softmax_attention(score, q, k, v, allowed, bias)


def block_sparse(core, q, k, v, allowed, bias) -> Result:
    drawn = core.random_blocks.tolist()

    def seen(b, h, i, j):
        m, n = i // core.block_size, j // core.block_size
        sees_all = m < core.num_global_blocks and not core.causal
        return abs(m - n) <= core.radius or n < core.num_global_blocks or sees_all or n in drawn[m]

    return scaled_dot(core, q, k, v, both(by_position(seen, q, k)[0][0], allowed), bias)


def linformer(core, q, k, v, allowed, bias) -> Result:
    key_mixing, value_mixing = core.key_mixing.tolist(), core.value_mixing.tolist()

    def row(b, h, i):
        there = [j for j in range(len(k[b][h])) if allowed[b][i][j]]
        mixed_keys = [[sum(e[j] * k[b][h][j][d] for j in there) for d in range(len(q[b][h][i]))] for e in key_mixing]
        weights = normalised([math.exp(dot_product(q[b][h][i], key) / math.sqrt(len(key))) for key in mixed_keys])
        return [
            sum(w * f[j] for w, f in zip(weights, value_mixing, strict=True)) if j in there else 0.0
            for j in range(len(k[b][h]))
        ]

    weights = [[[row(b, h, i) for i in range(len(q[b][h]))] for h in range(len(q[b]))] for b in range(len(q))]
    return weights, weighted_sums(weights, v)


def nystrom(core, q, k, v, allowed, bias) -> Result:
    def soft(rows, columns):
        return [normalised([math.exp(dot_product(x, y) / math.sqrt(len(x))) for y in columns]) for x in rows]

    def head(b, h):
        there = [j for j in range(len(k[b][h])) if allowed[b][0][j]]
        bounds = [-(-len(there) * m // core.num_landmarks) for m in range(core.num_landmarks + 1)]
        segments = [there[start:end] for start, end in itertools.pairwise(bounds) if start < end]
        landmark_q, landmark_k = ([mean([x[j] for j in segment]) for segment in segments] for x in (q[b][h], k[b][h]))
        between = soft(landmark_q, landmark_k)
        norm = max(sum(column) for column in columns(between)) * max(sum(row) for row in between)
        inverse = [[x / norm for x in column] for column in columns(between)]
        for _ in range(core.num_iterations):
            product = matrix_product(between, inverse)
            inner = matrix_product(product, minus(7, product))
            inner = matrix_product(product, minus(15, inner))
            inverse = [[x / 4 for x in row] for row in matrix_product(inverse, minus(13, inner))]
        from_landmarks = soft(landmark_q, [k[b][h][j] for j in there])
        rows = matrix_product(soft(q[b][h], landmark_k), matrix_product(inverse, from_landmarks))
        return [[row[there.index(j)] if j in there else 0.0 for j in range(len(k[b][h]))] for row in rows]

    weights = [[head(b, h) for h in range(len(q[b]))] for b in range(len(q))]
    return weights, weighted_sums(weights, v)


def mean(vectors):
    return [sum(column) / len(vectors) for column in columns(vectors)]


def matrix_product(x, y):
    return [[dot_product(row, column) for column in columns(y)] for row in x]


def minus(number, matrix):
    """number * I - matrix."""
    return [[(number if i == j else 0) - x for j, x in enumerate(row)] for i, row in enumerate(matrix)]


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
