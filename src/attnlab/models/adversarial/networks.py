"""A generator and a discriminator for images of about 28 by 28, into which the pairs put their parts."""

from collections.abc import Callable
from functools import partial
from itertools import pairwise
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from attnlab.errors import between
from attnlab.models.classifiers.resnet import halved

LEAK = 0.2  # of LeakyReLU: Radford et al. (2016) and Zhang et al. (2019)
MAX_BASE = 8  # places along the longer side of the map that the generator starts from
WeightedLayer = nn.Linear | nn.Conv2d | nn.ConvTranspose2d | nn.Embedding
MIN_SIZE = 8  # pixels; below it the map before the last would be a single line


class Networks(NamedTuple):
    generator: "Generator"
    discriminator: "Discriminator"


class Shape(NamedTuple):
    """Sizes and widths of the maps of both networks, from the image down."""

    sizes: list[tuple[int, int]]  # the image's, then halves of it, two or more, to the first no longer than MAX_BASE
    widths: list[int]  # channels of the generator at each of those, and of the discriminator at each halving of those

    @property
    def attended(self) -> int:
        """Which of the sizes has attention: the last but one, of at most 16 by 16 places, 14 by 14 of 28 by 28."""
        return len(self.sizes) - 2


def shape_of(height: int, width: int, dim: int) -> Shape:
    """The maps of networks of width `dim` for images of a size.

    The generator's full-size map has `dim` channels, which double with each halving, up to 4 dim; the discriminator's
    first half-size map likewise. ValueError for an image below 8 by 8 or a `dim` below 1.
    """
    if min(height, width) < MIN_SIZE:
        raise ValueError(
            f"the image must be at least {MIN_SIZE} by {MIN_SIZE}, got {height} by {width} (set data.image_size)"
        )
    between(1, 2**20, "model", dim=dim)
    sizes = [(height, width)]
    while len(sizes) < 3 or max(sizes[-1]) > MAX_BASE:
        sizes.append(halved(sizes[-1]))
    widths = [dim * min(2**number, 4) for number in range(len(sizes))]
    return Shape(sizes, widths)


def networks(
    *,
    num_classes: int,
    in_channels: int,
    height: int,
    width: int,
    dim: int,
    latent_dim: int,
    conditional: bool,
    feature_attention: Callable[..., Callable[[Tensor], Tensor]],
    discriminator_norm: Callable[[int], nn.Module],
) -> Networks:
    """Both networks, of the sizes of `shape_of`, each with attention on one of its maps."""
    shape = shape_of(height, width, dim)
    size = shape.sizes[shape.attended]
    generator = Generator(
        latent_dim,
        shape=shape,
        out_channels=in_channels,
        norm=partial(ConditionalBatchNorm, num_classes=num_classes) if conditional else nn.BatchNorm2d,
        attention=feature_attention(shape.widths[shape.attended], max_size=size),
        conditional=conditional,
    )
    discriminator = Discriminator(
        in_channels,
        shape=shape,
        norm=discriminator_norm,
        attention=feature_attention(shape.widths[shape.attended - 1], max_size=size),
        num_embeddings=num_classes if conditional else 0,
    )
    return Networks(generator, discriminator)


class Generator(nn.Module):
    """A dense layer makes a small map of the latent; transposed convolutions of stride 2 double it up to the image.

    x_0 = relu(norm(W z)),   x_i = relu(norm(up x_{i-1})),   image = tanh(conv x_n)        (Radford et al., 2016)
    A doubled map that is too large by a line loses its last. Attention stands after the first doubling.

    Args:
        norm: builds the norm of a map, `norm(channels)`; called with the map, and the labels if `conditional`.
    """

    def __init__(
        self,
        latent_dim: int,
        *,
        shape: Shape,
        out_channels: int,
        norm: Callable[[int], nn.Module],
        attention: Callable[[Tensor], Tensor],
        conditional: bool,
    ) -> None:
        super().__init__()
        between(1, 2**20, "model", latent_dim=latent_dim)
        self.sizes = shape.sizes[::-1]
        widths = shape.widths[::-1]
        self.conditional = conditional
        base = (widths[0], *self.sizes[0])
        self.dense = nn.Linear(latent_dim, base[0] * base[1] * base[2], bias=False)
        self.as_map = nn.Unflatten(1, base)
        self.norms = nn.ModuleList(norm(width) for width in widths)
        self.ups = nn.ModuleList(
            nn.ConvTranspose2d(wide, narrow, 4, stride=2, padding=1, bias=False) for wide, narrow in pairwise(widths)
        )
        self.attention = attention
        self.image = nn.Conv2d(widths[-1], out_channels, 3, padding=1)

    def forward(self, latents: Tensor, labels: Tensor | None = None) -> Tensor:
        labels = _needed(labels) if self.conditional else None
        # Channels last is faster on CPUs than channel after channel.
        x = self.as_map(self.dense(latents)).contiguous(memory_format=torch.channels_last)
        x = _activated(self.norms[0], x, labels)
        doublings = zip(self.ups, self.norms[1:], self.sizes[1:], strict=True)
        for number, (up, norm, (height, width)) in enumerate(doublings):
            x = _activated(norm, up(x)[:, :, :height, :width], labels)
            if number == 0:
                x = self.attention(x)
        return torch.tanh(self.image(x)).contiguous()


class Discriminator(nn.Module):
    """Convolutions of stride 2 halve the image to 4 by 4 places or fewer, all of which one dense layer judges.

    x_i = leaky_relu(norm(conv x_{i-1})),   logit = w · x_n + b (+ e_y · x_n)        (Radford et al., 2016)
    The term of the label's embedding e_y is the projection of Miyato & Koyama (2018), where `num_embeddings` isn't 0.
    Sizes are halved upwards. Attention stands where the map is as large as the one it has in the generator.

    Args:
        norm: builds the norm of a map, `norm(channels)`; the first map has none.
    """

    def __init__(
        self,
        in_channels: int,
        *,
        shape: Shape,
        norm: Callable[[int], nn.Module],
        attention: Callable[[Tensor], Tensor],
        num_embeddings: int,
    ) -> None:
        super().__init__()
        widths = [in_channels, *shape.widths]
        self.norms = nn.ModuleList([nn.Identity(), *(norm(width) for width in widths[2:])])
        self.downs = nn.ModuleList(
            nn.Conv2d(narrow, wide, 4, stride=2, padding=1, bias=isinstance(following, nn.Identity))
            for (narrow, wide), following in zip(pairwise(widths), self.norms, strict=True)
        )
        self.attended = shape.attended
        self.attention = attention
        height, width = halved(shape.sizes[-1])
        num_features = widths[-1] * height * width
        self.judge = nn.Linear(num_features, 1)
        self.embedding = nn.Embedding(num_embeddings, num_features) if num_embeddings else None

    def forward(self, images: Tensor, labels: Tensor | None = None) -> Tensor:
        x = images.contiguous(memory_format=torch.channels_last)
        for number, (down, norm) in enumerate(zip(self.downs, self.norms, strict=True), start=1):
            x = F.pad(x, (0, x.size(3) % 2, 0, x.size(2) % 2)) if x.size(2) % 2 or x.size(3) % 2 else x
            x = F.leaky_relu(norm(down(x)), LEAK)
            if number == self.attended:
                x = self.attention(x)
        features = x.flatten(1)  # (B, F)
        logits: Tensor = self.judge(features).squeeze(1)
        if self.embedding is None:
            return logits
        embedded: Tensor = self.embedding(_needed(labels))  # (B, F)
        return logits + (embedded * features).sum(1)


class ConditionalBatchNorm(nn.Module):
    """y = γ_c (x - mean) / std + β_c, with a gain and a shift of each class c        (Dumoulin et al., 2017)"""

    def __init__(self, channels: int, *, num_classes: int) -> None:
        super().__init__()
        self.norm = nn.BatchNorm2d(channels, affine=False)
        self.gain = nn.Embedding(num_classes, channels)
        self.shift = nn.Embedding(num_classes, channels)
        nn.init.ones_(self.gain.weight)
        nn.init.zeros_(self.shift.weight)

    def forward(self, x: Tensor, labels: Tensor) -> Tensor:
        gain, shift = (each(labels)[:, :, None, None] for each in (self.gain, self.shift))
        return torch.addcmul(shift, self.norm(x), gain)


def own_layers(network: nn.Module) -> list[WeightedLayer]:
    """The weighted layers of a generator or discriminator, without what stands in its attention and its norms."""
    return [
        layer
        for name, layer in network.named_modules()
        if isinstance(layer, WeightedLayer) and name.split(".")[0] not in ("attention", "norms")
    ]


def _activated(norm: nn.Module, x: Tensor, labels: Tensor | None) -> Tensor:
    return F.relu(norm(x) if labels is None else norm(x, labels))


def _needed(labels: Tensor | None) -> Tensor:
    if labels is None:
        raise ValueError("a conditional network needs labels, got None (set model.conditional)")
    return labels
