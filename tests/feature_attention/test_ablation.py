"""ablate_feature_attention gives each image its mean weight, and leaves nothing."""

import pytest
import torch
from feature_mechanisms import AROUND_A_CORE, FACTORIES, GATES

from attnlab.feature_attention import ablate_feature_attention, capture_feature_attention
from attnlab.feature_attention.conformance.inputs import build, feature_map

SIZE = (5, 7)


@pytest.mark.parametrize("name", sorted(set(GATES) - {"none", "wider"}))
def test_weights_are_their_images_mean(name):
    mechanism, x = build(FACTORIES[name]), feature_map(SIZE)
    before, weights = mechanism(x), mechanism.weights(x)
    with ablate_feature_attention(mechanism) as paths:
        even, output = mechanism.weights(x), mechanism(x)
    assert paths == [""]
    assert even.shape == weights.shape
    torch.testing.assert_close(even.flatten(1), weights.flatten(1).mean(1, keepdim=True).expand_as(even.flatten(1)))
    torch.testing.assert_close(output, mechanism.combine(even, x))
    assert torch.equal(mechanism(x), before)
    assert "weights" not in vars(mechanism)


@pytest.mark.parametrize("name", AROUND_A_CORE)
def test_the_attention_inside_is_spread(name):
    mechanism, x = build(FACTORIES[name]), feature_map(SIZE)
    with ablate_feature_attention(mechanism) as paths, capture_feature_attention(mechanism) as maps:
        mechanism(x)
    assert sorted(paths) == sorted(maps)
    for weights in maps.values():
        torch.testing.assert_close(weights, torch.full_like(weights, 1 / weights.size(-1)))


@pytest.mark.parametrize("name", ["none", "wider"])
def test_where_nothing_is_weighed_there_is_nothing_to_replace(name):
    with ablate_feature_attention(build(FACTORIES[name])) as paths:
        assert paths == []
