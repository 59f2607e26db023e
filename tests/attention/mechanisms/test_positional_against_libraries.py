"""The mechanisms of references_positional.py against others' implementations of them, at lengths no loop would take."""

import warnings

import pytest
import torch
from mechanisms import FACTORIES
from timm.layers.diff_attention import DiffAttention

from attnlab.attention import MultiHeadAttention
from attnlab.attention.conformance.inputs import build_core, gradients

with warnings.catch_warnings():
    warnings.simplefilter("ignore", FutureWarning)  # it scripts functions at import, which torch advises against
    from x_transformers.attend import Attend
    from x_transformers.x_transformers import (
        AlibiPositionalBias,
        RelativePositionBias,
        RotaryEmbedding,
        apply_rotary_pos_emb,
    )

BATCH, HEADS, HEAD_DIM = 2, 4, 10
LENGTHS = [("self", 211, 211), ("causal", 211, 211), ("causal", 97, 211), ("causal", 1, 211)]
CLOSE = {"rtol": 0, "atol": 2e-6}  # theirs keep tables in float32
over_lengths = pytest.mark.parametrize("role, num_queries, num_keys", LENGTHS)


def build(name, role, **values):
    factory = FACTORIES[name].keywords["core"]
    return build_core(lambda **given: factory(**given, **values), role, num_heads=HEADS, head_dim=HEAD_DIM)


def qkv(num_queries, num_keys):
    generator = torch.Generator().manual_seed(0)
    return [
        torch.randn(BATCH, HEADS, length, HEAD_DIM, dtype=torch.float64, generator=generator).requires_grad_()
        for length in (num_queries, num_keys, num_keys)
    ]


def attended(role, q, k, v, bias=None, **talking):
    """Their scaled dot-product attention; it takes a causal mask only as one of its own, aligned bottom-right."""
    attend = Attend(causal=role == "causal", heads=HEADS, **talking).double()
    output, _ = attend(q, k, v, attn_bias=bias)
    return output


@over_lengths
@pytest.mark.parametrize("base", [10000.0, 7.0])
def test_rotary_equals_x_transformers(role, num_queries, num_keys, base):
    q, k, v = qkv(num_queries, num_keys)
    frequencies, _ = RotaryEmbedding(HEAD_DIM, base=base).double().forward_from_seq_len(num_keys)
    expected = attended(role, apply_rotary_pos_emb(q, frequencies), apply_rotary_pos_emb(k, frequencies), v)
    actual = build("rotary", role, base=base)(q, k, v)
    torch.testing.assert_close(actual, expected, rtol=0, atol=5e-5)  # their angles, up to 211, come from float32
    torch.testing.assert_close(gradients(actual, q, k, v), gradients(expected, q, k, v), rtol=0, atol=5e-5)


@over_lengths
def test_partial_rotary_equals_x_transformers(role, num_queries, num_keys):
    q, k, v = qkv(num_queries, num_keys)
    frequencies, _ = RotaryEmbedding(4).double().forward_from_seq_len(num_keys)  # theirs leave what lies beyond
    expected = attended(role, apply_rotary_pos_emb(q, frequencies), apply_rotary_pos_emb(k, frequencies), v)
    actual = build("partial_rotary", role, share=0.4)(q, k, v)
    torch.testing.assert_close(actual, expected, rtol=0, atol=5e-5)
    torch.testing.assert_close(gradients(actual, q, k, v), gradients(expected, q, k, v), rtol=0, atol=5e-5)


@over_lengths
def test_alibi_equals_x_transformers(role, num_queries, num_keys):
    q, k, v = qkv(num_queries, num_keys)
    bias = AlibiPositionalBias(HEADS).double()(num_queries, num_keys)
    torch.testing.assert_close(build("alibi", role)(q, k, v), attended(role, q, k, v, bias), **CLOSE)


@over_lengths
@pytest.mark.parametrize("num_buckets, max_distance", [(32, 128), (20, 41), (4, 3)])
def test_t5_bias_equals_x_transformers(role, num_queries, num_keys, num_buckets, max_distance):
    q, k, v = qkv(num_queries, num_keys)
    core = build("t5_bias", role, num_buckets=num_buckets, max_distance=max_distance)
    theirs = RelativePositionBias(1.0, role == "causal", num_buckets, max_distance, HEADS).double()
    with torch.no_grad():
        # Theirs begin with what is at the same place and the past, too, and go on with what comes later.
        theirs.relative_attention_bias.weight.copy_(core.bucket_bias.T)
    expected = attended(role, q, k, v, theirs(num_queries, num_keys))
    actual = core(q, k, v)
    torch.testing.assert_close(actual, expected, **CLOSE)
    (ours,), (other,) = gradients(actual, core.bucket_bias), gradients(expected, theirs.relative_attention_bias.weight)
    torch.testing.assert_close(ours, other.T, rtol=0, atol=2e-5)


@over_lengths
def test_talking_heads_equal_x_transformers(role, num_queries, num_keys):
    q, k, v = qkv(num_queries, num_keys)
    core = build("talking_heads", role)
    attend = Attend(causal=role == "causal", heads=HEADS, pre_talking_heads=True, post_talking_heads=True).double()
    with torch.no_grad():
        # Theirs adds the mixed logits to the logits.
        unmixed = core.logit_mix - torch.eye(HEADS)
        attend.pre_softmax_talking_heads.weight.copy_(unmixed[:, :, None, None])
        attend.post_softmax_talking_heads.weight.copy_(core.weight_mix[:, :, None, None])
    bias = torch.randn(HEADS, num_queries, num_keys, dtype=torch.float64, generator=torch.Generator().manual_seed(3))
    expected, _ = attend(q, k, v, attn_bias=bias)
    torch.testing.assert_close(core(q, k, v, bias=bias), expected, **CLOSE)


@pytest.mark.parametrize("role", ["self", "causal"])
def test_differential_equals_timm(role):
    dim, length = HEADS * HEAD_DIM, 61
    torch.manual_seed(0)
    theirs = DiffAttention(dim, num_heads=HEADS, qkv_bias=True).double().eval()
    theirs.lambda_init = 0.8  # ours is the same at every depth
    ours: MultiHeadAttention = FACTORIES["differential"](dim, num_heads=HEADS, role=role, max_length=length)
    ours = ours.double().eval()
    with torch.no_grad():
        theirs.sub_norm.weight.normal_()
        for name, part in zip(("query", "key", "value"), (0, 1, 2), strict=True):
            projection = getattr(ours, f"{name}_projection")
            projection.weight.copy_(theirs.qkv.weight.chunk(3)[part])
            projection.bias.copy_(theirs.qkv.bias.chunk(3)[part])
        ours.output_projection.load_state_dict(theirs.proj.state_dict())
        ours.core.gain.copy_(theirs.sub_norm.weight)
        ours.core.lambda_query.copy_(torch.stack([theirs.lambda_q1, theirs.lambda_q2]))
        ours.core.lambda_key.copy_(torch.stack([theirs.lambda_k1, theirs.lambda_k2]))
    x = torch.randn(BATCH, length, dim, dtype=torch.float64)
    torch.testing.assert_close(ours(x), theirs(x, is_causal=role == "causal"), **CLOSE)
