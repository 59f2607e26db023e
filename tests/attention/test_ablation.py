"""ablate_attention spreads weights evenly over what may be attended, and leaves nothing."""

import pytest
import torch
from mechanisms import FACTORIES, SERVED, SIBLINGS_SERVED
from torch import nn

from attnlab.attention import (
    MultiHeadAttention,
    ScaledDotAttention,
    SigmoidAttention,
    UniformAttention,
    ablate_attention,
    capture_attention,
)

BATCH, LENGTH, DIM, NUM_HEADS = 2, 5, 30, 3  # the heads' width is even for mechanisms that work on pairs
LEARN_NOTHING = ("identity", "random_frozen", "uniform")
KEY_MASK = torch.tensor([[True] * 5, [True, False, True, True, False]])


def shell(core, role="self"):
    torch.manual_seed(3)
    return MultiHeadAttention(DIM, num_heads=NUM_HEADS, core=core, role=role, max_length=11).eval()


@pytest.fixture
def x():
    return torch.randn(BATCH, LENGTH, DIM, generator=torch.Generator().manual_seed(0))


@pytest.mark.parametrize("name, role", SERVED + SIBLINGS_SERVED)
def test_every_mechanism_keeps_its_totals_and_spreads_what_it_has_learned(name, role, x):
    torch.manual_seed(3)
    attention = FACTORIES[name](DIM, num_heads=NUM_HEADS, role=role, max_length=11).eval()
    given = {"key": x} if role == "cross" else {}
    before = attention(x, **given, key_mask=KEY_MASK)
    with capture_attention(attention) as trained:
        attention(x, **given, key_mask=KEY_MASK)
    with ablate_attention(attention) as paths, capture_attention(attention) as maps:
        attention(x, **given, key_mask=KEY_MASK)
    assert len(paths) == (name not in LEARN_NOTHING)
    (own,), (even,) = trained.values(), maps.values()
    allowed = KEY_MASK[:, None, None, :].expand(BATCH, 1, LENGTH, LENGTH)
    if role == "causal":
        allowed = allowed & torch.ones(LENGTH, LENGTH, dtype=torch.bool).tril()
    torch.testing.assert_close(even.sum(-1), own.sum(-1), atol=1e-5, rtol=1e-4)
    assert (even.masked_select(~allowed.expand_as(even)) == 0).all()
    share = even.sum(-1, keepdim=True) / allowed.sum(-1, keepdim=True).clamp(min=1)
    torch.testing.assert_close(even, own if name in LEARN_NOTHING else share * allowed)
    assert torch.equal(attention(x, **given, key_mask=KEY_MASK), before)
    assert not any({"weights", "forward"} & vars(module).keys() for module in attention.modules())


@pytest.mark.parametrize("role", ["self", "causal"])
def test_softmax_becomes_uniform_attention(role, x):
    attention, uniform = shell(ScaledDotAttention, role), shell(UniformAttention, role)
    uniform.load_state_dict({k: v for k, v in attention.state_dict().items() if k in uniform.state_dict()})
    with ablate_attention(attention) as paths:
        assert paths == ["core"]
        torch.testing.assert_close(attention(x, key_mask=KEY_MASK), uniform(x, key_mask=KEY_MASK))
        output, _ = attention.attend(x, key_mask=KEY_MASK)
        torch.testing.assert_close(output, uniform(x, key_mask=KEY_MASK))
    assert not torch.allclose(attention(x, key_mask=KEY_MASK), uniform(x, key_mask=KEY_MASK), atol=1e-3)


def test_decoding_step_by_step_is_ablated_as_the_whole_is(x):
    attention = shell(SigmoidAttention, "causal")
    with ablate_attention(attention):
        whole = attention(x)
        last = attention(x[:, -1:], kv=attention.project(x))
    torch.testing.assert_close(last, whole[:, -1:])


def test_an_error_leaves_the_model_as_it_was(x):
    attention = shell(ScaledDotAttention)
    with capture_attention(attention) as maps:
        with pytest.raises(RuntimeError), ablate_attention(attention):
            raise RuntimeError
        attention(x)
    assert len(maps) == 1
    assert not any({"weights", "forward"} & vars(module).keys() for module in attention.modules())


def test_a_core_without_a_role_is_refused():
    core = ScaledDotAttention(num_heads=1, head_dim=3, role="self", max_length=5, dropout=0.0)
    with (
        pytest.raises(ValueError, match="must stand in a shell that has a role, got ScaledDotAttention"),
        ablate_attention(nn.Sequential(core)),
    ):
        pass
