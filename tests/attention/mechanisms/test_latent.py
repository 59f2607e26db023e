"""Latent attention is the shell with projections of low rank, and keeps the latent alone."""

import inspect

import pytest
import torch
from mechanisms import FACTORIES, SIBLINGS
from torch import nn

from attnlab.attention import KeyValue, LatentAttention, MultiHeadAttention, ScaledDotAttention, capture_attention

DIM, NUM_HEADS, LATENT_DIM, KEY_DIM = 33, 3, 7, 13
BATCH, NUM_QUERIES, NUM_KEYS = 2, 5, 11
ROLES = ["self", "causal", "cross"]


def build(role="self", **arguments):
    torch.manual_seed(0)
    arguments = {"latent_dim": LATENT_DIM, **arguments}
    attention = LatentAttention(DIM, num_heads=NUM_HEADS, role=role, max_length=NUM_KEYS, **arguments).double()
    for parameter in attention.parameters():  # biases start at zero, where a lost one wouldn't show
        nn.init.normal_(parameter, std=0.3)
    return attention.eval()


def shell_twin(latent):
    """The shell whose key and value projections are the latent's two multiplied."""
    key_dim = latent.compression.in_features
    twin = MultiHeadAttention(
        DIM,
        num_heads=NUM_HEADS,
        core=ScaledDotAttention,
        role=latent.role,
        max_length=NUM_KEYS,
        key_dim=key_dim,
        dropout=latent.heads.dropout,
    ).double()
    state = latent.heads.state_dict()
    for name in ("key_projection.weight", "value_projection.weight"):
        state[name] = state[name] @ latent.compression.weight.detach()
    twin.load_state_dict(state)
    return twin.eval()


def normal(*shape):
    return torch.randn(*shape, dtype=torch.float64, generator=torch.Generator().manual_seed(sum(shape)))


def arguments_for(role):
    """A query and what else a call takes: masks of keys, of which one row has none, and a bias."""
    num_queries = NUM_QUERIES if role == "cross" else NUM_KEYS
    key_mask = torch.arange(NUM_KEYS) < torch.tensor([[NUM_KEYS - 2], [0]])
    masks = {"key_mask": key_mask, "bias": normal(BATCH, NUM_HEADS, num_queries, NUM_KEYS)}
    query = normal(BATCH, num_queries, DIM).requires_grad_()
    return query, {"key": normal(BATCH, NUM_KEYS, KEY_DIM)} if role == "cross" else {}, masks


@pytest.mark.parametrize("role", ROLES)
def test_it_is_the_shell_with_projections_of_low_rank(role):
    latent = build(role, key_dim=KEY_DIM if role == "cross" else None)
    twin = shell_twin(latent)
    query, source, masks = arguments_for(role)
    torch.testing.assert_close(latent(query, **source, **masks), twin(query, **source, **masks))
    output, weights = latent.attend(query, **source, **masks)
    expected, expected_weights = twin.attend(query, **source, **masks)
    torch.testing.assert_close(output, expected)
    torch.testing.assert_close(weights, expected_weights)
    projected = latent.project(source.get("key", query))
    torch.testing.assert_close(latent(query, kv=projected, **masks), expected)
    (gradient,) = torch.autograd.grad(output.square().sum() + weights.square().sum(), query)
    assert gradient.isfinite().all()


def test_values_from_another_tensor_than_keys_have_their_own_latent():
    latent = build()
    twin, x, y = shell_twin(latent), normal(BATCH, NUM_KEYS, DIM), normal(BATCH, NUM_KEYS, DIM).flip(1)
    torch.testing.assert_close(latent(x, x, y), twin(x, x, y))
    k, v, *_ = latent.project(x, y)
    assert k is not v


def test_a_cache_keeps_one_latent_vector_for_each_place():
    latent, x = build("causal"), normal(BATCH, NUM_KEYS, DIM)
    cache = latent.project(x)
    assert isinstance(cache, KeyValue)
    assert cache.v.shape == (BATCH, 1, NUM_KEYS, LATENT_DIM)
    for kept in (cache, cache.append(cache), cache.select(torch.tensor([1, 1, 0]))):
        assert kept.k is kept.v


def test_every_parameter_is_trained_also_under_autocast():
    latent = build(dropout=0.3).float().train()
    with torch.autocast("cpu", dtype=torch.bfloat16):
        output = latent(normal(BATCH, NUM_KEYS, DIM).float())
    output.float().square().sum().backward()
    for name, parameter in latent.named_parameters():
        assert parameter.grad is not None, name
        assert parameter.grad.isfinite().all(), name


def test_its_map_is_found():
    latent, x = build(), normal(BATCH, NUM_KEYS, DIM)
    with capture_attention(nn.ModuleDict({"block": latent})) as maps:
        latent(x)
    assert set(maps) == {"block.heads"}
    torch.testing.assert_close(maps["block.heads"], latent.attend(x)[1].float())


def test_by_default_the_latent_is_half_as_wide_as_the_model():
    layer = FACTORIES["latent"](30, num_heads=3, role="cross", max_length=NUM_KEYS, key_dim=KEY_DIM, value_dim=KEY_DIM)
    assert isinstance(layer, LatentAttention)
    assert layer.project(torch.zeros(1, 1, KEY_DIM)).v.size(-1) == 15


@pytest.mark.parametrize(
    "arguments, message",
    [
        ({"latent_dim": 0}, r"latent_dim must be 1 or more, got 0 \(set attention\.latent_dim\)"),
        ({"value_dim": 17}, "keys and values share a latent, so their widths too, got 33 and 17"),
        ({"dropout": 1.0}, r"dropout must lie in \[0, 1\), got 1\.0 \(set attention\.dropout\)"),
    ],
)
def test_a_bad_value_is_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        build(**arguments)


def test_the_source_is_given_exactly_once():
    latent, x = build("cross"), normal(BATCH, NUM_KEYS, DIM)
    with pytest.raises(ValueError, match="cross-attention needs a key or a kv to attend to, got neither"):
        latent(x)
    with pytest.raises(ValueError, match="the source is either kv or key and value, got both"):
        latent(x, x, kv=latent.project(x))


@pytest.mark.parametrize("name", SIBLINGS)
def test_yaml_of_a_sibling_bears_its_name_and_sets_every_argument_of_its_own(name):
    factory = FACTORIES[name]
    assert factory.func.__name__ == "".join(word.capitalize() for word in name.split("_")) + "Attention"
    given_by_the_model = {"dim", "num_heads", "role", "max_length", "key_dim", "value_dim"}
    assert set(inspect.signature(factory.func).parameters) == given_by_the_model | set(factory.keywords)
    assert factory.func.__doc__
