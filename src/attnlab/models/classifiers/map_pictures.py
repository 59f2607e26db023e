"""Pictures of what a net attended to in an image."""

from torch import Tensor

from attnlab.models.classifiers.image_classifier import ImageMaps
from attnlab.reporting.pictures import ChannelPicture, ImagePicture

MOST_PANELS = 8  # of maps beside an image


def map_pictures(maps: ImageMaps, image: Tensor, *, name: str, title: str) -> list[ImagePicture | ChannelPicture]:
    """The maps of one image (C, H, W) of bytes: those over the image, and the weights of channels, as far as there."""
    pictures: list[ImagePicture | ChannelPicture] = []
    if maps.over_image:
        panels = _panels({layer: weights[0].float().cpu() for layer, weights in maps.over_image.items()})
        pictures.append(ImagePicture(f"{name}_over_image", title, image.cpu(), panels, strided=maps.strided))
    if maps.over_channels:
        weights = {layer: each[0].float().cpu() for layer, each in maps.over_channels.items()}
        pictures.append(ChannelPicture(name=f"{name}_over_channels", title=title, weights=weights))
    return pictures


def _panels(maps: dict[str, Tensor]) -> dict[str, Tensor]:
    """The maps (h, w) to show of maps (M, h, w) by layer: each layer's mean, the last one's heads; not too many."""
    layers = list(maps)
    heads = maps[layers[-1]]
    shown = {f"head {number}": head for number, head in enumerate(heads, 1)} if len(heads) > 1 else {}
    room = max(1, MOST_PANELS - len(shown))
    # The last, and those before it at even distances.
    chosen = layers[::-1][:: max(1, -(-len(layers) // room))][::-1]
    return {layer: maps[layer].mean(dim=0) for layer in chosen} | dict(list(shown.items())[: MOST_PANELS - len(chosen)])
