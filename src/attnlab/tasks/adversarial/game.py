"""What two networks that train against each other have to lose, and how the game stands."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn

from attnlab.tasks.adversarial.losses import AdversarialLoss
from attnlab.tasks.training.running_mean import RunningMean


class AdversarialGame:
    """Both networks' losses on a batch, whose gradients reach that network alone.

    The means of the losses are kept until they are taken, and the shares of real and of generated images that the
    discriminator judged rightly. It isn't an nn.Module: the networks are their owner's.

    Args:
        model: has a `generator` of images of latents (B, L) and a `discriminator` of images, which gives logits (B,).
    """

    def __init__(self, model: Any, loss: AdversarialLoss) -> None:
        self.model, self.loss = model, loss
        self._means = {
            name: RunningMean()
            for name in ("generator_loss", "discriminator_loss", "discriminator_real", "discriminator_fake")
        }

    def discriminator_loss(self, images: Tensor, latents: Tensor, labels: Tensor | None) -> Tensor:
        """On images and on as many generated ones."""
        with torch.no_grad():
            generated = self.model.generator(latents, labels)
        # float32 whatever the precision.
        real = self.model.discriminator(images, labels).float()  # (B,)
        fake = self.model.discriminator(generated, labels).float()
        loss = self.loss.discriminator(real, fake)
        self._add("discriminator_loss", loss.expand(len(real)))
        self._add("discriminator_real", real > 0)
        self._add("discriminator_fake", fake < 0)
        return loss

    def generator_loss(self, latents: Tensor, labels: Tensor | None) -> Tensor:
        """On the images of these latents."""
        with _frozen(self.model.discriminator):
            logits = self.model.discriminator(self.model.generator(latents, labels), labels).float()
        loss = self.loss.generator(logits)
        self._add("generator_loss", loss.expand(len(logits)))
        return loss

    def take(self, reduce: Callable[..., Tensor]) -> dict[str, Tensor]:
        """The means since they were last taken, over all processes."""
        return {name: mean.take(reduce) for name, mean in self._means.items()}

    def state(self) -> dict[str, list[list[float]]]:
        """Plain values for a checkpoint: the sums of each process, all of which must call this."""
        return {name: mean.state() for name, mean in self._means.items()}

    def restore(self, state: dict[str, list[list[float]]]) -> None:
        """Go on from `state()`."""
        for name, mean in self._means.items():
            mean.restore(state[name])

    def _add(self, name: str, values: Tensor) -> None:
        self._means[name].add(values.detach().sum(), torch.tensor(len(values), device=values.device))


@contextmanager
def _frozen(network: nn.Module) -> Iterator[None]:
    """Gradients go through the network, not into it."""
    learning = [parameter for parameter in network.parameters() if parameter.requires_grad]
    for parameter in learning:
        parameter.requires_grad_(False)
    try:
        yield
    finally:
        for parameter in learning:
            parameter.requires_grad_(True)
