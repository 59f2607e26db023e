"""What attention keeps of the steps before."""

import pytest
import torch
from torch import nn

from attnlab.attention import (
    KeyValue,
    LatentAttention,
    MultiHeadAttention,
    ScaledDotAttention,
    State,
    UniformAttention,
    ablate_attention,
    advance,
    capture_attention,
)
from attnlab.attention.past import keys_kept, own_advance


class RunningMean(UniformAttention):
    """The mean of all so far, from their sum and number."""

    def advance(self, q, k, v, state, *, key_mask=None):
        real = v.new_ones(v.size(0), 1, v.size(2), 1) if key_mask is None else key_mask[:, None, :, None].to(v)
        before = (0.0, 0.0) if state is None else state
        total, number = (
            (x * real).cumsum(2) + each for x, each in zip((v, torch.ones_like(real)), before, strict=True)
        )
        return total / number.clamp(min=1), (total[:, :, -1:], number[:, :, -1:])


class GatedMean(RunningMean):
    """Likewise, with something learned, which an ablation takes away."""

    def __init__(self, *, num_heads, head_dim, role, max_length, dropout):
        super().__init__(num_heads=num_heads, head_dim=head_dim, role=role, max_length=max_length, dropout=dropout)
        self.gate = nn.Parameter(torch.ones(()))


def build(core=RunningMean, **arguments):
    torch.manual_seed(0)
    return MultiHeadAttention(15, num_heads=3, core=core, role="causal", max_length=7, **arguments).double().eval()


def source(length=7):
    return torch.randn(2, length, 15, dtype=torch.float64, generator=torch.Generator().manual_seed(1))


def stepwise(attention, x):
    past, outputs = None, []
    for i in range(x.size(1)):
        output, past = advance(attention, x[:, i : i + 1], past)
        outputs.append(output)
    return torch.cat(outputs, dim=1), past


@pytest.mark.parametrize("num_kv_heads", [None, 1])
def test_a_recurrence_goes_on_from_its_state(num_kv_heads):
    attention, x = build(num_kv_heads=num_kv_heads), source()
    output, past = stepwise(attention, x)
    torch.testing.assert_close(output, attention(x))
    assert isinstance(past, State)
    torch.testing.assert_close(past.select(torch.tensor([1, 1]))[0], past[0][[1, 1]])


def test_a_block_that_shows_or_changes_weights_has_keys_kept():
    attention, x = build(GatedMean), source()
    model = nn.ModuleDict({"layer": attention})
    with capture_attention(model) as maps:
        output, past = stepwise(attention, x)
    torch.testing.assert_close(output, attention(x))
    assert isinstance(past, KeyValue)
    torch.testing.assert_close(maps["layer"][:, 0], torch.ones(2, 7, 7).tril() / torch.arange(1, 8)[:, None])
    assert isinstance(stepwise(attention, x)[1], State)
    _, state = attention.advance(x)
    for block in (capture_attention, ablate_attention):
        with block(model), pytest.raises(ValueError, match=r"decoding was begun with a state, .*inside the block"):
            attention.advance(x[:, :1], state)
    with pytest.raises(ValueError, match="decoding was begun with keys, from which a recurrence can't go on"):
        attention.advance(x[:, :1], past)


def test_what_has_nothing_to_lose_goes_on_from_its_state_when_ablated():
    attention, x = build(), source()
    with ablate_attention(nn.ModuleDict({"layer": attention})) as paths:
        output, past = stepwise(attention, x)
    assert paths == []
    assert isinstance(past, State)
    torch.testing.assert_close(output, attention(x))


def test_blocks_end_in_any_order():
    core = build().core
    first, second = keys_kept(core), keys_kept(core)
    first.__enter__()
    second.__enter__()
    first.__exit__(None, None, None)
    assert own_advance(core) is None
    second.__exit__(None, None, None)
    assert own_advance(core) is not None
    assert vars(core).keys() == vars(build().core).keys()


class Sibling(nn.Module):
    """Called as the shell is, but for `advance`."""

    def __init__(self):
        super().__init__()
        self.shell = build(ScaledDotAttention)

    def project(self, key, value=None):
        return self.shell.project(key, value)

    def forward(self, query, key=None, value=None, *, kv=None, key_mask=None, bias=None):
        return self.shell(query, key, value, kv=kv, key_mask=key_mask, bias=bias)


def test_a_sibling_without_a_method_of_its_own_keeps_keys_and_their_mask():
    sibling, x = Sibling(), source()
    key_mask = torch.arange(7) != torch.tensor([[3], [0]])
    latent = LatentAttention(15, num_heads=3, role="causal", max_length=7).double().eval()
    for attention in (sibling, latent):
        output, past = advance(attention, x[:, :4], None, key_mask=key_mask[:, :4])
        later, past = advance(attention, x[:, 4:], past)
        torch.testing.assert_close(
            torch.cat([output, later], dim=1), attention(x, key_mask=key_mask | (torch.arange(7) > 3))
        )
        assert past.v.size(-2) == 7


def test_what_is_appended_is_of_the_same_attention() -> None:
    kv = KeyValue(torch.zeros(2, 3, 5, 7), torch.zeros(2, 3, 5, 7))
    with pytest.raises(ValueError, match=r"^what is appended must be what project gives, .* got int "):
        kv.append(5)  # type: ignore[arg-type]
    for shape in ((1, 3, 5, 7), (2, 1, 5, 7), (2, 3, 5, 11)):
        with pytest.raises(ValueError, match=r"must be of the same batch, heads and width, here \(2, 3, 7\), got "):
            kv.append(KeyValue(torch.zeros(shape), torch.zeros(shape)))
