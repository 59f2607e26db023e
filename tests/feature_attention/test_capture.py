"""capture_feature_attention sees every mechanism, changes nothing and leaves nothing."""

import pytest
import torch
from feature_mechanisms import FACTORIES, GATES
from feature_references import PROPERTIES
from torch import nn

from attnlab.attention import capture_attention
from attnlab.feature_attention import capture_feature_attention

BATCH, CHANNELS, SIZE = 3, 53, (5, 7)


class Net(nn.Module):
    """Every mechanism in turn, as a net would call them."""

    def __init__(self):
        super().__init__()
        torch.manual_seed(0)
        self.blocks = nn.ModuleDict({name: factory(CHANNELS, max_size=SIZE) for name, factory in FACTORIES.items()})

    def forward(self, x):
        for block in self.blocks.values():
            x = block(x)
        return x


@pytest.fixture
def x():
    return torch.randn(BATCH, CHANNELS, *SIZE, generator=torch.Generator().manual_seed(0))


def traces(model):
    """Whatever a capture could leave on the modules."""
    return [
        (len(module._forward_hooks), len(module._forward_pre_hooks), sorted(vars(module))) for module in model.modules()
    ]


def test_maps_have_the_shapes_that_pictures_take(x):
    with capture_feature_attention(Net().eval()) as maps:
        pass
    assert maps == {}
    model = Net().eval()
    with capture_feature_attention(model) as maps:
        model(x)
    around = {
        "axial.row_attention": (BATCH * 5, 1, 7, 7),
        "axial.column_attention": (BATCH * 7, 1, 5, 5),
        "non_local.attention": (BATCH, 1, 35, 35),
    }
    shapes = {"channels": (BATCH, CHANNELS), "positions": (BATCH, 1, *SIZE), "both": (BATCH, 1, *SIZE)}
    gates = {name: shapes[kind] for name, (kind, _) in PROPERTIES.items() if kind is not None}
    assert {path.removeprefix("blocks."): tuple(weights.shape) for path, weights in maps.items()} == around | gates
    assert all(weights.dtype == torch.float32 and not weights.requires_grad for weights in maps.values())


@pytest.mark.parametrize("name", sorted(set(GATES) - {"none", "wider"}))
def test_maps_are_the_weights(name, x):
    mechanism = FACTORIES[name](CHANNELS, max_size=SIZE).eval()
    with capture_feature_attention(mechanism) as maps:
        mechanism(x)
    weights = mechanism.weights(x).detach()
    if mechanism.properties.weights_over == "both":
        weights = weights.mean(1, keepdim=True)
    assert list(maps) == [""]
    torch.testing.assert_close(maps[""], weights)


def test_training_goes_on_bit_for_bit(x):
    """Batch statistics, too, are gathered once."""
    plain, captured = Net().train(), Net().train()
    expected = plain(x)
    with capture_feature_attention(captured):
        output = captured(x)
    assert torch.equal(output, expected)
    for (name, tensor), other in zip(plain.state_dict().items(), captured.state_dict().values(), strict=True):
        assert torch.equal(tensor, other), name
    output.sum().backward()
    assert all(parameter.grad is not None for parameter in captured.parameters())


def test_nothing_stays_behind_even_after_an_error(x):
    model = Net()
    before = traces(model)
    with capture_feature_attention(model):
        assert traces(model) != before
        model(x)
    assert traces(model) == before
    with pytest.raises(ValueError, match="as wide as"), capture_feature_attention(model):
        model(x[:, 1:])
    assert traces(model) == before


def test_blocks_within_each_other_see_the_same(x):
    model = Net().eval()
    before = traces(model)
    with capture_feature_attention(model) as outer, capture_feature_attention(model) as inner:
        model(x)
    assert outer.keys() == inner.keys()
    assert all(torch.equal(outer[path], inner[path]) for path in outer)
    assert traces(model) == before


def test_the_last_of_several_calls_counts(x):
    mechanism = FACTORIES["se"](CHANNELS, max_size=SIZE).eval()
    with capture_feature_attention(mechanism) as maps:
        mechanism(x)
        mechanism(2 * x[:1])
    torch.testing.assert_close(maps[""], mechanism.weights(2 * x[:1]).detach())


def test_gates_are_no_cores(x):
    model = Net().eval()
    with capture_attention(model) as maps:
        model(x)
    assert set(maps) == {"blocks.axial.row_attention", "blocks.axial.column_attention", "blocks.non_local.attention"}
