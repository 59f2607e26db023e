"""What the conformance checks are fed."""

from collections.abc import Callable
from typing import Literal, cast

import torch
from torch import Tensor, nn

from attnlab.attention.conformance.inputs import require
from attnlab.feature_attention.contract import FeatureAttention, WeighingFeatureAttention

FeatureFactory = Callable[..., FeatureAttention]

# Sizes differ in every axis, so that a swapped one can't pass; the channels leave a hidden layer of some width.
BATCH, CHANNELS = 3, 53
SIZES = [(5, 7), (11, 2), (1, 1)]  # (H, W)
MAX_SIZE = (11, 7)


def build(factory: FeatureFactory, *, dtype: torch.dtype = torch.float64, seed: int = 0) -> FeatureAttention:
    """A mechanism in evaluation, its parameters and statistics moved off whatever special values they start from."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        mechanism = factory(CHANNELS, max_size=MAX_SIZE)
        with torch.no_grad():
            for parameter in as_module(mechanism).parameters():
                inputs = parameter[0].numel() if parameter.dim() > 1 else 1
                parameter.add_(0.5 * torch.randn_like(parameter) / inputs**0.5)
            for module in as_module(mechanism).modules():
                if isinstance(module, nn.BatchNorm1d | nn.BatchNorm2d) and module.track_running_stats:
                    nn.init.normal_(cast(Tensor, module.running_mean))
                    nn.init.uniform_(cast(Tensor, module.running_var), 0.5, 2.0)
        as_module(mechanism).to(dtype).eval()
    return mechanism


def as_module(mechanism: FeatureAttention) -> nn.Module:
    module: object = mechanism
    require(isinstance(module, nn.Module), f"a mechanism must be an nn.Module, got {type(module).__name__}")
    return cast(nn.Module, module)


def as_weighing(mechanism: FeatureAttention) -> WeighingFeatureAttention | None:
    """The mechanism if it has weights to see."""
    if mechanism.properties.weights_over is None:
        return None
    for method in ("weights", "combine"):
        known = method in dir(mechanism)
        require(known, f"properties.weights_over is set: then there must be a method {method}")
    return cast(WeighingFeatureAttention, mechanism)


def feature_map(size: tuple[int, int]) -> Tensor:
    """(B, C, H, W) in float64, of unit variance around means that differ by channel and image; takes gradients."""
    generator = torch.Generator().manual_seed(size[0] * size[1])
    values = torch.randn(BATCH, CHANNELS, *size, dtype=torch.float64, generator=generator)
    means = torch.randn(BATCH, CHANNELS, 1, 1, dtype=torch.float64, generator=generator)
    return (values + means).requires_grad_()


def reordered(x: Tensor, what: Literal["positions", "lines"]) -> Tensor:
    """x (B, C, H, W) with its positions in another order, or its rows and its columns."""
    generator = torch.Generator().manual_seed(3)
    height, width = x.shape[2:]
    if what == "positions":
        order = torch.randperm(height * width, generator=generator)
        return x.flatten(2)[:, :, order].view(x.shape)
    rows, columns = torch.randperm(height, generator=generator), torch.randperm(width, generator=generator)
    return x[:, :, rows][:, :, :, columns]
