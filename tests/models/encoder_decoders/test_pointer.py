"""Copying: the mixture against a loop, and its numbers at the extremes."""

import math

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st

from attnlab.models.encoder_decoders.pointer import CopySource, as_shares, copy_mixture
from attnlab.models.special_tokens import EOS, PAD

pytestmark = pytest.mark.text


SOURCE = torch.tensor([[5, 11, 5, 8, EOS], [7, EOS, PAD, PAD, PAD]])  # 5 stands twice


VOCAB = 13


def random_inputs(dtype=torch.float64, *, total=1.0):
    """Logits (2, 3, 13), switch (2, 3) and attention (2, 3, 5) over the real tokens that sums to `total`."""
    generator = torch.Generator().manual_seed(3)
    logits, switch, scores = (
        torch.randn(*shape, dtype=dtype, generator=generator) for shape in ((2, 3, VOCAB), (2, 3), (2, 3, 5))
    )
    attention = scores.masked_fill((SOURCE == PAD).unsqueeze(1), -math.inf).softmax(2) * total
    return logits, switch, attention


def slow_mixture(logits, switch, attention, source):
    """The probabilities, word by word."""
    probabilities = logits.softmax(2)
    for row in range(len(source)):
        for time in range(logits.shape[1]):
            copying = switch[row, time].sigmoid()
            probabilities[row, time] *= 1 - copying * attention[row, time].sum()
            for place, word in enumerate(source[row].tolist()):
                probabilities[row, time, word] += copying * attention[row, time, place]
    return probabilities


@pytest.mark.parametrize("total", [1.0, 0.6, 0.0])
def test_the_mixture_is_that_of_the_loop(total):
    logits, switch, attention = random_inputs(total=total)
    log_probs = copy_mixture(logits, switch, attention, CopySource.of(SOURCE))
    torch.testing.assert_close(log_probs.exp(), slow_mixture(logits, switch, attention, SOURCE))


@settings(deadline=None, max_examples=53)
@given(st.floats(-300, 300), st.floats(0.01, 200), st.sampled_from([0.0, 1e-30, 0.3, 1.0]), st.integers(0, 2**31))
def test_log_softmax_leaves_the_mixture_as_it_is_and_nothing_is_nan_at_the_extremes(switch, scale, total, seed):
    torch.manual_seed(seed)
    logits = (torch.randn(2, 3, VOCAB) * scale).requires_grad_()
    gate = torch.full((2, 3), switch, requires_grad=True)
    scores = (torch.randn(2, 3, 5) * scale).requires_grad_()
    attention = scores.masked_fill((SOURCE == PAD).unsqueeze(1), -1e9).softmax(2) * total
    log_probs = copy_mixture(logits, gate, attention, CopySource.of(SOURCE))
    assert log_probs.dtype == torch.float32
    assert log_probs.isfinite().all()
    torch.testing.assert_close(F.log_softmax(log_probs, 2), log_probs, atol=1e-4, rtol=1e-5)
    log_probs[:, :, 5].sum().backward()
    assert all(each.grad.isfinite().all() for each in (logits, gate, scores))


def test_gradients_of_the_mixture_are_those_of_finite_differences():
    logits, switch, attention = random_inputs(total=0.7)
    inputs = tuple(each.requires_grad_() for each in (logits, switch, attention))
    source = CopySource.of(SOURCE)
    # Padding is given no share by any mechanism, and none is copied.
    real = (SOURCE != PAD).unsqueeze(1)
    assert torch.autograd.gradcheck(lambda a, b, c: copy_mixture(a, b, c * real, source), inputs)


def test_a_certain_switch_copies_or_generates_alone():
    logits, _, attention = random_inputs()
    for switch, expected in ((-80.0, logits.softmax(2)), (80.0, None)):
        found = copy_mixture(logits, torch.full((2, 3), switch), attention, CopySource.of(SOURCE)).exp()
        if expected is not None:
            torch.testing.assert_close(found, expected)
        else:
            torch.testing.assert_close(found[0, :, 5], attention[0, :, 0] + attention[0, :, 2])
            assert found[0, :, [4, 6, 12]].max() < 1e-15


def test_a_word_that_no_vocabulary_would_give_is_still_copied_and_learned_from():
    logits, switch, attention = random_inputs(torch.float32)
    logits[:, :, 11] = -1e4
    attention.requires_grad_()
    log_probs = copy_mixture(logits, switch, attention, CopySource.of(SOURCE))
    torch.testing.assert_close(log_probs[0, :, 11].exp(), switch[0].sigmoid() * attention[0, :, 1])
    log_probs[0, :, 11].sum().backward()
    torch.testing.assert_close(attention.grad[0, :, 1], 1 / attention.detach()[0, :, 1])


def test_a_weight_of_exactly_zero_has_the_gradient_of_its_neighbourhood():
    # As of sparse mechanisms, and of hard attention, whose gradients pretend that the others had a share.
    logits, switch, attention = random_inputs()
    attention = attention.clone()
    attention[0, :, 1] = 0.0
    attention.requires_grad_()
    log_probs = copy_mixture(logits, switch, attention, CopySource.of(SOURCE))
    log_probs[0, 0, 11].backward()
    rest = 1 - switch[0, 0].sigmoid() * attention[0, 0].sum()
    expected = switch[0, 0].sigmoid() / (rest * logits.softmax(2)[0, 0, 11]) - switch[0, 0].sigmoid() / rest
    torch.testing.assert_close(attention.grad[0, 0, 1], expected)


def test_shares_leave_softmax_alone_and_sum_to_one_or_nothing():
    softmax = torch.randn(2, 3, 5, 7).softmax(3)
    torch.testing.assert_close(as_shares(softmax), softmax)
    odd = torch.tensor([[[[0.5, -0.2, 0.3], [3.0, 1.0, -9.0], [0.0, -1.0, 0.0]]]])
    expected = torch.tensor([[[[0.625, 0.0, 0.375], [0.75, 0.25, 0.0], [0.0, 0.0, 0.0]]]])
    torch.testing.assert_close(as_shares(odd), expected)
    assert as_shares(softmax.bfloat16()).dtype == torch.float32
