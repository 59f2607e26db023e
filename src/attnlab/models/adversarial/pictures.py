"""Pictures of what a generator and a discriminator attended to."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from attnlab.language import either
from attnlab.models.adversarial.maps import adversarial_maps
from attnlab.models.adversarial.pair import AdversarialMaps
from attnlab.models.classifiers.image_classifier import ImageMaps
from attnlab.models.classifiers.map_pictures import map_pictures
from attnlab.reporting.picture_names import place_in_chinese
from attnlab.reporting.pictures import ChannelPicture, ImagePicture, QueryPicture
from attnlab.reporting.place_names import place_name

# Of the height and the width of a map: a garment or a face lies in the middle, and its edges about these.
PLACES = ((0.25, 0.25), (0.25, 0.75), (0.5, 0.5), (0.75, 0.25), (0.75, 0.75))


@torch.no_grad()
def adversarial_pictures(
    networks: dict[str, tuple[nn.Module, Tensor]],
    labels: Tensor | None,
    pictures: Tensor,
    *,
    names: Sequence[str] = (),
) -> list[QueryPicture | ImagePicture | ChannelPicture]:
    """What each network attends to in one pass over what it is given, by its name.

    `pictures` (N, C, H, W) of bytes are the images made or judged, `names` their classes', if they have any. Of
    attention between places there is one picture of all images: where a few of their places look. Of other mechanisms
    there is one for each image.
    """
    found: list[QueryPicture | ImagePicture | ChannelPicture] = []
    for name, (network, given) in networks.items():
        maps = adversarial_maps(network.eval(), given, labels)
        for path, weights in maps.between_places.items():
            found.append(_of_places(weights, maps.sizes[path], pictures, name=name, path=path, names=names))
        for number, picture in enumerate(pictures):
            mine = _of_image(maps, number)
            named = f": {names[number]}" if names else ""
            title = either(
                f"{name}, image {number + 1}{named}",
                f"{place_in_chinese(name)}，第 {number + 1} 张图像{named.replace(': ', '：')}",
            )
            found += map_pictures(mine, picture, name=f"{number}_{name}", title=title)
    return found


def _of_places(
    weights: Tensor, size: tuple[int, int], pictures: Tensor, *, name: str, path: str, names: Sequence[str]
) -> QueryPicture:
    """Weights (B, M, h w, h w) of a few places, in the mean over M."""
    height, width = size
    places = [(int(y * height), int(x * width)) for y, x in PLACES]
    chosen = weights.mean(1)[:, [row * width + column for row, column in places]]  # (B, Q, h w)
    return QueryPicture(
        name="_".join([name, *path.split(".")]),
        title=either(
            f"{name}: where places of generated images look ({place_name(path)})",
            f"{place_in_chinese(name)}：生成图像中几个位置看向哪里（{place_in_chinese(place_name(path))}）",
        ),
        names=names,
        images=pictures.cpu(),
        maps=torch.unflatten(chosen, 2, size).float().cpu(),
        places=places,
    )


def _of_image(maps: AdversarialMaps, number: int) -> ImageMaps:
    row = slice(number, number + 1)
    over_image = {path: each[row] for path, each in maps.over_image.items()}
    return ImageMaps(over_image, {path: each[row] for path, each in maps.over_channels.items()})
