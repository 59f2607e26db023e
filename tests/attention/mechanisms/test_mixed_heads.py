"""Talking heads and differential attention: where they start, and that a mixture sees no masked key."""

import math

import pytest
import torch
import torch.nn.functional as F
from mechanisms import FACTORIES

from attnlab.attention.conformance.inputs import HEADS, build_core, qkv, ragged_mask

NAMES = ["talking_heads", "differential"]


def fresh(name, *, head_dim=10, **values):
    """As a model gets it, its parameters where they start."""
    factory = FACTORIES[name].keywords["core"]
    core = factory(num_heads=HEADS, head_dim=head_dim, role="cross", max_length=7, dropout=0.0, **values)
    return core.double().eval()


@pytest.mark.parametrize("name", NAMES)
def test_masked_keys_stay_at_exactly_zero_and_others_may_go_below(name):
    core = build_core(FACTORIES[name].keywords["core"], "cross")
    with torch.no_grad():
        for parameter in core.parameters():
            parameter.neg_()  # λ is the same, mixtures turn
    q, k, _ = qkv(5, 7)
    key_mask = ragged_mask(7)
    weights = core.weights(q, k, key_mask=key_mask)
    assert (weights.masked_select(~key_mask[:, None, None, :]) == 0).all()
    assert (weights < 0).any()


def test_talking_heads_start_as_scaled_dot():
    q, k, v = qkv(5, 7)
    torch.testing.assert_close(fresh("talking_heads")(q, k, v), fresh("scaled_dot")(q, k, v))


def test_each_talking_head_hears_every_other():
    core = build_core(FACTORIES["talking_heads"].keywords["core"], "cross")
    q, k, _ = qkv(5, 7)
    weights = core.weights(q, k)
    for head in range(HEADS):
        louder = q.detach().clone()
        louder[:, head] *= 2
        changed = (core.weights(louder, k) - weights).abs().amax((0, 2, 3))
        assert (changed > 1e-3).all()


@pytest.mark.parametrize("initial_lambda", [0.0, 0.8])
def test_equal_halves_cancel_all_but_a_share(initial_lambda):
    core = fresh("differential", initial_lambda=initial_lambda)
    torch.nn.init.zeros_(core.lambda_query)  # leaves λ at λ₀
    (q, k, v), half = qkv(5, 7), 5
    q, k = (torch.cat([x[..., :half], x[..., :half]], dim=-1) for x in (q, k))
    plain = fresh("scaled_dot", head_dim=half).weights(q[..., :half], k[..., :half])
    torch.testing.assert_close(core.weights(q, k), (1 - initial_lambda) * plain)
    size = core(q, k, v).square().mean(-1).sqrt()
    assert (size <= 1 - initial_lambda).all()  # of a norm with gain one, eps aside
    assert (size > 0.9 * (1 - initial_lambda)).all()


@pytest.mark.parametrize(
    "values, message",
    [
        ({"head_dim": 11}, r"must be even, got 11 \(set model\.dim or model\.num_heads\)"),
        (
            {"initial_lambda": 1.0},
            r"initial_lambda must lie in \[0, 1\), got 1\.0 \(set attention\.core\.initial_lambda\)",
        ),
        ({"initial_lambda": -0.1}, r"initial_lambda must lie in \[0, 1\), got -0\.1"),
    ],
)
def test_a_bad_value_is_refused(values, message):
    with pytest.raises(ValueError, match=message):
        fresh("differential", **values)


def test_forgetting_heads_begin_with_half_lives_from_the_greatest_length_to_four_steps():
    core = FACTORIES["forgetting"].keywords["core"](num_heads=3, head_dim=10, role="causal", max_length=64, dropout=0.0)
    half_lives = math.log(0.5) / F.logsigmoid(core.forget_bias.detach()).flatten()
    torch.testing.assert_close(half_lives, torch.tensor([64.0, 16.0, 4.0]), rtol=1e-3, atol=0)
