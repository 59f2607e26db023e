"""What every image classifier offers: class scores, and where it looked."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple, Protocol

from torch import Tensor


class ImageMaps(NamedTuple):
    """The attention paid in one pass over a batch of images, by names that say whose it is."""

    over_image: dict[str, Tensor]  # (B, M, h, w): the weights of a grid laid over the image, of M heads or the like
    over_channels: dict[str, Tensor]  # (B, C)
    strided: bool = False  # place j lies over pixel stride * j, where odd kernels put it; else the cells tile the image
    # (B, M, h, w, h, w): what each place gives to each, where places attend to one another
    between_places: Mapping[str, Tensor] = MappingProxyType({})


class ImageClassifier(Protocol):
    """An nn.Module, built from `num_classes`, `in_channels`, `height` and `width`, which come from the data."""

    num_classes: int

    def __call__(self, images: Tensor) -> Tensor:
        """Logits (B, num_classes) of images (B, in_channels, height, width)."""
        ...

    def image_maps(self, images: Tensor) -> ImageMaps:
        """What the model attends to in images (B, in_channels, height, width), from the first layer to the last."""
        ...
