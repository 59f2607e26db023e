"""The losses of two networks that train against each other, and the average of one's weights."""

import math

import pytest
import torch
from torch import nn

from attnlab.tasks import AdversarialLoss, HingeLoss, NonSaturatingLoss
from attnlab.tasks.adversarial.averaged_weights import average_into, decay_at

REAL, GENERATED = [2.0, 0.25, -1.5], [-3.0, 0.5, -0.25]


def _mean(values: list[float]) -> float:
    return sum(values) / len(values)


def _log_logistic(logit: float) -> float:
    return math.log(1 / (1 + math.exp(-logit)))


def test_the_hinge_loss_is_that_of_the_paper() -> None:
    loss = HingeLoss()
    expected = _mean([max(0.0, 1 - x) for x in REAL]) + _mean([max(0.0, 1 + x) for x in GENERATED])
    assert loss.discriminator(torch.tensor(REAL), torch.tensor(GENERATED)).item() == pytest.approx(expected)
    assert loss.generator(torch.tensor(GENERATED)).item() == pytest.approx(-_mean(GENERATED))


def test_the_non_saturating_loss_is_that_of_the_paper() -> None:
    loss = NonSaturatingLoss()
    expected = -_mean([_log_logistic(x) for x in REAL]) - _mean([_log_logistic(-x) for x in GENERATED])
    assert loss.discriminator(torch.tensor(REAL), torch.tensor(GENERATED)).item() == pytest.approx(expected)
    assert loss.generator(torch.tensor(GENERATED)).item() == pytest.approx(
        -_mean([_log_logistic(x) for x in GENERATED])
    )


@pytest.mark.parametrize("loss", [HingeLoss(), NonSaturatingLoss()])
def test_a_generator_that_never_deceives_learns_all_the_same(loss: AdversarialLoss) -> None:
    logits = torch.full((3,), -200.0, requires_grad=True)
    loss.generator(logits).backward()
    assert logits.grad is not None
    assert torch.allclose(logits.grad, torch.full((3,), -1 / 3))


@pytest.mark.parametrize("loss", [HingeLoss(), NonSaturatingLoss()])
def test_a_discriminator_gains_by_raising_the_real_and_lowering_the_generated(loss: AdversarialLoss) -> None:
    real, generated = (torch.tensor([0.3, -0.4], requires_grad=True) for _ in range(2))
    loss.discriminator(real, generated).backward()
    assert real.grad is not None
    assert generated.grad is not None
    assert (real.grad < 0).all()
    assert (generated.grad > 0).all()


# The average


def test_the_average_follows_its_definition_and_copies_running_statistics() -> None:
    averaged, network = nn.BatchNorm1d(3), nn.BatchNorm1d(3)
    start = averaged.weight.detach().clone()
    with torch.no_grad():
        network.weight.copy_(torch.tensor([5.0, -7.0, 11.0]))
        network.running_mean.copy_(torch.tensor([2.0, 3.0, 5.0]))  # type: ignore[union-attr]
        network.num_batches_tracked.fill_(17)  # type: ignore[union-attr]
    average_into(averaged, network, 0.75)
    assert torch.allclose(averaged.weight, 0.75 * start + 0.25 * network.weight)
    for name, buffer in network.named_buffers():
        assert torch.equal(averaged.get_buffer(name), buffer)
    average_into(averaged, network, 0.0)
    assert torch.equal(averaged.weight, network.weight)


def test_the_decay_rises_to_what_was_asked_for() -> None:
    decays = [decay_at(update, 0.9) for update in range(200)]
    assert decays[1] == 2 / 11
    assert decays == sorted(decays)
    assert decays[-1] == 0.9
    assert decay_at(100, 0.0) == 0.0
