"""Each network's loss reaches that network alone, and how the game stands survives a checkpoint."""

import json
from typing import Any

import pytest
import torch
from tiny_generation import TinyPair, sizes
from torch import Tensor

from attnlab.tasks import HingeLoss, NonSaturatingLoss
from attnlab.tasks.adversarial.game import AdversarialGame


def _game(*, conditional: bool = True) -> AdversarialGame:
    torch.manual_seed(3)
    return AdversarialGame(TinyPair(**sizes(), conditional=conditional), NonSaturatingLoss())


def _given(num: int = 7) -> tuple[Tensor, Tensor, Tensor]:
    draw = torch.Generator().manual_seed(5)
    images = torch.rand(num, 1, 28, 28, generator=draw) * 2 - 1
    return images, torch.randn(num, 5, generator=draw), torch.randint(0, 10, (num,), generator=draw)


def _plain(pair: Tensor, **_: Any) -> Tensor:
    return pair


@pytest.mark.parametrize("learns", ["discriminator", "generator"])
def test_a_loss_reaches_its_own_network_alone(learns: str) -> None:
    game = _game()
    images, latents, labels = _given()
    if learns == "discriminator":
        loss = game.discriminator_loss(images, latents, labels)
    else:
        loss = game.generator_loss(latents, labels)
    loss.backward()
    reached = {
        name
        for name in ("discriminator", "generator")
        for parameter in getattr(game.model, name).parameters()
        if parameter.grad is not None
    }
    assert reached == {learns}
    assert all(parameter.requires_grad for parameter in game.model.parameters())  # frozen for the while only


def test_a_network_frozen_by_its_owner_stays_so() -> None:
    game = _game()
    game.model.discriminator.hidden.requires_grad_(False)
    game.generator_loss(*_given()[1:])
    assert not game.model.discriminator.hidden.weight.requires_grad
    assert game.model.discriminator.logit.weight.requires_grad


@pytest.mark.parametrize("loss", [HingeLoss(), NonSaturatingLoss()])
def test_losses_are_those_of_the_logits_and_shares_those_judged_rightly(loss: Any) -> None:
    game = _game(conditional=False)
    game.loss = loss
    images, latents, _ = _given()
    with torch.no_grad():
        real, fake = game.model.discriminator(images), game.model.discriminator(game.model.generator(latents))
    assert torch.allclose(game.discriminator_loss(images, latents, None), loss.discriminator(real, fake))
    assert torch.allclose(game.generator_loss(latents, None), loss.generator(fake))
    taken = {name: float(value) for name, value in game.take(_plain).items()}
    assert taken == {
        "discriminator_loss": pytest.approx(loss.discriminator(real, fake).item()),
        "generator_loss": pytest.approx(loss.generator(fake).item()),
        "discriminator_real": pytest.approx((real > 0).double().mean().item()),
        "discriminator_fake": pytest.approx((fake < 0).double().mean().item()),
    }


def test_means_weigh_batches_by_their_images_and_go_on_from_a_checkpoint() -> None:
    whole, first, second = _game(), _game(), _game()
    for game in (whole, first):
        game.discriminator_loss(*_given(7))
    second.restore(json.loads(json.dumps(first.state())))
    for game in (whole, second):
        game.discriminator_loss(*_given(3))
        game.generator_loss(*_given(3)[1:])
    expected = {name: float(value) for name, value in whole.take(_plain).items()}
    assert {name: float(value) for name, value in second.take(_plain).items()} == expected
    alone = [_game().discriminator_loss(*_given(num)).item() for num in (7, 3)]
    assert expected["discriminator_loss"] == pytest.approx((7 * alone[0] + 3 * alone[1]) / 10)
