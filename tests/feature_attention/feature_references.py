"""Every mechanism once more, in plain Python loops over floats, to hold the fast ones against.

Each function bears the name of its YAML file and takes the mechanism, for its parameters, and one image as nested
lists, x[c][i][j]. It returns the output likewise, and the weights: w[c], w[0][i][j] or w[c][i][j], or None where there
are none to see. Nothing here comes from attnlab, so that an error there isn't repeated.
"""

import math
from typing import Any

Result = tuple[Any, Any]

# What each shows of its weights and what of its input may be reordered; a mechanism that changes has to say so here.
PROPERTIES = {
    "axial": (None, "lines"),
    "bam": ("both", None),
    "cbam": ("both", None),
    "coordinate": ("both", "lines"),
    "eca": ("channels", "positions"),
    "global_context": ("positions", "positions"),
    "non_local": (None, "positions"),
    "none": (None, "positions"),
    "se": ("channels", "positions"),
    "simam": ("both", "positions"),
    "spatial_softmax": ("positions", "positions"),
    "triplet": ("both", None),
    "wider": (None, "positions"),
}


def none(mechanism, x) -> Result:
    return x, None


def se(mechanism, x) -> Result:
    first, _, second, _ = mechanism.network
    weights = [sigmoid(s) for s in linear(second, relu(linear(first, channel_means(x))))]
    return [[[w * value for value in row] for row in plane] for w, plane in zip(weights, x, strict=True)], weights


def eca(mechanism, x) -> Result:
    (kernel,) = mechanism.convolution.weight.tolist()[0]
    means, centre = channel_means(x), len(kernel) // 2
    weights = [
        sigmoid(sum(kernel[t] * at(means, c + t - centre) for t in range(len(kernel)))) for c in range(len(means))
    ]
    return [[[w * value for value in row] for row in plane] for w, plane in zip(weights, x, strict=True)], weights


def cbam(mechanism, x) -> Result:
    first, _, second = mechanism.network
    by_mean = linear(second, relu(linear(first, channel_means(x))))
    by_max = linear(second, relu(linear(first, [max(max(row) for row in plane) for plane in x])))
    channel = [sigmoid(a + b) for a, b in zip(by_mean, by_max, strict=True)]
    refined = [[[w * value for value in row] for row in plane] for w, plane in zip(channel, x, strict=True)]
    spatial = pooled_gate(
        mechanism.spatial_gate, lambda i, j: [plane[i][j] for plane in refined], len(x[0]), len(x[0][0])
    )
    output = each(x, lambda c, i, j: spatial[i][j] * refined[c][i][j])
    return output, each(x, lambda c, i, j: channel[c] * spatial[i][j])


def bam(mechanism, x) -> Result:
    first, _, second, norm = mechanism.channel_branch
    channel = [normalised(norm, c, s) for c, s in enumerate(linear(second, relu(linear(first, channel_means(x)))))]
    reduce, _, third, _, fourth, _, last, spatial_norm = mechanism.spatial_branch
    hidden = convolution(reduce, x)
    for layer in (third, fourth):
        hidden = convolution(layer, each(hidden, lambda c, i, j, h=hidden: max(0.0, h[c][i][j])))
    (spatial,) = convolution(last, each(hidden, lambda c, i, j: max(0.0, hidden[c][i][j])))
    weights = each(x, lambda c, i, j: sigmoid(channel[c] + normalised(spatial_norm, 0, spatial[i][j])))
    return each(x, lambda c, i, j: x[c][i][j] * (1 + weights[c][i][j])), weights


def coordinate(mechanism, x) -> Result:
    layer, norm, _ = mechanism.reduce

    def gates(means: list[float], last) -> list[float]:
        hidden = [normalised(norm, c, s) for c, s in enumerate(linear(layer, means))]
        return [sigmoid(s) for s in linear(last, [h * min(6.0, max(0.0, h + 3)) / 6 for h in hidden])]

    height, width = len(x[0]), len(x[0][0])
    rows = [gates([mean(plane[i]) for plane in x], mechanism.row_gate) for i in range(height)]
    columns = [gates([mean([row[j] for row in plane]) for plane in x], mechanism.column_gate) for j in range(width)]
    weights = each(x, lambda c, i, j: rows[i][c] * columns[j][c])
    return each(x, lambda c, i, j: x[c][i][j] * weights[c][i][j]), weights


def simam(mechanism, x) -> Result:
    size = len(x[0]) * len(x[0][0])
    means = channel_means(x)
    variances = [
        sum((value - m) ** 2 for row in plane for value in row) / max(1, size - 1)
        for m, plane in zip(means, x, strict=True)
    ]

    def weight(c: int, i: int, j: int) -> float:
        # The inverse of the least energy, as the paper has it; the code of its authors simplifies it.
        energy = 4 * (variances[c] + 1e-4) / ((x[c][i][j] - means[c]) ** 2 + 2 * variances[c] + 2e-4)
        return sigmoid(1 / energy)

    weights = each(x, weight)
    return each(x, lambda c, i, j: x[c][i][j] * weights[c][i][j]), weights


def triplet(mechanism, x) -> Result:
    channels, height, width = len(x), len(x[0]), len(x[0][0])
    over_hw = pooled_gate(mechanism.height_width, lambda i, j: [x[c][i][j] for c in range(channels)], height, width)
    over_cw = pooled_gate(mechanism.channel_width, lambda c, j: [x[c][i][j] for i in range(height)], channels, width)
    over_ch = pooled_gate(mechanism.channel_height, lambda c, i: [x[c][i][j] for j in range(width)], channels, height)
    output = each(x, lambda c, i, j: (x[c][i][j] * (over_hw[i][j] + over_cw[c][j] + over_ch[c][i])) / 3)
    return output, each(x, lambda c, i, j: (over_hw[i][j] + over_cw[c][j] + over_ch[c][i]) / 3)


def global_context(mechanism, x) -> Result:
    weights = softmax_over_positions(mechanism.score, x)
    context = [
        sum(weights[0][i][j] * value for i, row in enumerate(plane) for j, value in enumerate(row)) for plane in x
    ]
    first, norm, _, second = mechanism.network
    hidden = linear(first, context)
    centre = mean(hidden)
    spread = math.sqrt(mean([(h - centre) ** 2 for h in hidden]) + norm.eps)
    scale, shift = norm.weight.tolist(), norm.bias.tolist()
    hidden = [(h - centre) / spread * a + b for h, a, b in zip(hidden, scale, shift, strict=True)]
    added = linear(second, relu(hidden))
    return each(x, lambda c, i, j: x[c][i][j] + added[c]), weights


def spatial_softmax(mechanism, x) -> Result:
    size = len(x[0]) * len(x[0][0])
    weights = [[[size * w for w in row] for row in softmax_over_positions(mechanism.score, x)[0]]]
    return each(x, lambda c, i, j: x[c][i][j] * weights[0][i][j]), weights


def non_local(mechanism, x) -> Result:
    height, width = len(x[0]), len(x[0][0])
    places = [(i, j) for i in range(height) for j in range(width)]
    attended = self_attention(mechanism.attention, [[plane[i][j] for plane in x] for i, j in places])
    gain = mechanism.gain.item()
    return each(x, lambda c, i, j: x[c][i][j] + gain * attended[places.index((i, j))][c]), None


def axial(mechanism, x) -> Result:
    height, width = len(x[0]), len(x[0][0])
    rows = [
        self_attention(mechanism.row_attention, [[plane[i][j] for plane in x] for j in range(width)])
        for i in range(height)
    ]
    gain = mechanism.row_gain.item()
    y = each(x, lambda c, i, j: x[c][i][j] + gain * rows[i][j][c])
    columns = [
        self_attention(mechanism.column_attention, [[plane[i][j] for plane in y] for i in range(height)])
        for j in range(width)
    ]
    gain = mechanism.column_gain.item()
    return each(y, lambda c, i, j: y[c][i][j] + gain * columns[j][i][c]), None


def self_attention(attention, sequence: list[list[float]]) -> list[list[float]]:
    """Scaled dot-product attention of one head over vectors, with its projections."""
    queries, keys, values = (
        [linear(projection, vector) for vector in sequence]
        for projection in (attention.query_projection, attention.key_projection, attention.value_projection)
    )
    gathered = []
    for query in queries:
        weights = softmax([dot_product(query, key) / math.sqrt(len(query)) for key in keys])
        mixed = [sum(w * value[c] for w, value in zip(weights, values, strict=True)) for c in range(len(query))]
        gathered.append(linear(attention.output_projection, mixed))
    return gathered


def pooled_gate(gate, line, height: int, width: int) -> list[list[float]]:
    """What opens each place of a plane, of which `line(i, j)` are the values along the axis pooled away."""
    planes = [
        [[pool(line(i, j)) for j in range(width)] for i in range(height)] for pool in (mean, max)
    ]  # in the order of the kernel's two planes
    (scores,) = convolution(gate.convolution, planes)
    return [[sigmoid(normalised(gate.norm, 0, score)) for score in row] for row in scores]


def softmax_over_positions(score, x):
    (vector,) = score.weight.flatten(1).tolist()
    height, width = len(x[0]), len(x[0][0])
    flat = softmax([dot_product(vector, [plane[i][j] for plane in x]) for i in range(height) for j in range(width)])
    return [[[flat[i * width + j] for j in range(width)] for i in range(height)]]


def convolution(layer, x):
    """A convolution that keeps height and width, by way of zeros around the map."""
    kernel, (dilation, _) = layer.weight.tolist(), layer.dilation
    bias = [0.0] * len(kernel) if layer.bias is None else layer.bias.tolist()
    height, width, size = len(x[0]), len(x[0][0]), len(kernel[0][0])
    offsets = [dilation * (t - size // 2) for t in range(size)]

    def value(k: int, i: int, j: int) -> float:
        total = bias[k]
        for c, plane in enumerate(x):
            for a, down in enumerate(offsets):
                for b, right in enumerate(offsets):
                    if 0 <= i + down < height and 0 <= j + right < width:
                        total += kernel[k][c][a][b] * plane[i + down][j + right]
        return total

    return [[[value(k, i, j) for j in range(width)] for i in range(height)] for k in range(len(kernel))]


def linear(layer, vector: list[float]) -> list[float]:
    """A linear layer, or a convolution of one place, which is the same."""
    matrix = layer.weight.flatten(1).tolist()
    bias = [0.0] * len(matrix) if layer.bias is None else layer.bias.tolist()
    return [dot_product(row, vector) + b for row, b in zip(matrix, bias, strict=True)]


def normalised(norm, c: int, value: float) -> float:
    """Batch normalisation of a value of channel c, by the statistics of training."""
    deviation = math.sqrt(norm.running_var[c].item() + norm.eps)
    return (value - norm.running_mean[c].item()) / deviation * norm.weight[c].item() + norm.bias[c].item()


def each(x, function):
    """function(c, i, j) for every place of a map."""
    return [[[function(c, i, j) for j in range(len(row))] for i, row in enumerate(plane)] for c, plane in enumerate(x)]


def channel_means(x) -> list[float]:
    return [mean([value for row in plane for value in row]) for plane in x]


def softmax(scores: list[float]) -> list[float]:
    exponentials = [math.exp(score - max(scores)) for score in scores]
    return [value / sum(exponentials) for value in exponentials]


def at(values: list[float], index: int) -> float:
    return values[index] if 0 <= index < len(values) else 0.0


def mean(values: list[float]) -> float:
    return sum(values) / len(values)


def relu(values: list[float]) -> list[float]:
    return [max(0.0, value) for value in values]


def sigmoid(value: float) -> float:
    return 1 / (1 + math.exp(-value))


def dot_product(x: list[float], y: list[float]) -> float:
    return sum(a * b for a, b in zip(x, y, strict=True))


def wider(mechanism, x) -> Result:
    first, _, second = mechanism.network
    hidden = convolution(first, x)
    added = convolution(second, each(hidden, lambda c, i, j: max(0.0, hidden[c][i][j])))
    return each(x, lambda c, i, j: x[c][i][j] + added[c][i][j]), None
