"""Seeing where a convolutional net looks, without a trace of it when nobody does."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

import torch
from torch import Tensor, nn

from attnlab.attention import capture_attention
from attnlab.attention.capture import weights_heard
from attnlab.feature_attention.contract import WeighingFeatureAttention, is_feature_attention


@contextmanager
def capture_feature_attention(model: nn.Module) -> Iterator[dict[str, Tensor]]:
    """Record the weights of every mechanism on feature maps in `model` while the block runs.

        with capture_feature_attention(model) as maps:
            model(images)
        maps["stages.0.1.feature_attention"]  # (B, C) or (B, 1, H, W), float32, on the CPU

    A key is the mechanism's path. Weights over channels are (B, C), over positions (B, 1, H, W); of weights over both
    it is the mean over channels, (B, 1, H, W). Of a mechanism called several times the last call counts. The attention
    inside of `non_local` and `axial`, and any other, is recorded beside them as `capture_attention` has it.

    A block changes no result and leaves nothing behind.
    """
    with capture_attention(model) as maps, ExitStack() as stack:
        for path, module in model.named_modules():
            mechanism: object = module
            if not isinstance(mechanism, WeighingFeatureAttention) or not is_feature_attention(mechanism):
                continue
            if mechanism.properties.weights_over is not None:
                # The method that forward calls, so nothing is computed twice.
                stack.enter_context(weights_heard(module, mechanism.weights, _recorder(path, maps)))
        yield maps


def _recorder(path: str, maps: dict[str, Tensor]) -> Callable[[Tensor], None]:
    def record(result: Tensor) -> None:
        over_channels = result.dim() == 2
        shown = result.detach() if over_channels else result.detach().mean(1, keepdim=True)
        maps[path] = shown.to("cpu", torch.float32)

    return record
