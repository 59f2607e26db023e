"""non_local and axial take any query-key-value mechanism that serves the role self, and hand on its refusal."""

import re

import pytest
import torch
from feature_mechanisms import CORES, FACTORIES, attention_factory, feature_factory
from torch import nn

from attnlab.attention import AdditiveAttention, MultiHeadAttention, RoleError, ScaledDotAttention, capture_attention
from attnlab.feature_attention import AxialFeatureAttention, NonLocalFeatureAttention

BATCH, CHANNELS, HEADS, HEIGHT, WIDTH = 2, 30, 3, 5, 7  # ten channels a head, for mechanisms that work on pairs
MAPS = {
    "non_local": {"attention": (BATCH, HEADS, HEIGHT * WIDTH, HEIGHT * WIDTH)},
    "axial": {
        "row_attention": (BATCH * HEIGHT, HEADS, WIDTH, WIDTH),
        "column_attention": (BATCH * WIDTH, HEADS, HEIGHT, HEIGHT),
    },
}
ATTENTIONS = {core: attention_factory(core) for core in CORES}


def build(name, attention):
    torch.manual_seed(0)
    kind = FACTORIES[name].func
    return kind(CHANNELS, max_size=(HEIGHT, WIDTH), attention=attention, num_heads=HEADS).eval()


def refusal(core: str) -> str | None:
    """Why a mechanism refuses the role self, or None if it serves it."""
    try:
        ATTENTIONS[core](CHANNELS, num_heads=HEADS, role="self", max_length=HEIGHT * WIDTH)
    except RoleError as error:
        return str(error)
    return None


REFUSALS = {core: reason for core in CORES if (reason := refusal(core)) is not None}
# A map has places, its lines have none.
REFUSED = {
    name: {core: reason for core, reason in REFUSALS.items() if name == "axial" or "places on a grid" not in reason}
    for name in MAPS
}


@pytest.mark.parametrize("name, core", [(name, core) for name in MAPS for core in sorted({*CORES} - {*REFUSED[name]})])
def test_any_core_serves(name, core):
    mechanism = build(name, ATTENTIONS[core])
    x = torch.randn(BATCH, CHANNELS, HEIGHT, WIDTH, requires_grad=True)
    torch.testing.assert_close(mechanism(x), x)
    for key, parameter in mechanism.named_parameters():
        if key.endswith("gain"):
            nn.init.ones_(parameter)
    with capture_attention(mechanism) as maps:
        output = mechanism(x)
    # A sibling of the shell may keep its core under another name.
    assert {path.split(".")[0]: tuple(weights.shape) for path, weights in maps.items()} == MAPS[name]
    assert (output - x).abs().max() > 1e-3
    torch.testing.assert_close(mechanism(x[1:]), output[1:])
    output.square().sum().backward()
    assert all(p.grad is not None and p.grad.isfinite().all() for p in [x, *mechanism.parameters()])


@pytest.mark.parametrize("name", MAPS)
def test_a_refusal_by_any_core_stands(name):
    for core, reason in REFUSED[name].items():
        with pytest.raises(RoleError, match=re.escape(reason)):
            build(name, ATTENTIONS[core])


class Fussy(ScaledDotAttention):
    def __init__(self, **arguments):
        raise RoleError(f"not for role {arguments['role']}")


@pytest.mark.parametrize("name", MAPS)
def test_the_mechanism_is_the_one_that_attention_names(name):
    mechanism = feature_factory(name, "additive")(CHANNELS, max_size=(HEIGHT, WIDTH))
    shells = [module for module in mechanism.modules() if isinstance(module, MultiHeadAttention)]
    assert [type(shell.core) for shell in shells] == [AdditiveAttention] * len(MAPS[name])


@pytest.mark.parametrize("kind", [NonLocalFeatureAttention, AxialFeatureAttention])
def test_a_refusal_surfaces_as_it_is(kind):
    def attention(dim, **arguments):
        return MultiHeadAttention(dim, core=Fussy, **arguments)

    with pytest.raises(RoleError, match=r"^not for role self$"):
        kind(CHANNELS, max_size=(HEIGHT, WIDTH), attention=attention)


@pytest.mark.parametrize(
    "kind, lengths", [(NonLocalFeatureAttention, [HEIGHT * WIDTH]), (AxialFeatureAttention, [WIDTH, HEIGHT])]
)
def test_the_greatest_length_is_that_of_the_sequences(kind, lengths):
    asked = []

    def attention(dim, **arguments):
        asked.append((dim, arguments))
        return MultiHeadAttention(dim, core=ScaledDotAttention, **arguments)

    kind(CHANNELS, max_size=(HEIGHT, WIDTH), attention=attention, num_heads=HEADS)
    assert asked == [(CHANNELS, {"num_heads": HEADS, "role": "self", "max_length": length}) for length in lengths]


def test_rows_of_the_captured_maps_are_the_lines_of_each_image_in_turn():
    mechanism = build("axial", ATTENTIONS["scaled_dot"])
    x = torch.randn(BATCH, CHANNELS, HEIGHT, WIDTH)
    with capture_attention(mechanism) as maps:
        mechanism(x)
    rows = maps["row_attention"].unflatten(0, (BATCH, HEIGHT))
    columns = maps["column_attention"].unflatten(0, (BATCH, WIDTH))
    for b, i in [(0, 1), (1, 3)]:
        _, expected = mechanism.row_attention.attend(x[b, :, i].T.unsqueeze(0))
        torch.testing.assert_close(rows[b, i], expected[0].detach())
    for b, j in [(0, 6), (1, 2)]:  # at gain zero the columns see x, too
        _, expected = mechanism.column_attention.attend(x[b, :, :, j].T.unsqueeze(0))
        torch.testing.assert_close(columns[b, j], expected[0].detach())
