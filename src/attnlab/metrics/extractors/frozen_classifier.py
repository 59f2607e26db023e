"""A trained image classifier as a feature extractor uses it."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from attnlab.data.images.codec import ImageCodec
from attnlab.metrics.extractors.contract import fitted

AT_ONCE = 256  # pictures that go through a network together, so that many need no more memory than these


class FrozenClassifier:
    """Features are what the last layer reads, a linear one: for most nets the pooled map.

    Raises:
        ValueError: logits aren't those of a linear layer.
    """

    def __init__(self, net: nn.Module, codec: ImageCodec) -> None:
        # As in training's validation; three quarters of the time on CPUs by this layout.
        self.net = net.float().eval().requires_grad_(False).to(memory_format=torch.channels_last)
        self.codec = codec
        linear = [each for each in net.modules() if isinstance(each, nn.Linear)]
        self.head = next((each for each in reversed(linear) if each.out_features == len(codec.classes)), None)
        black = torch.zeros(1, codec.channels, codec.height, codec.width, dtype=torch.uint8, device="cpu")
        if self.head is None or not torch.allclose(self.logits(self.features(black)), self._run(black)):
            raise ValueError(f"{type(net).__name__} doesn't end in a linear layer, whose inputs would be the features")

    def features(self, pictures: Tensor) -> Tensor:
        """(B, F) of uint8 (B, C, H, W), of any size."""
        assert self.head is not None
        read: list[Tensor] = []
        handle = self.head.register_forward_pre_hook(lambda _, inputs: read.append(inputs[0]))
        try:
            self._run(pictures)
        finally:
            handle.remove()
        return torch.cat(read)

    def logits(self, features: Tensor) -> Tensor:
        """(B, K) of features (B, F)."""
        assert self.head is not None
        logits: Tensor = in_float32(self.head, features)
        return logits

    def _run(self, pictures: Tensor) -> Tensor:
        self.net.to(pictures.device)
        return torch.cat([in_float32(self.net, self._inputs(few)) for few in torch.split(pictures, AT_ONCE)])

    def _inputs(self, pictures: Tensor) -> Tensor:
        codec = self.codec
        images = fitted(pictures, channels=codec.channels, height=codec.height, width=codec.width)
        return codec.normalise(images).contiguous(memory_format=torch.channels_last)


@torch.no_grad()
def in_float32(function: Callable[[Tensor], Any], inputs: Tensor) -> Any:
    """The function's value without gradients, and whatever the precision of the run around it."""
    with torch.autocast(inputs.device.type, enabled=False):
        return function(inputs)
