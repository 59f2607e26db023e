"""capture_attention sees every use of a mechanism, changes nothing and leaves nothing."""

import pytest
import torch
from mechanisms import FACTORIES, SERVED
from torch import nn

from attnlab.attention import AdditiveAttention, MultiHeadAttention, ScaledDotAttention, capture_attention

pytestmark = pytest.mark.text

BATCH, LENGTH, DIM, NUM_HEADS = 2, 5, 30, 3  # the heads' width is even for mechanisms that work on pairs


def attention(core=ScaledDotAttention, role="self", **arguments):
    return MultiHeadAttention(DIM, num_heads=NUM_HEADS, core=core, role=role, max_length=11, **arguments)


class TwoLayers(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.ModuleList([attention(role="causal", dropout=0.3), attention(AdditiveAttention, dropout=0.3)])

    def forward(self, x):
        for layer in self.layers:
            x = x + layer(x)
        return x


@pytest.fixture
def x():
    return torch.randn(BATCH, LENGTH, DIM, generator=torch.Generator().manual_seed(0))


def traces(model):
    """Whatever a capture could leave on the modules."""
    return [
        (len(module._forward_hooks), len(module._forward_pre_hooks), sorted(vars(module))) for module in model.modules()
    ]


@pytest.mark.parametrize("name, role", SERVED)
def test_maps_are_the_weights_whether_called_or_attended(name, role, x):
    layer = FACTORIES[name](DIM, num_heads=NUM_HEADS, role=role, max_length=11).eval()
    key = x if role == "cross" else None
    key_mask = torch.arange(LENGTH) < torch.tensor([[LENGTH], [3]])
    _, weights = layer.attend(x, key, key_mask=key_mask)
    for use in (layer, layer.attend):
        with capture_attention(nn.ModuleDict({"block": layer})) as maps:
            use(x, key, key_mask=key_mask)
        assert set(maps) == {"block"}
        torch.testing.assert_close(maps["block"], weights.detach())


def test_paths_are_those_of_the_attention_modules(x):
    model = TwoLayers().eval()
    with capture_attention(model) as maps:
        model(x)
    assert set(maps) == {"layers.0", "layers.1"}
    for weights in maps.values():
        assert weights.shape == (BATCH, NUM_HEADS, LENGTH, LENGTH)
        torch.testing.assert_close(weights.sum(-1), torch.ones(BATCH, NUM_HEADS, LENGTH))


def test_a_lone_shell_and_a_core_of_another_name_have_paths_too(x):
    with capture_attention(attention()) as maps:
        pass
    assert maps == {}
    layer = attention()
    with capture_attention(layer) as maps:
        layer(x)
    assert set(maps) == {"core"}
    heads = nn.ModuleDict({"near": layer.core, "far": attention().core})
    with capture_attention(heads) as maps:
        heads["far"](*torch.randn(3, BATCH, NUM_HEADS, LENGTH, DIM // NUM_HEADS))
    assert set(maps) == {"far"}


def test_training_with_dropout_goes_on_bit_for_bit(x):
    model = TwoLayers().train()
    torch.manual_seed(3)
    plain = model(x)
    torch.manual_seed(3)
    with capture_attention(model) as maps:
        captured = model(x)
    assert torch.equal(captured, plain)
    assert len(maps) == 2
    assert not any(weights.requires_grad for weights in maps.values())
    captured.sum().backward()
    assert all(parameter.grad is not None for parameter in model.parameters())


def test_nothing_stays_behind_even_after_an_error(x):
    model = TwoLayers()
    before = traces(model)
    with capture_attention(model):
        assert traces(model) != before
        model(x)
    assert traces(model) == before
    with pytest.raises(ValueError, match="query must be"), capture_attention(model):
        model(x[..., 1:])
    assert traces(model) == before


@pytest.mark.parametrize("first", [0, 1])
@pytest.mark.parametrize("use", ["forward", "attend"])
def test_blocks_within_each_other_see_the_same_and_end_in_any_order(first, use, x):
    model = TwoLayers().eval()
    before = traces(model)
    with capture_attention(model) as alone:
        for layer in model.layers:
            getattr(layer, use)(x)
    blocks = [capture_attention(model), capture_attention(model.layers)]
    outer, inner = [block.__enter__() for block in blocks]
    for layer in model.layers:
        getattr(layer, use)(x)
    blocks[first].__exit__(None, None, None)
    later = x[:, :3]
    if first == 1:  # and the one that is left goes on
        model.layers[0](later)
        assert outer.pop("layers.0").shape[-2] == alone["layers.0"].shape[-2] + 3
        outer["layers.0"] = alone["layers.0"]
    blocks[1 - first].__exit__(None, None, None)
    for path, weights in alone.items():
        assert torch.equal(outer[path], weights)
        assert torch.equal(inner[path.removeprefix("layers.")], weights)
    assert traces(model) == before


def test_steps_through_a_cache_join_to_the_full_map(x):
    layer = attention(role="causal").eval()
    with capture_attention(layer) as full:
        layer(x)
    with capture_attention(layer) as steps:
        cache = layer.project(x[:, :2])
        layer(x[:, :2], kv=cache)
        for i in range(2, LENGTH):
            cache = cache.append(layer.project(x[:, i : i + 1]))
            layer(x[:, i : i + 1], kv=cache)
    torch.testing.assert_close(steps["core"], full["core"])


def test_batches_of_different_size_are_refused(x):
    layer = nn.Sequential(attention())
    with capture_attention(layer):
        layer(x)
        with pytest.raises(ValueError, match="one pass over one batch, got batches of 2 and 1 at 0"):
            layer(x[:1])


def test_maps_are_float32_under_autocast(x):
    model = TwoLayers().eval()
    with torch.autocast("cpu", dtype=torch.bfloat16), capture_attention(model) as maps:
        model(x)
    assert {weights.dtype for weights in maps.values()} == {torch.float32}
