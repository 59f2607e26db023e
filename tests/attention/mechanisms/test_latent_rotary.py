"""Latent attention with a rotary part keeps a short vector a place, and sees content and distance by it."""

import pytest
import torch
from torch import nn

from attnlab.attention import LatentRotaryAttention, RoleError, capture_attention

DIM, NUM_HEADS, LATENT_DIM, ROTARY_DIM = 33, 3, 7, 4
BATCH, LENGTH = 2, 11


def build(role="causal", **arguments):
    torch.manual_seed(0)
    arguments = {"latent_dim": LATENT_DIM, "rotary_dim": ROTARY_DIM, **arguments}
    attention = LatentRotaryAttention(DIM, num_heads=NUM_HEADS, role=role, max_length=LENGTH, **arguments).double()
    for parameter in attention.parameters():  # biases start at zero, where a lost one wouldn't show
        nn.init.normal_(parameter, std=0.3)
    return attention.eval()


def normal(*shape):
    return torch.randn(*shape, dtype=torch.float64, generator=torch.Generator().manual_seed(sum(shape)))


def test_a_cache_keeps_the_latent_and_what_turns_once_for_all_heads():
    attention, x = build(), normal(BATCH, LENGTH, DIM)
    cache = attention.project(x)
    assert cache.k.shape == (BATCH, 1, LENGTH, LATENT_DIM + ROTARY_DIM)
    for kept in (cache, cache.append(cache), cache.select(torch.tensor([1, 1, 0]))):
        assert kept.k is kept.v


def test_content_meets_in_the_latent_without_keys_of_any_head():
    """The paper's own way to decode: W_k is taken to the query's side."""
    attention, x = build("self"), normal(BATCH, LENGTH, DIM)
    with torch.no_grad():
        attention.key_projection.bias.zero_()
        attention.query_projection.weight.view(NUM_HEADS, -1, DIM)[:, :ROTARY_DIM].zero_()  # content alone
        attention.query_projection.bias.view(NUM_HEADS, -1)[:, :ROTARY_DIM].zero_()
    latent = attention.project(x).k[..., :LATENT_DIM]  # (B, 1, T, L)
    q = attention.query_projection(x).view(BATCH, LENGTH, NUM_HEADS, -1).transpose(1, 2)[..., ROTARY_DIM:]
    absorbed = q @ attention.key_projection.weight.view(NUM_HEADS, -1, LATENT_DIM)  # (B, H, T, L)
    scores = absorbed @ latent.mT / (DIM // NUM_HEADS + ROTARY_DIM) ** 0.5
    torch.testing.assert_close(attention.attend(x)[1], scores.softmax(-1))


def test_only_distances_matter():
    attention, x = build("self"), normal(BATCH, LENGTH, DIM)
    later = torch.cat([normal(BATCH, 3, DIM), x], dim=1)
    key_mask = torch.arange(LENGTH + 3).expand(BATCH, -1) >= 3
    torch.testing.assert_close(attention(later, key_mask=key_mask)[:, 3:], attention(x))
    assert (attention(x.flip(1)).flip(1) - attention(x)).abs().max() > 0.01


def test_values_from_another_tensor_than_keys_have_their_own_latent():
    attention, x, y = build("self"), normal(BATCH, LENGTH, DIM), normal(BATCH, LENGTH, DIM).flip(1)
    output, weights = attention.attend(x, x, y)
    torch.testing.assert_close(weights, attention.attend(x)[1])
    torch.testing.assert_close(attention(x, x, y), output)
    assert (output - attention(x)).abs().max() > 0.01


def test_its_map_is_found():
    attention, x = build(), normal(BATCH, LENGTH, DIM)
    with capture_attention(nn.ModuleDict({"block": attention})) as maps:
        attention(x)
    torch.testing.assert_close(maps["block"], attention.attend(x)[1].float())


def test_by_default_widths_are_the_papers_shares():
    attention = LatentRotaryAttention(48, num_heads=3, role="self", max_length=LENGTH)
    assert (attention.latent_dim, attention.rotary_dim) == (24, 8)


@pytest.mark.parametrize(
    "arguments, message",
    [
        ({"latent_dim": 1}, r"latent_dim must be 2 or more, got 1 \(set attention\.latent_dim\)"),
        ({"query_latent_dim": 1}, r"query_latent_dim must be 2 or more, got 1 \(set attention\.query_latent_dim\)"),
        ({"rotary_dim": 0}, r"rotary_dim must be 2 or more, got 0 \(set attention\.rotary_dim\)"),
        ({"rotary_dim": 3}, r"rotary_dim must be even, as pairs turn, got 3 \(set attention\.rotary_dim\)"),
        ({"base": 1.0}, r"base must be greater than 1, got 1\.0 \(set attention\.base\)"),
        ({"value_dim": 17}, "keys and values share a latent, so their widths too, got 33 and 17"),
        ({"dropout": 1.0}, r"dropout must lie in \[0, 1\), got 1\.0 \(set attention\.dropout\)"),
    ],
)
def test_a_bad_value_is_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        build(**arguments)


def test_another_sequence_has_no_distances():
    with pytest.raises(RoleError, match="latent_rotary attention needs queries and keys that share one line"):
        build("cross")


@pytest.mark.parametrize("name", ["latent_dim", "query_latent_dim", "rotary_dim"])
def test_a_width_that_no_memory_holds_is_refused_before_it_is_made(name):
    with pytest.raises(ValueError, match=rf"^{name} must .*1,?048,?576.* \(set attention\.{name}\)"):
        build(**{name: 2**20 + 2})
