"""What stands in a net's blocks, and where it looks, of any net that has mechanisms on feature maps."""

from functools import partial

import pytest
import torch
from torch import nn

from attnlab.feature_attention import (
    AxialFeatureAttention,
    EcaFeatureAttention,
    NoneFeatureAttention,
    NonLocalFeatureAttention,
    SimamFeatureAttention,
)
from attnlab.models.layers.feature_maps import FeatureAttentionFactory, are_few, below, feature_maps, feature_slots
from attnlab.models.layers.slots import SCALED_DOT

NON_LOCAL = partial(NonLocalFeatureAttention, attention=SCALED_DOT)
AXIAL = partial(AxialFeatureAttention, attention=SCALED_DOT)


def _net(factory: FeatureAttentionFactory) -> nn.Sequential:
    torch.manual_seed(3)
    first, second = factory(16, max_size=(11, 13)), factory(24, max_size=(6, 7))
    return nn.Sequential(first, nn.Conv2d(16, 24, 3, stride=2, padding=1), second).eval()  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "factory, slots",
    [
        (EcaFeatureAttention, {"blocks": "eca"}),
        (NoneFeatureAttention, {"blocks": "none"}),
        (NON_LOCAL, {"blocks": "non_local", "within_blocks": "scaled_dot"}),
        (AXIAL, {"blocks": "axial", "within_blocks": "scaled_dot"}),
    ],
)
def test_slots_say_what_stands_in_the_blocks_and_within_it(
    factory: FeatureAttentionFactory, slots: dict[str, str]
) -> None:
    assert feature_slots(_net(factory)) == slots


@pytest.mark.parametrize("factory", [NON_LOCAL, AXIAL])
def test_what_each_place_gives_is_in_the_mean_what_places_receive(factory: FeatureAttentionFactory) -> None:
    found = feature_maps(_net(factory), torch.randn(3, 16, 11, 13))
    assert found.between_places.keys() == found.over_image.keys()
    for path, weights in found.between_places.items():
        assert torch.allclose(weights.mean((2, 3)), found.over_image[path], atol=1e-6)


def test_of_too_many_places_nothing_is_kept_of_each() -> None:
    assert are_few(64, 64)
    assert not are_few(65, 64)


@pytest.mark.parametrize("factory", [NON_LOCAL, AXIAL])
def test_what_places_receive_is_one_in_all(factory: FeatureAttentionFactory) -> None:
    found = feature_maps(_net(factory), torch.randn(3, 16, 11, 13))
    assert found.strided
    assert not found.over_channels
    assert {path: weights.shape for path, weights in found.over_image.items()} == {
        path: (3, weights.shape[1], *size)
        for (path, weights), size in zip(found.over_image.items(), ((11, 13), (6, 7)), strict=True)
    }
    for weights in found.over_image.values():
        assert torch.allclose(weights.sum((2, 3)), torch.ones(weights.shape[:2]), atol=1e-5)


def test_weights_of_gates_are_sorted_by_what_they_weigh() -> None:
    images = torch.randn(3, 16, 11, 13)
    channels = feature_maps(_net(EcaFeatureAttention), images)
    assert [each.shape for each in channels.over_channels.values()] == [(3, 16), (3, 24)]
    assert not channels.over_image
    places = feature_maps(_net(SimamFeatureAttention), images)
    assert [each.shape for each in places.over_image.values()] == [(3, 1, 11, 13), (3, 1, 6, 7)]
    assert [each.shape for each in places.over_channels.values()] == [(3, 16), (3, 24)], "of both there are both"
    for over_places, over_channels in zip(places.over_image.values(), places.over_channels.values(), strict=True):
        assert torch.allclose(over_places.mean((1, 2, 3)), over_channels.mean(1), atol=1e-6)
    nothing = feature_maps(_net(NoneFeatureAttention), images)
    assert not nothing.over_image
    assert not nothing.over_channels


def test_looking_changes_nothing_and_leaves_no_hook() -> None:
    net, images = _net(NON_LOCAL), torch.randn(3, 16, 11, 13)
    before = net(images)
    feature_maps(net, images)
    assert torch.equal(net(images), before)
    assert not any(module._forward_pre_hooks for module in net.modules())


def test_a_map_is_found_at_its_path_or_deeper_and_not_beside() -> None:
    maps = {"block.row": torch.zeros(1), "block.row_attention.core": torch.ones(1)}
    assert below(maps, "block.row_attention") is maps["block.row_attention.core"]
    assert below(maps, "block.row") is maps["block.row"]
