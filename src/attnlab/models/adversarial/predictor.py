"""From chance to images, and what a generator and a discriminator attended to."""

from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from typing import Any, ClassVar, Protocol, cast

import torch
from torch import Tensor, nn

from attnlab.models.adversarial.pair import AdversarialPair
from attnlab.models.adversarial.pictures import adversarial_pictures
from attnlab.models.predictors import whereabouts
from attnlab.reporting.pictures import ChannelPicture, ImagePicture, QueryPicture

AT_ONCE = 64  # images that a generator makes in one go


class NamedClasses(Protocol):
    """Has a name for each label."""

    classes: list[str]


class GeneratingPredictor:
    """Makes images by the average of a generator's weights, which begins as these weights and is the trainer's to move.

    Latents are drawn from N(0, 1).
    """

    asked: ClassVar[str] = "--num 64 --out generated"

    def __init__(self, model: AdversarialPair, codec: NamedClasses) -> None:
        self.model, self.codec = model, codec
        self.averaged = deepcopy(model.generator).requires_grad_(False)
        self.modules: Mapping[str, nn.Module] = {"model": cast(nn.Module, model), "averaged": self.averaged}

    @property
    def classes(self) -> Sequence[str] | None:
        """Those that can be asked for; None where none can."""
        return self.codec.classes if self.model.conditional else None

    def latents(self, num: int, seed: int) -> Tensor:
        """(num, latent_dim), on the CPU; the first ones are the same for any `num`."""
        return draw_latents(num, self.model.latent_dim, seed=seed)

    def generate(
        self, num: int, *, seed: int, labels: Tensor | None = None, batch_size: int = AT_ONCE
    ) -> Iterator[tuple[Tensor, Tensor | None]]:
        """Pictures (b, C, H, W) uint8 in order, at most `batch_size` at a time, and their labels (b,), if conditional.

        A picture has the same bits for its seed, its number and its label, whatever `num` and `batch_size`: they are
        always made so many at once. Without labels the classes take turns.
        """
        padded = -(-num // AT_ONCE) * AT_ONCE
        latents = self.latents(padded, seed)
        if self.model.conditional:
            turns = torch.arange(padded) % self.model.num_classes
            labels = turns if labels is None else torch.cat([labels.cpu(), turns[num:]])
        for start in range(0, num, AT_ONCE):
            many = slice(start, start + AT_ONCE)
            of_many = None if labels is None else labels[many]
            pictures = self.draw(latents[many], of_many)[: num - start]
            for first in range(0, len(pictures), batch_size):
                few = slice(first, min(first + batch_size, len(pictures)))
                yield pictures[few], None if of_many is None else of_many[few]

    def draw(self, latents: Tensor, labels: Tensor | None) -> Tensor:
        """Pictures (B, C, H, W) uint8 of latents, and labels if conditional."""
        return to_pictures(self._images(latents, labels))

    @torch.no_grad()
    def _images(self, latents: Tensor, labels: Tensor | None) -> Tensor:
        """Those of the averaged generator, in float32 whatever the precision."""
        device, _ = whereabouts(self.averaged.eval())
        with torch.autocast(device.type, enabled=False):
            images: Tensor = self.averaged(latents.to(device), None if labels is None else labels.to(device))
        return images

    @staticmethod
    def readable(given: str, output: Any) -> str:
        """Where the image is."""
        return str(output)

    def sample_pictures(
        self, num: int, *, seed: int, labels: Tensor | None = None
    ) -> list[QueryPicture | ImagePicture | ChannelPicture]:
        """What both networks attend to in the first samples of a seed, of those labels, or classes in turns."""
        device, _ = whereabouts(self.averaged)
        latents = self.latents(num, seed).to(device)
        if self.model.conditional:
            labels = torch.arange(num) % self.model.num_classes if labels is None else labels[:num]
            labels = labels.to(device)
        images = self._images(latents, labels)
        networks = {"generator": (self.averaged, latents), "discriminator": (self.model.discriminator, images)}
        names = [] if labels is None else [self.codec.classes[int(label)] for label in labels]
        return adversarial_pictures(networks, labels, to_pictures(images), names=names)


def draw_latents(num: int, dim: int, *, seed: int) -> Tensor:
    """(num, dim) standard normal, on the CPU; the first ones are the same for any `num`."""
    draw = torch.Generator().manual_seed(seed)
    return torch.stack([torch.randn(dim, generator=draw) for _ in range(num)])


def to_pictures(images: Tensor) -> Tensor:
    """uint8 of images in [-1, 1]."""
    return ((images.float() + 1) * 127.5).round().clamp(0, 255).to(torch.uint8)
