"""Where a net with attention on its feature maps looks, and what stands in it."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager

import torch
from torch import Tensor, nn

from attnlab.attention.capture import weights_heard
from attnlab.feature_attention import (
    AxialFeatureAttention,
    FeatureAttention,
    NonLocalFeatureAttention,
    capture_feature_attention,
)
from attnlab.feature_attention.contract import WeighingFeatureAttention, is_feature_attention
from attnlab.models.classifiers.image_classifier import ImageMaps
from attnlab.models.layers.rollout import axial_received, axial_steps, received
from attnlab.models.layers.slots import mechanism_name, snake_case

MOST_BETWEEN = 2**24  # weights of pairs of places, 64 MB

FeatureAttentionFactory = Callable[..., FeatureAttention]
"""`factory(channels, max_size=(height, width))`: the attention on the feature maps of one block."""


def feature_slots(model: nn.Module) -> dict[str, str]:
    """What stands in a net's blocks, and around which query-key-value attention, if around one: the model's `slots`."""
    first = next(module for module in model.modules() if is_feature_attention(module))
    slots = {"blocks": snake_case(type(first).__name__).removesuffix("_feature_attention")}
    for name, part in first.named_children():
        if name in ("attention", "row_attention"):  # of non_local and axial
            slots["within_blocks"] = mechanism_name(part)
    return slots


@torch.no_grad()
def feature_maps(model: nn.Module, images: Tensor) -> ImageMaps:
    """The weights of every mechanism on feature maps, by its path; of `non_local` and `axial`, what places receive.

    Of these two there is besides what each place gives to each. Of weights over channels and places both, a layer has
    their mean over channels, over the image, and their mean over places, over channels.
    """
    sizes: dict[str, torch.Size] = {}
    mechanisms = {path: module for path, module in model.named_modules() if is_feature_attention(module)}
    between_places: dict[str, Tensor] = {}
    found = ImageMaps({}, {}, strided=True, between_places=between_places)  # our nets halve maps by odd kernels alone
    with capture_feature_attention(model) as maps, ExitStack() as stack:
        for path, module in mechanisms.items():
            stack.enter_context(module.register_forward_pre_hook(size_into(sizes, path)))
        stack.enter_context(channels_of_both_into(found.over_channels, model))
        model(images)
    for path, module in mechanisms.items():
        batch_size, _, height, width = sizes[path]
        if isinstance(module, NonLocalFeatureAttention):
            weights = below(maps, f"{path}.attention")  # (B, M, h w, h w)
            found.over_image[path] = torch.unflatten(received(weights), -1, (height, width))
            per_query = torch.unflatten(weights, 2, (height, width))
            between_places[path] = torch.unflatten(per_query, -1, (height, width))
        elif isinstance(module, AxialFeatureAttention):
            lines = below(maps, f"{path}.row_attention"), below(maps, f"{path}.column_attention")
            found.over_image[path] = axial_received(*lines, batch_size=batch_size)
            if are_few(height, width):
                between_places[path] = axial_steps(*lines, batch_size=batch_size)
        elif path in maps:
            (found.over_channels if maps[path].dim() == 2 else found.over_image)[path] = maps[path]
    return found


@contextmanager
def channels_of_both_into(found: dict[str, Tensor], model: nn.Module) -> Iterator[None]:
    """Note, by path, the mean over places, (B, C), of weights over channels and places both."""
    with ExitStack() as stack:
        for path, module in model.named_modules():
            mechanism: object = module
            if not isinstance(mechanism, WeighingFeatureAttention) or not is_feature_attention(mechanism):
                continue
            if mechanism.properties.weights_over == "both":
                stack.enter_context(weights_heard(module, mechanism.weights, _mean_over_places_into(found, path)))
        yield


def _mean_over_places_into(found: dict[str, Tensor], path: str) -> Callable[[Tensor], None]:
    def record(weights: Tensor) -> None:
        found[path] = weights.detach().mean((2, 3)).to("cpu", torch.float32)

    return record


def are_few(height: int, width: int) -> bool:
    """Whether there is room for what each of these places gives to each: two steps along lines never needed it."""
    return (height * width) ** 2 <= MOST_BETWEEN


def below(maps: Mapping[str, Tensor], path: str) -> Tensor:
    """The map of an attention at `path`, whose core may lie deeper in it."""
    return next(weights for name, weights in maps.items() if name == path or name.startswith(f"{path}."))


def size_into(sizes: dict[str, torch.Size], path: str) -> Callable[[nn.Module, tuple[Tensor, ...]], None]:
    """A hook that notes the shape of what comes to the module at `path`."""

    def note(module: nn.Module, arguments: tuple[Tensor, ...]) -> None:
        sizes[path] = arguments[0].shape

    return note
