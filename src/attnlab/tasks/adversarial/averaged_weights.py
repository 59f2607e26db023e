"""A slowly moving average of a network's weights."""

import torch
from torch import nn


def decay_at(update: int, decay: float) -> float:
    """min(decay, (1 + n) / (10 + n)) after n updates, so that a short run forgets its first weights."""
    return min(decay, (1 + update) / (10 + update))


@torch.no_grad()
def average_into(averaged: nn.Module, network: nn.Module, decay: float) -> None:
    """Parameters become decay * averaged + (1 - decay) * network; buffers, as running statistics, are copied."""
    for mean, parameter in zip(averaged.parameters(), network.parameters(), strict=True):
        mean.lerp_(parameter, 1 - decay)
    for kept, buffer in zip(averaged.buffers(), network.buffers(), strict=True):
        kept.copy_(buffer)
