"""Mechanisms against others' implementations of them: values and gradients."""

import entmax
import pytest
import torch

from attnlab.attention import (
    Entmax15Attention,
    GatedElementwiseAttention,
    GatedHeadwiseAttention,
    HardAttention,
    MultiHeadAttention,
    OffByOneAttention,
    QkNormAttention,
    SinkAttention,
    SparsemaxAttention,
)
from attnlab.attention.conformance.inputs import build_core, gradients, qkv
from attnlab.attention.mechanisms.entmax15 import entmax15
from attnlab.attention.mechanisms.sparsemax import sparsemax

ROLES_AND_LENGTHS = [("self", 7, 7), ("causal", 7, 7), ("cross", 5, 7)]
FLOAT32 = {"rtol": 0, "atol": 2e-6}  # in which their softmax is
PROJECTIONS = [(sparsemax, 1, entmax.sparsemax), (entmax15, 2, entmax.entmax15)]


@pytest.mark.parametrize("ours, unit, theirs", PROJECTIONS, ids=["sparsemax", "entmax15"])
@pytest.mark.parametrize("dtype, tolerance", [(torch.float64, 1e-12), (torch.float32, 2e-6)], ids=str)
@pytest.mark.parametrize("spread", [0.01, 1.0, 30.0])
def test_projection_equals_the_entmax_library_forward_and_backward(ours, unit, theirs, dtype, tolerance, spread):
    generator = torch.Generator().manual_seed(0)
    scores = torch.randn(23, 37, dtype=torch.float64, generator=generator).mul(spread).to(dtype).requires_grad_()
    actual, expected = ours((scores - scores.detach().amax(-1, keepdim=True)) / unit), theirs(scores, dim=-1)
    torch.testing.assert_close(actual, expected, rtol=0, atol=tolerance)
    (gradient,), (expected_gradient,) = gradients(actual, scores), gradients(expected, scores)
    torch.testing.assert_close(gradient, expected_gradient, rtol=0, atol=10 * tolerance)
    sizes = (actual > 0).sum(-1)
    assert sizes.min() == 1 if spread == 30 else sizes.max() == 37 if spread == 0.01 else 1 < sizes.float().mean() < 37


@pytest.mark.parametrize("ours, unit, theirs", PROJECTIONS, ids=["sparsemax", "entmax15"])
@pytest.mark.parametrize("row", [[0.0], [2.0, 2.0, 2.0], [1.0, 1.0, 0.0], [5.0, -5.0, 5.0]], ids=str)
def test_projection_of_ties_and_single_scores(ours, unit, theirs, row):
    scores = torch.tensor([row], dtype=torch.float64)
    actual = ours((scores - scores.amax()) / unit)
    torch.testing.assert_close(actual, theirs(scores, dim=-1), rtol=0, atol=1e-12)


@pytest.mark.parametrize(
    "core_class, theirs", [(SparsemaxAttention, entmax.sparsemax), (Entmax15Attention, entmax.entmax15)]
)
@pytest.mark.parametrize("role, num_queries, num_keys", ROLES_AND_LENGTHS)
def test_sparse_mechanism_equals_the_entmax_library(core_class, theirs, role, num_queries, num_keys):
    core, (q, k, v) = build_core(core_class, role), qkv(num_queries, num_keys)
    key_mask = torch.arange(num_keys).expand(2, -1) < torch.tensor([[num_keys], [num_keys - 2]])
    allowed = key_mask[:, None, None, :]
    if role == "causal":
        allowed = allowed & torch.ones(num_queries, num_keys, dtype=torch.bool).tril()
    scores = 3 * q @ k.mT / q.size(-1) ** 0.5
    weights = core.weights(3 * q, k, key_mask=key_mask)
    expected = theirs(scores.masked_fill(~allowed, -1e4), dim=-1)
    torch.testing.assert_close(weights, expected, rtol=0, atol=1e-11)
    assert (weights[allowed.expand_as(weights)] == 0).any(), "these scores don't show that it is sparse"
    torch.testing.assert_close(
        gradients(core(3 * q, k, v, key_mask=key_mask), q, k, v), gradients(expected @ v, q, k, v)
    )


@pytest.mark.filterwarnings("ignore:`torch.jit.script` is deprecated:FutureWarning")  # when it is imported
@pytest.mark.parametrize("role, num_queries, num_keys", ROLES_AND_LENGTHS)
def test_hard_equals_x_transformers_straight_through(role, num_queries, num_keys):
    from x_transformers.attend import Attend

    core, (q, k, v) = build_core(HardAttention, role), qkv(num_queries, num_keys)
    expected = Attend(heads=q.size(1), causal=role == "causal", hard=True).double()(q, k, v)[0]
    actual = core(q, k, v)
    torch.testing.assert_close(actual, expected)
    torch.testing.assert_close(gradients(actual, q, k, v), gradients(expected, q, k, v))


@pytest.mark.filterwarnings("ignore:`torch.jit.script` is deprecated:FutureWarning")  # when it is imported
@pytest.mark.parametrize(
    "core_class, theirs", [(SinkAttention, "head_learned_sink"), (OffByOneAttention, "add_zero_kv")]
)
@pytest.mark.parametrize("role, num_queries, num_keys", ROLES_AND_LENGTHS)
def test_a_softmax_with_a_logit_more_equals_x_transformers(core_class, theirs, role, num_queries, num_keys):
    from x_transformers.attend import Attend

    core, (q, k, v) = build_core(core_class, role), qkv(num_queries, num_keys)
    attend = Attend(heads=q.size(1), causal=role == "causal", **{theirs: True}).double()
    if attend.head_attn_sink is not None:
        attend.head_attn_sink.data.copy_(core.logit.flatten())
    expected, actual = attend(q, k, v)[0], core(q, k, v)
    torch.testing.assert_close(actual, expected, **FLOAT32)
    torch.testing.assert_close(gradients(actual, q, k, v), gradients(expected, q, k, v), **FLOAT32)
    if attend.head_attn_sink is not None:
        (gradient,), (expected_gradient,) = gradients(actual, core.logit), gradients(expected, attend.head_attn_sink)
        torch.testing.assert_close(gradient.flatten(), expected_gradient, **FLOAT32)
        assert expected_gradient.abs().min() > 1e-3


@pytest.mark.filterwarnings("ignore:`torch.jit.script` is deprecated:FutureWarning")  # when it is imported
@pytest.mark.parametrize("role, num_queries, num_keys", ROLES_AND_LENGTHS)
def test_qk_norm_equals_x_transformers(role, num_queries, num_keys):
    from x_transformers.attend import Attend
    from x_transformers.x_transformers import MultiheadRMSNorm

    core, (q, k, v) = build_core(QkNormAttention, role), qkv(num_queries, num_keys)
    norms = [MultiheadRMSNorm(q.size(-1), heads=q.size(1)).double() for _ in range(2)]
    for norm, gain in zip(norms, (core.query_gain, core.key_gain), strict=True):
        norm.gamma.data.copy_((gain - 1).expand_as(norm.gamma[:, 0])[:, None])  # theirs is learned from zero on
    expected = Attend(heads=q.size(1), causal=role == "causal").double()(norms[0](q), norms[1](k), v)[0]
    actual = core(q, k, v)
    torch.testing.assert_close(actual, expected, rtol=0, atol=1e-5)  # theirs adds nothing to the mean square
    torch.testing.assert_close(gradients(actual, q, k, v), gradients(expected, q, k, v), rtol=0, atol=1e-5)


@pytest.mark.filterwarnings("ignore:`torch.jit.script` is deprecated:FutureWarning")  # when it is imported
@pytest.mark.parametrize("core_class, headwise", [(GatedHeadwiseAttention, True), (GatedElementwiseAttention, False)])
@pytest.mark.parametrize("role", ["self", "causal"])
def test_a_gate_from_the_layers_input_equals_x_transformers(core_class, headwise, role):
    """With the shell, which makes the gate."""
    from x_transformers.x_transformers import Attention

    torch.manual_seed(0)
    ours = MultiHeadAttention(15, num_heads=3, core=core_class, role=role, max_length=7).double()
    given = {"gate_values": True, "gate_values_headwise": headwise}
    theirs = Attention(15, dim_head=5, heads=3, causal=role == "causal", **given).double()  # has no biases
    pairs = {
        "query_projection": theirs.to_q,
        "key_projection": theirs.to_k,
        "value_projection": theirs.to_v,
        "output_projection": theirs.to_out,
    }
    for name, projection in pairs.items():
        projection.weight.data.copy_(ours.get_submodule(name).weight)
    theirs.to_v_gate.weight.data.copy_(ours.query_sides["gate"].weight)
    x = torch.randn(2, 7, 15, dtype=torch.float64, requires_grad=True)
    expected, actual = theirs(x), ours(x)
    torch.testing.assert_close(actual, expected, **FLOAT32)
    learned = ours.query_sides["gate"].weight, theirs.to_v_gate.weight
    for inputs in ((x, x), learned):
        (gradient,), (expected_gradient,) = gradients(actual, inputs[0]), gradients(expected, inputs[1])
        torch.testing.assert_close(gradient, expected_gradient, rtol=0, atol=1e-5)
        assert expected_gradient.abs().max() > 1e-2
