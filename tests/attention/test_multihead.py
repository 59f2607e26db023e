"""The shell: parity with torch's own, shared heads, the cache, and what it says to a mistake."""

import pytest
import torch
from mechanisms import FACTORIES, SERVED, SIBLINGS_SERVED
from torch import nn

import attnlab
from attnlab.attention import MultiHeadAttention, ScaledDotAttention, Side, UniformAttention

pytestmark = pytest.mark.text

DIM, NUM_HEADS, KEY_DIM, VALUE_DIM = 33, 3, 13, 17
BATCH, NUM_QUERIES, NUM_KEYS = 2, 5, 7


def build(role="self", *, core=ScaledDotAttention, dim=DIM, num_heads=NUM_HEADS, **arguments):
    torch.manual_seed(0)
    attention = MultiHeadAttention(
        dim, num_heads=num_heads, core=core, role=role, max_length=NUM_KEYS, **arguments
    ).double()
    for parameter in attention.parameters():  # biases start at zero, where a lost one wouldn't show
        nn.init.normal_(parameter, std=0.3)
    return attention.eval()


def torch_twin(attention, key_dim=None, value_dim=None):
    """torch's multi-head attention with the same weights."""
    twin = nn.MultiheadAttention(DIM, NUM_HEADS, kdim=key_dim, vdim=value_dim, batch_first=True).double().eval()
    projections = [attention.query_projection, attention.key_projection, attention.value_projection]
    with torch.no_grad():
        if twin.in_proj_weight is None:
            for name, projection in zip("qkv", projections, strict=True):
                getattr(twin, f"{name}_proj_weight").copy_(projection.weight)
        else:
            twin.in_proj_weight.copy_(torch.cat([projection.weight for projection in projections]))
        twin.in_proj_bias.copy_(torch.cat([projection.bias for projection in projections]))
        twin.out_proj.load_state_dict(attention.output_projection.state_dict())
    return twin


def normal(*shape):
    return torch.randn(*shape, dtype=torch.float64, generator=torch.Generator().manual_seed(sum(shape)))


def ragged(num_keys):
    return torch.arange(num_keys) < torch.tensor([[num_keys], [num_keys - 2]])


@pytest.mark.parametrize("role", ["self", "causal"])
@pytest.mark.parametrize("masked", [False, True])
def test_parity_with_torch_over_its_own_sequence(role, masked):
    attention, x = build(role), normal(BATCH, NUM_KEYS, DIM)
    key_mask = ragged(NUM_KEYS) if masked else None
    disallowed = torch.ones(NUM_KEYS, NUM_KEYS, dtype=torch.bool).triu(1) if role == "causal" else None
    expected, expected_weights = torch_twin(attention)(
        x, x, x, key_padding_mask=~key_mask if masked else None, attn_mask=disallowed, average_attn_weights=False
    )
    torch.testing.assert_close(attention(x, key_mask=key_mask), expected)
    output, weights = attention.attend(x, key_mask=key_mask)
    torch.testing.assert_close(output, expected)
    torch.testing.assert_close(weights, expected_weights)


def test_parity_with_torch_over_keys_and_values_of_other_widths():
    attention = build("cross", key_dim=KEY_DIM, value_dim=VALUE_DIM)
    query, key, value = (
        normal(BATCH, NUM_QUERIES, DIM),
        normal(BATCH, NUM_KEYS, KEY_DIM),
        normal(BATCH, NUM_KEYS, VALUE_DIM),
    )
    key_mask = ragged(NUM_KEYS)
    bias = normal(BATCH, NUM_HEADS, NUM_QUERIES, NUM_KEYS)
    expected, expected_weights = torch_twin(attention, KEY_DIM, VALUE_DIM)(
        query,
        key,
        value,
        key_padding_mask=torch.zeros(BATCH, NUM_KEYS, dtype=torch.float64).masked_fill(~key_mask, float("-inf")),
        attn_mask=bias.flatten(0, 1),
        average_attn_weights=False,
    )
    torch.testing.assert_close(attention(query, key, value, key_mask=key_mask, bias=bias), expected)
    torch.testing.assert_close(attention.attend(query, key, value, key_mask=key_mask, bias=bias)[1], expected_weights)
    projected = attention.project(key, value)
    torch.testing.assert_close(attention(query, kv=projected, key_mask=key_mask, bias=bias), expected)


def test_value_width_follows_the_keys():
    attention = build("cross", key_dim=KEY_DIM)
    assert attention(normal(BATCH, NUM_QUERIES, DIM), normal(BATCH, NUM_KEYS, KEY_DIM)).shape == (
        BATCH,
        NUM_QUERIES,
        DIM,
    )


@pytest.mark.parametrize("num_kv_heads", [1, 2])
@pytest.mark.parametrize("role", ["self", "causal"])
def test_shared_heads_equal_repeated_ones(num_kv_heads, role):
    grouped = build(role, dim=24, num_heads=4, num_kv_heads=num_kv_heads)
    repeated = build(role, dim=24, num_heads=4)
    state = grouped.state_dict()
    for name in ("key_projection", "value_projection"):
        for part in ("weight", "bias"):
            heads = state[f"{name}.{part}"].unflatten(0, (num_kv_heads, 6))
            state[f"{name}.{part}"] = heads.repeat_interleave(4 // num_kv_heads, dim=0).flatten(0, 1)
    repeated.load_state_dict(state)
    x = normal(BATCH, NUM_KEYS, 24)
    torch.testing.assert_close(grouped(x), repeated(x))
    torch.testing.assert_close(grouped.attend(x)[1], repeated.attend(x)[1])
    assert grouped.project(x).k.shape == (BATCH, num_kv_heads, NUM_KEYS, 6)


def test_one_head_for_all_is_shared_without_a_copy():
    kv = build(num_kv_heads=1).project(normal(BATCH, NUM_KEYS, DIM))
    shared = kv.repeat_heads(NUM_HEADS)
    assert shared.k.shape == (BATCH, NUM_HEADS, NUM_KEYS, 11)
    assert shared.k.data_ptr() == kv.k.data_ptr()
    assert shared.v.data_ptr() == kv.v.data_ptr()


def test_append_and_select_act_on_time_and_batch():
    attention, x = build("causal"), normal(BATCH, NUM_KEYS, DIM)
    whole = attention.project(x)
    joined = attention.project(x[:, :3]).append(attention.project(x[:, 3:]))
    torch.testing.assert_close(joined, whole)
    torch.testing.assert_close(whole.select(torch.tensor([1, 1, 0])), attention.project(x[[1, 1, 0]]))
    torch.testing.assert_close(whole.select(torch.tensor([False, True])), attention.project(x[1:]))


def test_unused_projections_are_not_built_and_keys_not_copied():
    attention, x = build("causal", core=UniformAttention), normal(BATCH, NUM_KEYS, DIM)
    assert attention.query_projection is None
    assert attention.key_projection is None
    kv = attention.project(x)
    for shared in (kv, kv.append(kv), kv.select(torch.tensor([1])), kv.repeat_heads(2)):
        assert shared.k is shared.v
    expected = attention.value_projection(x).cumsum(1) / torch.arange(1, NUM_KEYS + 1)[:, None]
    torch.testing.assert_close(attention(x), attention.output_projection(expected))


def test_attend_drops_weights_in_training_but_returns_them_whole():
    attention, x = build(dropout=0.5).train(), normal(BATCH, NUM_KEYS, DIM)
    first, weights = attention.attend(x)
    second, same = attention.attend(x)
    assert not torch.equal(first, second)
    assert torch.equal(weights, same)


@pytest.mark.parametrize(
    "arguments, message",
    [
        (
            {"dim": 32},
            r"the width must be divisible by the heads, got dim 32 and 3 heads \(set model\.dim to 30 or 36, "
            r"or model\.num_heads\)",
        ),
        ({"num_heads": 0}, r"num_heads must be 1 or more, got 0 \(set model.num_heads\)"),
        (
            {"num_kv_heads": 2},
            r"the heads must be divisible by the key-value heads, got 3 heads and 2 key-value heads "
            r"\(set attention\.num_kv_heads\)",
        ),
        ({"num_kv_heads": 0}, "the heads must be divisible by the key-value heads, got 3 heads and 0"),
        ({"dropout": 1.0}, r"dropout must lie in \[0, 1\), got 1\.0 \(set attention\.dropout\)"),
        ({"dropout": -0.1}, r"dropout must lie in \[0, 1\), got -0\.1"),
        ({"role": "encoder"}, "role must be one of self, causal, cross, got 'encoder'"),
    ],
)
def test_a_bad_value_is_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        build(**arguments)


def test_the_source_is_given_exactly_once():
    attention, x = build("cross"), normal(BATCH, NUM_KEYS, DIM)
    with pytest.raises(ValueError, match="cross-attention needs a key or a kv to attend to, got neither"):
        attention(x)
    with pytest.raises(ValueError, match="the source is either kv or key and value, got both"):
        attention(x, x, kv=attention.project(x))


class GatedByWhatItReads(ScaledDotAttention):
    """A gate from each query, a write strength from each key."""

    def __init__(self, **arguments):
        super().__init__(**arguments)
        self.side = {"gate": Side(2, "query"), "strength": Side(1, "key", rank=3)}

    def forward(self, q, k, v, *, side, key_mask=None, bias=None):
        weights = self.weights(q, k, side=side, key_mask=key_mask, bias=bias)
        return self.combine(weights, v, side=side)

    def weights(self, q, k, *, side, key_mask=None, bias=None):
        return super().weights(q, k, key_mask=key_mask, bias=bias) * side["strength"].mT

    def combine(self, weights, v, *, side):
        return weights @ v * side["gate"].sum(-1, keepdim=True)


def test_sides_come_from_what_queries_and_keys_are_made_of():
    attention = build("cross", core=GatedByWhatItReads, key_dim=KEY_DIM, value_dim=VALUE_DIM)
    query, key = normal(BATCH, NUM_QUERIES, DIM), normal(BATCH, NUM_KEYS, KEY_DIM)
    value = normal(BATCH, NUM_KEYS, VALUE_DIM)
    gate = attention.query_sides["gate"](query).unflatten(-1, (NUM_HEADS, 2)).sum(-1).mT.unsqueeze(-1)
    narrow, wide = attention.key_sides["strength"]
    strength = (key @ narrow.weight.mT @ wide.weight.mT).mT.unsqueeze(-2)  # (B, H, 1, Tk)
    assert narrow.weight.shape == (3, KEY_DIM)
    assert narrow.bias is None
    plain = build("cross", key_dim=KEY_DIM, value_dim=VALUE_DIM)
    plain.load_state_dict(attention.state_dict(), strict=False)
    q, k, v, _, _ = plain._inputs(query, key, value, None, None, None)
    expected = plain._join_heads(plain.core.weights(q, k) * strength @ v * gate)
    torch.testing.assert_close(attention(query, key, value), expected)
    torch.testing.assert_close(attention.attend(query, key, value)[0], expected)
    torch.testing.assert_close(attention(query, kv=attention.project(key, value)), expected)


def test_sides_of_keys_are_kept_with_them_and_shared_among_heads():
    attention = build("causal", core=GatedByWhatItReads, num_kv_heads=1)
    x, key_mask = normal(BATCH, NUM_KEYS, DIM), ragged(NUM_KEYS)
    whole = attention.project(x)
    assert whole.side["strength"].shape == (BATCH, 1, NUM_KEYS, 1)
    joined = attention.project(x[:, :3]).append(attention.project(x[:, 3:]))
    torch.testing.assert_close(joined.side, whole.side)
    torch.testing.assert_close(whole.select(torch.tensor([1])).side["strength"], whole.side["strength"][1:2])
    past, full = None, attention(x, key_mask=key_mask)
    for i in range(NUM_KEYS):
        output, past = attention.advance(x[:, i : i + 1], past, key_mask=key_mask[:, i : i + 1])
        torch.testing.assert_close(output, full[:, i : i + 1])
    assert torch.equal(past.mask, key_mask)


def test_what_has_no_sides_or_goes_on_from_no_past_is_refused():
    attention, x = build("self", core=GatedByWhatItReads), normal(BATCH, NUM_KEYS, DIM)
    with pytest.raises(ValueError, match="the source must have the sides strength, got a KeyValue without"):
        attention(x, kv=attention.project(x)._replace(side=None))
    with pytest.raises(ValueError, match="only causal attention goes on from a past, got role self"):
        attention.advance(x)


@pytest.mark.parametrize("name, role", [*SERVED, *SIBLINGS_SERVED])
def test_an_empty_batch_has_an_empty_answer_and_an_example_alone_is_refused(name, role):
    attention = FACTORIES[name](30, num_heads=3, role=role, max_length=7).eval()
    x = torch.zeros(0, 5, 30)
    source = x if role == "cross" else None
    assert attention(x, source).shape == x.shape
    assert attention.attend(x, source)[0].shape == x.shape
    with pytest.raises(ValueError, match=r"^query must be a batch \(B, T, D\), got \(5, 30\) \(one example: query"):
        attention(torch.zeros(5, 30), source)
    with pytest.raises(ValueError, match=r"^key must be a batch \(B, T, D\), got \(30,\) \(one example: key"):
        attention(x, torch.zeros(30))


@pytest.mark.parametrize("name", ["scaled_dot", "additive", "sparsemax", "entmax15", "latent_rotary"])
def test_a_query_that_a_bias_forbids_everything_attends_nothing(name: str) -> None:
    """As one whose keys are all masked; and -inf on single keys is what a mask of these would be."""
    attention = attnlab.build_attention(name, dim=8, num_heads=2, role="self", max_length=5)
    x = torch.randn(2, 5, 8, requires_grad=True)
    bias = torch.full((5, 5), -torch.inf).triu(1)
    bias[2] = -torch.inf
    output, weights = attention.attend(x, bias=bias)
    torch.testing.assert_close(attention(x, bias=bias), output)
    assert not weights[..., bias.isneginf()].any()
    torch.testing.assert_close(weights.sum(-1), (~bias.isneginf().all(-1)).float().expand(2, 2, 5))
    torch.testing.assert_close(output[:, 2], attention(x, key_mask=torch.zeros(2, 5, dtype=torch.bool))[:, 2])
    output.square().sum().backward()
    assert x.grad is not None
    assert x.grad.isfinite().all()
