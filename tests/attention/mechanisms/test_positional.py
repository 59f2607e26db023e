"""What the conformance suite can't know of the mechanisms that mind positions: their own values and their distances."""

import pytest
import torch
from mechanisms import FACTORIES
from torch.fx.experimental.proxy_tensor import make_fx

from attnlab.attention.conformance.inputs import MAX_LENGTH, build_core, qkv
from attnlab.attention.parts.relative_positions import spread

ROLES = ["self", "causal"]
LENGTH = 11


def build(name, role="self", *, head_dim=10, num_heads=3, **values):
    factory = FACTORIES[name].keywords["core"]
    return build_core(lambda **arguments: factory(**arguments, **values), role, head_dim=head_dim, num_heads=num_heads)


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("name", ["rotary", "alibi", "t5_bias", "relative"])
def test_only_distances_count(name, role):
    core = build(name, role)
    (q, k, _), earlier = qkv(1, LENGTH), 3
    near = core.weights(q.expand(-1, -1, LENGTH, -1), k)[:, :, -1]
    # The same keys without the first three: the last query stands as far from each of the rest as before.
    later = core.weights(q.expand(-1, -1, LENGTH - earlier, -1), k[:, :, earlier:])[:, :, -1]
    torch.testing.assert_close(later, near[..., earlier:] / near[..., earlier:].sum(-1, keepdim=True))


@pytest.mark.parametrize("name", ["rotary", "alibi", "t5_bias", "relative"])
def test_equal_keys_are_told_apart_by_position_alone(name):
    core = build(name)
    q, k, _ = qkv(1, 1)
    weights = core.weights(q.expand(-1, -1, LENGTH, -1), k.expand(-1, -1, LENGTH, -1))
    assert (weights[:, :, 0].diff(dim=-1).abs() > 1e-6).any()
    assert not torch.allclose(weights[:, :, 0], weights[:, :, 1])


def test_location_ignores_keys_and_learns_no_further_than_max_length():
    core = build("location", "cross")
    q, k, _ = qkv(5, MAX_LENGTH)
    assert torch.equal(core.weights(q, k), core.weights(q, torch.zeros_like(k)))
    with pytest.raises(
        ValueError,
        match=r"sequences must be at most 13 tokens long, got 14 "
        r"\(set data\.max_source_length or data\.max_target_length, or max_length in a module of your own\)",
    ):
        core(*qkv(5, MAX_LENGTH + 1))


def test_a_location_layer_projects_no_key():
    layer = FACTORIES["location"](30, num_heads=3, role="causal", max_length=MAX_LENGTH)
    assert layer.key_projection is None


@pytest.mark.parametrize(
    "name, role, values, message",
    [
        (
            "rotary",
            "self",
            {"head_dim": 11},
            r"turns pairs of coordinates, so the head width must be even, got 11 "
            r"\(set model\.dim or model\.num_heads\)",
        ),
        ("rotary", "self", {"base": 1.0}, r"base must be greater than 1, got 1\.0 \(set attention\.core\.base\)"),
        (
            "t5_bias",
            "self",
            {"num_buckets": 6},
            r"num_buckets must be a positive multiple of 4, got 6 \(set attention\.core\.num_buckets\)",
        ),
        ("t5_bias", "self", {"num_buckets": 0}, "num_buckets must be a positive multiple of 4, got 0"),
        (
            "t5_bias",
            "self",
            {"max_distance": 8},
            r"max_distance must exceed the 8 distances that have a bucket of their own, got 8 "
            r"\(set attention\.core\.max_distance\)",
        ),
        ("t5_bias", "causal", {"max_distance": 16}, "max_distance must exceed the 16 distances .* got 16"),
        (
            "relative",
            "self",
            {"max_distance": 0},
            r"max_distance must be 1 or more, got 0 \(set attention\.core\.max_distance\)",
        ),
    ],
)
def test_a_bad_value_is_refused(name, role, values, message):
    with pytest.raises(ValueError, match=message):
        build(name, role, **values)


def test_spreading_in_a_graph_for_any_length_is_as_outside_one():
    def to_pairs(values):
        return spread(values, (values.size(-1) + 3) // 2)

    graph = make_fx(to_pairs, tracing_mode="symbolic")(torch.zeros(2, 3, 13))
    for length in (7, 12):
        values = torch.arange(6.0 * length).view(2, 3, length)
        torch.testing.assert_close(graph(values), to_pairs(values), rtol=0, atol=0)


def test_a_locations_score_starts_with_the_variance_of_the_querys_components():
    core = FACTORIES["location"].keywords["core"](num_heads=3, head_dim=32, role="self", max_length=401, dropout=0)
    bound = (3 / 32) ** 0.5
    positions = core.positions.detach()
    assert 0.99 * bound < float(positions.abs().max()) <= bound
    q = torch.randn(7, 3, 401, 32, generator=torch.Generator().manual_seed(0))
    assert float((q @ positions.mT).var()) == pytest.approx(1, abs=0.05)
