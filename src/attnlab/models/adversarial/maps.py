"""Where a generator or a discriminator looks."""

from contextlib import ExitStack

import torch
from torch import Tensor, nn

from attnlab.feature_attention import AxialFeatureAttention, NonLocalFeatureAttention, capture_feature_attention
from attnlab.models.adversarial.pair import AdversarialMaps
from attnlab.models.adversarial.place_attention import PlaceAttention
from attnlab.models.layers.feature_maps import below, channels_of_both_into, size_into
from attnlab.models.layers.rollout import axial_steps


@torch.no_grad()
def adversarial_maps(network: nn.Module, given: Tensor, labels: Tensor | None) -> AdversarialMaps:
    """All weights in one pass of `network` over latents or images."""
    shapes: dict[str, torch.Size] = {}
    attending = {
        path: module
        for path, module in network.named_modules()
        if isinstance(module, NonLocalFeatureAttention | AxialFeatureAttention | PlaceAttention)
    }
    found = AdversarialMaps({}, {}, {}, {})
    with capture_feature_attention(network) as maps, ExitStack() as stack:
        stack.enter_context(channels_of_both_into(found.over_channels, network))
        for path, module in attending.items():
            stack.enter_context(module.register_forward_pre_hook(size_into(shapes, path)))
        network(given, labels)
    for path, module in attending.items():
        batch_size, _, height, width = shapes[path]
        found.sizes[path] = height, width
        if isinstance(module, AxialFeatureAttention):
            lines = below(maps, f"{path}.row_attention"), below(maps, f"{path}.column_attention")
            steps = axial_steps(*lines, batch_size=batch_size)
            found.between_places[path] = steps.flatten(4, 5).flatten(2, 3)
        else:
            found.between_places[path] = below(maps, f"{path}.attention")
    for path, weights in maps.items():
        if not any(path.startswith(f"{each}.") for each in attending):
            (found.over_channels if weights.dim() == 2 else found.over_image)[path] = weights
    return found
