"""Places on a grid: what a shell tells a core that minds them, and what it refuses."""

from functools import partial

import pytest
import torch
from torch import nn

import attnlab
from attnlab.attention import (
    AxialRotaryAttention,
    LatentAttention,
    MixedRotaryAttention,
    MultiHeadAttention,
    NeighbourhoodAttention,
    Places,
    RoleError,
    ScaledDotAttention,
    SwinAttention,
    ablate_attention,
    capture_attention,
)
from attnlab.attention.places import told_grid
from attnlab.errors import UserError
from attnlab.feature_attention import AxialFeatureAttention, NonLocalFeatureAttention
from attnlab.models import AttentionSeq2Seq, ViT

SIZES = {"num_heads": 2, "role": "self", "max_length": 99}


def shell(grid, core=NeighbourhoodAttention, *, num_extra=0):
    torch.manual_seed(0)
    return MultiHeadAttention(12, core=core, grid=grid, num_extra=num_extra, **SIZES).eval()


def test_places_are_counted_row_by_row_and_keys_before_have_none():
    places = Places(((2, 3), (1, 2)))
    found = places.coordinates(9, device=torch.device("cpu"), dtype=torch.float32)
    assert found.tolist() == [[0, 0], [0, 0], [0, 1], [0, 2], [1, 0], [1, 1], [1, 2], [0, 0], [0, 1]]
    assert places.num_extra(9) == 1
    with pytest.raises(ValueError, match=r"each of 8 places \(2 by 3, 1 by 2\), got 7 \(give grid, or places,"):
        places.num_extra(7)


@pytest.mark.parametrize("grid", [5, (3,), (0, 4)])
def test_a_grid_is_a_height_and_a_width(grid):
    with pytest.raises(ValueError, match="a grid must be \\(height, width\\), each 1 or more, got"):
        Places((grid,))


def test_the_shells_grid_is_told_unless_a_call_says_another():
    attention, x = shell((2, 6)), torch.randn(3, 12, 12)
    turned = shell((6, 2))
    turned.load_state_dict(attention.state_dict())
    torch.testing.assert_close(turned(x), attention(x, places=Places(((6, 2),))))
    assert (turned(x) - attention(x)).abs().max() > 1e-3
    output, weights = attention.attend(x, places=Places(((6, 2),)))
    torch.testing.assert_close(output, turned(x))
    torch.testing.assert_close(weights, turned.attend(x)[1])


@pytest.mark.parametrize("core", [AxialRotaryAttention, MixedRotaryAttention, NeighbourhoodAttention, SwinAttention])
def test_more_keys_than_places_are_refused_but_for_those_that_are_said_to_have_none(core):
    message = (
        r"a key for each of 12 places \(2 by 6\) and {} before them, got {} keys: grid, or places, and num_extra say"
    )
    for num_extra, num_keys in ((0, 13), (1, 12), (1, 14)):
        with pytest.raises(ValueError, match=message.format(num_extra, num_keys)):
            shell((2, 6), core, num_extra=num_extra)(torch.randn(3, num_keys, 12))
        with pytest.raises(ValueError, match=message.format(num_extra, num_keys)):
            shell((2, 6), core, num_extra=num_extra).attend(torch.randn(3, num_keys, 12))
    assert shell((2, 6), core, num_extra=1)(torch.randn(3, 13, 12)).shape == (3, 13, 12)
    with pytest.raises(ValueError, match=r"8 places \(2 by 4\) and 0 before them, got 12 keys"):
        shell((2, 6), core)(torch.randn(3, 12, 12), places=Places(((2, 4),)))
    with pytest.raises(ValueError, match=r"num_extra must be 0 or more, got -1"):
        shell((2, 6), core, num_extra=-1)


def test_maps_are_captured_and_ablated_where_places_are():
    model, x = nn.ModuleDict({"block": shell((2, 5), num_extra=1)}), torch.randn(3, 11, 12)
    with capture_attention(model) as maps:
        model["block"](x)
    torch.testing.assert_close(maps["block"], model["block"].attend(x)[1])
    with ablate_attention(model):
        even = model["block"].attend(x)[1]
    torch.testing.assert_close(even, torch.full_like(even, 1 / 11))


def test_a_core_that_minds_places_is_refused_where_there_is_a_line():
    with pytest.raises(RoleError, match="AxialRotaryAttention needs places on a grid, this model has a line"):
        shell(None, AxialRotaryAttention)
    factory = partial(MultiHeadAttention, core=NeighbourhoodAttention)
    sizes = {"source_vocab_size": 11, "target_vocab_size": 13, "max_source_length": 5, "max_target_length": 7}
    with pytest.raises(RoleError, match=r"must fit some slot.*got role cross \(set attention\)"):
        AttentionSeq2Seq(attention=factory, dim=12, **sizes)
    with pytest.raises(RoleError, match=r"rows and columns are lines: .* has a line \(set attention\)"):
        AxialFeatureAttention(12, max_size=(4, 4), attention=factory)


def test_who_takes_no_grid_is_not_told():
    def sibling(dim, *, num_heads, grid): ...

    told = partial(MultiHeadAttention, core=ScaledDotAttention)
    for factory, expected in (
        (LatentAttention, {}),
        (sibling, {"grid": (2, 3)}),
        (told, {**told.keywords, "grid": (2, 3), "num_extra": 1}),
    ):
        assert told_grid(factory, (2, 3), num_extra=1).keywords == expected
    assert told_grid(told, None, num_extra=1).keywords == told.keywords


def test_a_map_smaller_than_the_greatest_has_its_own_places():
    factory = partial(MultiHeadAttention, core=NeighbourhoodAttention)
    torch.manual_seed(0)
    greatest, exact = (NonLocalFeatureAttention(12, max_size=size, attention=factory) for size in ((9, 9), (4, 5)))
    exact.load_state_dict(greatest.state_dict())
    for module in (greatest, exact):
        nn.init.ones_(module.gain)
    x = torch.randn(2, 12, 4, 5)
    torch.testing.assert_close(greatest(x), exact(x))
    assert greatest(x.mT).shape == x.mT.shape


@pytest.mark.parametrize("class_token", [True, False])
def test_a_vision_transformers_patches_stand_on_its_grid(class_token):
    factory = partial(MultiHeadAttention, core=NeighbourhoodAttention)
    sizes = {"num_classes": 3, "in_channels": 1, "height": 8, "width": 12}
    model = ViT(attention=factory, dim=12, num_heads=2, num_layers=1, patch_size=2, class_token=class_token, **sizes)
    with capture_attention(model) as maps:
        model(torch.randn(2, 1, 8, 12))
    (weights,) = maps.values()
    patches = weights[:, :, int(class_token) :, int(class_token) :]
    assert ((patches > 0).sum(-1) == 9).all()
    assert model.slots == {"encoder": "neighbourhood"}


def test_a_module_of_ones_own_is_built_on_a_grid():
    sizes = {"dim": 12, "num_heads": 2, "role": "self", "max_length": 30}
    attention = attnlab.build_attention("swin", grid=(4, 5), num_extra=1, window=3, **sizes)
    assert attention(torch.randn(2, 21, 12)).shape == (2, 21, 12)
    with pytest.raises(UserError, match=r"needs places on a grid, this model has a line \(set grid="):
        attnlab.build_attention("swin", **sizes)
    with pytest.raises(UserError, match=r"takes no 'grid'"):
        attnlab.build_attention("latent", grid=(4, 5), **sizes)
    with pytest.raises(ValueError, match=r"20 places \(4 by 5\) and 1 before them, got 20 keys"):
        attention(torch.randn(2, 20, 12))
