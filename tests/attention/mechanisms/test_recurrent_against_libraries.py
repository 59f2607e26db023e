"""States that are written and read, against flash-linear-attention's plain loops: values and gradients.

They compute in float32.
"""

from typing import NamedTuple

import pytest
import torch
import torch.nn.functional as F
from benchmarks.library_recurrences import by_time, naive, rms, unit

from attnlab.attention import (
    DeltanetAttention,
    ForgettingAttention,
    GatedDeltanetAttention,
    GlaAttention,
    KdaAttention,
    Mamba2Attention,
    RetnetAttention,
    Rwkv7Attention,
)
from attnlab.attention.conformance.inputs import HEAD_DIM, build_core, gradients, qkv

LENGTH = 37  # beyond a chunk of 32


class Given(NamedTuple):
    """What a mechanism is given, in float32: (B, H, T, Dh)."""

    core: torch.nn.Module
    q: torch.Tensor
    k: torch.Tensor
    v: torch.Tensor
    side: dict[str, torch.Tensor]


def retnet(given: Given) -> torch.Tensor:
    return rms(naive("retention").naive_retention(given.q, given.k, given.v)) * F.silu(given.side["gate"])


def gla(given: Given) -> torch.Tensor:
    log_decay = F.logsigmoid(given.side["decay"] + given.core.decay_bias) / 16
    output, _ = naive("gla").naive_recurrent_gla(*by_time(given.q, given.k, given.v, log_decay))
    return rms(output.transpose(1, 2)) * given.core.gain * F.silu(given.side["gate"])


def mamba2(given: Given) -> torch.Tensor:
    step = F.softplus(given.side["step"] + given.core.step_bias)
    log_decay = (-given.core.log_rate.exp() * step).squeeze(-1)
    read, written = F.silu(given.q), step * F.silu(given.k)
    theirs = naive("simple_gla").naive_recurrent_simple_gla
    output, _ = theirs(*by_time(read, written, given.v, log_decay), scale=1.0)
    output = output.transpose(1, 2) + given.core.skip * given.v
    return rms(output * F.silu(given.side["gate"])) * given.core.gain


def deltanet(given: Given) -> torch.Tensor:
    q, k, strength = unit(F.silu(given.q)), unit(F.silu(given.k)), given.side["strength"].sigmoid()
    output, _ = naive("delta_rule").delta_rule_recurrence(q, k, given.v, strength.squeeze(-1))
    return rms(output) * given.core.gain


def gated_deltanet(given: Given) -> torch.Tensor:
    log_decay = -given.core.log_rate.exp() * F.softplus(given.side["decay"] + given.core.step_bias)
    q, k, strength = unit(F.silu(given.q)), unit(F.silu(given.k)), given.side["strength"].sigmoid()
    theirs = naive("gated_delta_rule").naive_recurrent_gated_delta_rule
    output, _ = theirs(*by_time(q, k, given.v, strength.squeeze(-1), log_decay.squeeze(-1)))
    return rms(output.transpose(1, 2)) * given.core.gain * F.silu(given.side["gate"])


def kda(given: Given, *, least: float = -5.0) -> torch.Tensor:
    """With the floor that ours has: a channel forgets no more than e^-5 a step."""
    log_decay = -given.core.log_rate.exp() * F.softplus(given.side["decay"] + given.core.step_bias)
    q, k, strength = unit(F.silu(given.q)), unit(F.silu(given.k)), given.side["strength"].sigmoid()
    theirs = naive("kda").naive_recurrent_kda
    output, _ = theirs(*by_time(q, k, given.v, log_decay.clamp(min=least), strength.squeeze(-1)))
    return rms(output.transpose(1, 2)) * given.core.gain * given.side["gate"].sigmoid()


def rwkv7(given: Given) -> torch.Tensor:
    core, side = given.core, given.side
    log_decay = -0.606531 * (side["decay"] + core.decay_bias).sigmoid()  # exp(-1/2), as the authors' code has it
    rate = (side["rate"] + core.rate_bias).sigmoid()
    removed, written = unit(given.k * core.removal), given.k * (1 + (rate - 1) * core.mix)
    theirs = naive("generalized_delta_rule/dplr").dplr_recurrence
    read = given.q * HEAD_DIM**0.5  # undoes its scale, which RWKV-7 hasn't
    output, _ = theirs(read, written, given.v, removed, -rate * removed, log_decay)
    output = output + (given.q * core.bonus * written).sum(-1, keepdim=True) * given.v
    return F.layer_norm(output, output.shape[-1:], eps=1e-5) * core.gain * side["gate"].sigmoid()


def forgetting(given: Given) -> torch.Tensor:
    log_kept = F.logsigmoid(given.side["forget"] + given.core.forget_bias).squeeze(-1)
    theirs = naive("forgetting_attn").naive_forgetting_attn
    output: torch.Tensor = theirs(*by_time(given.q, given.k, given.v, log_kept))
    return output.transpose(1, 2)


REFERENCES = [
    (RetnetAttention, retnet),
    (GlaAttention, gla),
    (Mamba2Attention, mamba2),
    (DeltanetAttention, deltanet),
    (GatedDeltanetAttention, gated_deltanet),
    (KdaAttention, kda),
    (Rwkv7Attention, rwkv7),
    (ForgettingAttention, forgetting),
]


def built(mechanism):
    """A core and what it is given, of which its reference is given the same numbers."""
    core = build_core(mechanism, "causal", max_length=LENGTH)
    q, k, v = qkv(LENGTH, LENGTH)
    with torch.no_grad():
        exact = build_core(mechanism, "causal", max_length=LENGTH, dtype=torch.float32)
        exact.core.load_state_dict(core.core.state_dict())
    return core, exact.core, (q, k, v)


@pytest.mark.parametrize("mechanism, reference", REFERENCES, ids=[each.__name__ for _, each in REFERENCES])
def test_a_recurrence_equals_the_librarys_loop_forward_and_backward(mechanism, reference):
    core, narrow, (q, k, v) = built(mechanism)
    output = core(q, k, v)
    side = core.sides(q, k)
    expected = reference(Given(narrow, *(x.float() for x in (q, k, v)), {name: x.float() for name, x in side.items()}))
    torch.testing.assert_close(output.float(), expected, rtol=1e-4, atol=2e-5)
    for name, ours, theirs in zip("qkv", gradients(output.float(), q, k, v), gradients(expected, q, k, v), strict=True):
        torch.testing.assert_close(ours, theirs, rtol=2e-3, atol=2e-4, msg=lambda text, name=name: f"{name}: {text}")


def test_kda_differs_from_the_library_by_its_floor_alone():
    """Where channels forget more than e^-5 in a step, which the library lets them."""
    core, narrow, (q, k, v) = built(KdaAttention)
    with torch.no_grad():
        for each in (core.core, narrow):
            each.log_rate.fill_(2.0)  # A = 7.4, of 1 to 16 that it begins with
        output, side = core(q, k, v), core.sides(q, k)
        given = Given(narrow, *(x.float() for x in (q, k, v)), {name: x.float() for name, x in side.items()})
        torch.testing.assert_close(output.float(), kda(given), rtol=1e-4, atol=2e-5)
        apart = (output.float() - kda(given, least=-torch.inf)).abs().max()
    assert 1e-4 < apart < 0.1
