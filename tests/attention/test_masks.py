"""Masks, the softmax under them, and the fused kernel under them."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from attnlab.attention import all_of, allowed_mask, causal_mask, masked_softmax
from attnlab.attention.parts.fused import fused_attention

pytestmark = pytest.mark.text


def test_causal_mask_is_aligned_to_the_last_query():
    assert causal_mask(2, 3).tolist() == [[True, True, False], [True, True, True]]
    assert causal_mask(3, 2).tolist() == [[False, False], [True, False], [True, True]]


def test_all_of_no_masks_allows_everything():
    assert all_of(None, None) is None
    assert all_of(torch.tensor([True, False]), None, torch.tensor([[True], [False]])).tolist() == [
        [True, False],
        [False, False],
    ]


def test_allowed_mask_broadcasts_to_pairs():
    q, k = torch.zeros(2, 3, 5, 11), torch.zeros(2, 3, 7, 11)
    key_mask = torch.rand(2, 7, generator=torch.Generator().manual_seed(0)) < 0.5
    assert allowed_mask(q, k, causal=False, key_mask=None) is None
    assert allowed_mask(q, k, causal=True, key_mask=key_mask).shape == (2, 1, 5, 7)
    assert allowed_mask(q, k, causal=False, key_mask=key_mask).shape == (2, 1, 1, 7)
    # One step of cached decoding sees every key.
    assert allowed_mask(q[:, :, :1], k, causal=True, key_mask=None) is None


@pytest.mark.parametrize("dtype", [torch.float32, torch.int64])
def test_key_mask_of_another_type_is_refused(dtype):
    q = torch.zeros(2, 3, 5, 11)
    with pytest.raises(ValueError, match=f"key_mask must be bool, True where a key may be attended, got {dtype}"):
        allowed_mask(q, q, causal=False, key_mask=torch.ones(2, 5, dtype=dtype))


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32, torch.bfloat16, torch.float16])
def test_masked_softmax_gives_zeros_and_never_nan(dtype):
    scores = torch.randn(3, 5, dtype=dtype, requires_grad=True)
    allowed = torch.ones(3, 5, dtype=torch.bool)
    allowed[0] = False
    allowed[1, 2:] = False
    weights = masked_softmax(scores, allowed)
    assert weights.dtype == dtype
    assert (weights[~allowed] == 0).all()
    torch.testing.assert_close(weights[1, :2], scores[1, :2].softmax(-1))
    torch.testing.assert_close(weights[2], scores[2].softmax(-1))
    (weights * torch.arange(5)).sum().backward()
    assert scores.grad.isfinite().all()
    assert (scores.grad[0] == 0).all()


def test_masked_softmax_survives_scores_as_large_as_the_type_holds():
    scores = torch.tensor([[-1e38, -2e38, 3e38]])
    assert masked_softmax(scores, torch.tensor([[True, True, False]])).tolist() == [[1.0, 0.0, 0.0]]


@pytest.mark.parametrize("lengths", [(5, 5), (5, 7), (7, 5), (1, 7)], ids=str)
@pytest.mark.parametrize("causal", [False, True])
@pytest.mark.parametrize("masked", [False, True])
@pytest.mark.parametrize(
    "bias_shape", [None, (2, 3, "q", "k"), (1, 3, "q", "k"), (3, "q", "k"), (2, 1, 1, "k")], ids=str
)
def test_fused_attention_is_masked_softmax(lengths, causal, masked, bias_shape):
    num_queries, num_keys = lengths
    generator = torch.Generator().manual_seed(0)

    def normal(*shape):
        return torch.randn(*shape, dtype=torch.float64, generator=generator).requires_grad_()

    q, k, v = normal(2, 3, num_queries, 11), normal(2, 3, num_keys, 11), normal(2, 3, num_keys, 11)
    inputs = [q, k, v]
    key_mask, bias = None, None
    if masked:
        key_mask = torch.ones(2, num_keys, dtype=torch.bool)
        key_mask[0] = False
        key_mask[1, 2] = False
    if bias_shape is not None:
        bias = normal(*({"q": num_queries, "k": num_keys}.get(size, size) for size in bias_shape))
        inputs.append(bias)

    masks = {"causal": causal, "key_mask": key_mask}
    fused = fused_attention(q, k, v, scale=0.3, bias=bias, dropout=0.0, **masks)
    explicit = masked_softmax(0.3 * q @ k.mT, allowed_mask(q, k, **masks), bias) @ v
    torch.testing.assert_close(fused, explicit)
    if masked:
        assert (fused[0] == 0).all()
    projection = normal(*fused.shape).detach()
    torch.testing.assert_close(
        torch.autograd.grad(fused, inputs, projection), torch.autograd.grad(explicit, inputs, projection)
    )


@settings(max_examples=30, deadline=None)
@given(num_queries=st.integers(1, 7), num_keys=st.integers(1, 7), causal=st.booleans(), seed=st.integers(0, 99))
def test_weights_lie_where_they_may_and_sum_to_one_or_none(num_queries, num_keys, causal, seed):
    generator = torch.Generator().manual_seed(seed)
    q, k = torch.zeros(2, 3, num_queries, 5), torch.zeros(2, 3, num_keys, 5)
    key_mask = torch.rand(2, num_keys, generator=generator) < 0.6
    allowed = allowed_mask(q, k, causal=causal, key_mask=key_mask).expand(2, 3, num_queries, num_keys)
    for query in range(num_queries):
        reach = num_keys - num_queries + query if causal else num_keys - 1
        for key in range(num_keys):
            assert torch.equal(allowed[:, 0, query, key], key_mask[:, key] & (key <= reach))
    scores = 20 * torch.randn(2, 3, num_queries, num_keys, generator=generator, dtype=torch.float64)
    weights = masked_softmax(scores, allowed)
    assert (weights[~allowed] == 0).all()
    torch.testing.assert_close(weights.sum(-1), allowed.any(-1).double())
    # What may not be attended to changes nothing.
    assert torch.equal(masked_softmax(scores.masked_fill(~allowed, 3e5), allowed), weights)
