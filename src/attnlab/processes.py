"""What the processes of a run tell each other."""

from collections.abc import Iterable
from typing import Any, TypeVar

import torch.distributed
from torch import nn

T = TypeVar("T")


def gathered(value: T) -> list[T]:
    """The value of each process, in the order of their ranks; all of them must call this."""
    if not _distributed():
        return [value]
    found: list[Any] = [None] * torch.distributed.get_world_size()
    torch.distributed.all_gather_object(found, value)
    return found


def own(values: list[T]) -> T:
    """This process's part of what was `gathered`, by as many processes or, with the first's again, by fewer."""
    return values[(torch.distributed.get_rank() if _distributed() else 0) % len(values)]


@torch.no_grad()
def share_statistics(module: nn.Module) -> None:
    """Give all processes the first one's running means and variances, and the like; all of them must call this."""
    if not _distributed():
        return
    buffers = [buffer for buffer in module.buffers() if buffer.is_floating_point()]
    if not buffers:
        return
    row = torch.cat([buffer.float().flatten() for buffer in buffers])  # one message, not one for each
    torch.distributed.broadcast(row, src=0)
    for buffer, values in zip(buffers, torch.split(row, [each.numel() for each in buffers]), strict=True):
        buffer.copy_(values.view_as(buffer))


def average_gradients(parameters: Iterable[nn.Parameter]) -> None:
    """Give all processes the mean of their gradients; all of them must call this, with the same parameters."""
    if not _distributed():
        return
    gradients = [parameter.grad for parameter in parameters if parameter.grad is not None]
    row = torch.cat([gradient.flatten() for gradient in gradients])  # one message, not one for each
    torch.distributed.all_reduce(row)
    row /= torch.distributed.get_world_size()
    for gradient, values in zip(gradients, torch.split(row, [each.numel() for each in gradients]), strict=True):
        gradient.copy_(values.view_as(gradient))


def _distributed() -> bool:
    return torch.distributed.is_available() and torch.distributed.is_initialized()
