"""Siblings of the shell in plain Python loops, likewise: the heads of q, k and v in a row are what they project.

They take a `SiblingAsCore`, for the sibling in it, and give output[b][h][i] as slices of its outputs.
"""

from references import Result, dot_product, scaled_dot


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


VARIANTS = [("latent", {"latent_dim": 1}), ("latent", {"latent_dim": 41})]  # narrow, and wider than what it is made of
