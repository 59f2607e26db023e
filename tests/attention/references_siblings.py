"""Siblings of the shell in plain Python loops, likewise: the heads of q, k and v in a row are what they project.

They take a `SiblingAsCore`, for the sibling in it, and give output[b][h][i] as slices of its outputs.
"""

import math

from references import Result, dot_product, scaled_dot
from references_positional import NO_COMMON_POSITIONS, turning


def latent(core, q, k, v, allowed, bias) -> Result:
    heads, compression = core.attention.heads, core.attention.compression.weight.tolist()

    def compressed(x):
        return [[[dot_product(row, place) for row in compression] for place in sequence] for sequence in in_a_row(x)]

    projected = [
        split(projection(linear, sequences), len(q[0]))
        for linear, sequences in (
            (heads.query_projection, in_a_row(q)),
            (heads.key_projection, compressed(k)),
            (heads.value_projection, compressed(v)),
        )
    ]
    weights, output = scaled_dot(None, *projected, allowed, bias)
    return weights, split(projection(heads.output_projection, in_a_row(output)), len(q[0]))


def latent_rotary(core, q, k, v, allowed, bias) -> Result:
    attention, num_heads = core.attention, len(q[0])
    base = attention.core.base

    def normed(linear, gain, sequences):
        """Vectors compressed, then of a root mean square of one."""
        rows, gains = linear.weight.tolist(), gain.tolist()
        narrow = [[[dot_product(row, place) for row in rows] for place in sequence] for sequence in sequences]
        return [
            [
                [g * a / math.sqrt(dot_product(c, c) / len(c) + 1e-6) for g, a in zip(gains, c, strict=True)]
                for c in sequence
            ]
            for sequence in narrow
        ]

    places = in_a_row(q)
    if attention.query_compression is not None:
        places = normed(attention.query_compression, attention.query_latent_gain, places)
    queries = split(projection(attention.query_projection, places), num_heads)
    contents, values = (
        split(projection(linear, normed(attention.compression, attention.latent_gain, in_a_row(x))), num_heads)
        for linear, x in ((attention.key_projection, k), (attention.value_projection, v))
    )
    rows = attention.rotary_key_projection.weight.tolist()
    shared = [[[dot_product(row, place) for row in rows] for place in sequence] for sequence in in_a_row(k)]
    keys = [
        [[turns + content for turns, content in zip(shared[b], contents[b][h], strict=True)] for h in range(num_heads)]
        for b in range(len(k))
    ]
    weights, output = turning(len(rows), base, queries, keys, values, allowed, bias)
    return weights, split(projection(attention.output_projection, in_a_row(output)), num_heads)


def projection(linear, sequences):
    rows, bias = linear.weight.tolist(), linear.bias.tolist()
    return [
        [[dot_product(row, place) + b for row, b in zip(rows, bias, strict=True)] for place in sequence]
        for sequence in sequences
    ]


def in_a_row(heads):
    """x[b][h][i] of width Dh as [b][i] of width H Dh."""
    return [[[number for head in batch for number in head[i]] for i in range(len(batch[0]))] for batch in heads]


def split(sequences, num_heads):
    """The other way round."""
    width = len(sequences[0][0]) // num_heads
    return [
        [[place[h * width : (h + 1) * width] for place in sequence] for h in range(num_heads)] for sequence in sequences
    ]


VARIANTS = [
    ("latent", {"latent_dim": 1}),  # narrow, and wider than what it is made of
    ("latent", {"latent_dim": 41}),
    ("latent_rotary", {"latent_dim": 3, "rotary_dim": 6, "query_latent_dim": 5, "base": 7.0}),
]
REFUSALS = {("latent_rotary", "cross"): f"latent_rotary attention {NO_COMMON_POSITIONS}"}
