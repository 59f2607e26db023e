"""Sentences read from their end: each reversed within its own length, so that padding stays on the right."""

import torch
from torch import Tensor


def mirror_index(mask: Tensor) -> Tensor:
    """Where each position's mirror image stands, (B, T), for sentences whose real tokens `mask` (B, T) shows.

    A sentence's n tokens swap places as 0 with n - 1, 1 with n - 2 ...; padding keeps its place. Taken twice it
    restores the order.
    """
    time = torch.arange(mask.shape[1], device=mask.device)
    mirrored = mask.sum(1, keepdim=True) - 1 - time  # (B, T)
    return torch.where(mirrored >= 0, mirrored, time)


def reorder(x: Tensor, index: Tensor) -> Tensor:
    """x (B, T, ...) in the order of index (B, T) along time."""
    return x.gather(1, index.view(*index.shape, *[1] * (x.dim() - 2)).expand_as(x))
