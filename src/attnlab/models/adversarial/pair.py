"""What every pair of adversarial networks offers: a generator of images and a discriminator that judges them."""

from typing import NamedTuple, Protocol

from torch import Tensor, nn


class AdversarialMaps(NamedTuple):
    """The attention paid in one pass of one network over a batch, by the path of the mechanism in that network."""

    between_places: dict[str, Tensor]  # (B, M, h w, h w): whom each place attends to, by M heads or the like
    sizes: dict[str, tuple[int, int]]  # h and w of each of those
    over_image: dict[str, Tensor]  # (B, M, h, w): weights of a mechanism without queries
    over_channels: dict[str, Tensor]  # (B, C)


class AdversarialPair(Protocol):
    """An nn.Module, built from `num_classes`, `in_channels`, `height` and `width`, which come from the data.

    `generator(latents, labels=None)` makes images (B, in_channels, height, width) in [-1, 1] of latents
    (B, latent_dim), drawn from a standard normal. `discriminator(images, labels=None)` gives logits (B,), the greater
    the more real. A conditional pair needs labels (B,) in both, of num_classes; another has no use for them.
    """

    generator: nn.Module
    discriminator: nn.Module
    latent_dim: int
    num_classes: int
    conditional: bool
    in_channels: int
    height: int
    width: int
    slots: dict[str, str]
