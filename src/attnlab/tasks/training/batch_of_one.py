"""Whether a model can learn from the smallest batch that it will get."""

from collections.abc import Callable
from copy import deepcopy

import torch
from torch import Tensor, nn

from attnlab.data.module import DataModule
from attnlab.errors import UserError

TOO_FEW = "more than 1 value per channel"  # what torch says of it


def check_batch_of_one(data: DataModule, world_size: int, networks: Callable[[], object]) -> None:
    """Try the networks on one image, if data has a batch of one: a norm over a batch may have but that image's value.

    Args:
        networks: computes a batch of one in training, and leaves no trace (`on_one`).

    Raises:
        UserError: they can't.
    """
    if min(len(rows) for rows in data.plans.train_plan(0, world_size)) > 1:
        return
    try:
        networks()
    except ValueError as error:
        if TOO_FEW not in str(error):
            raise
        raise UserError(
            f"this model has a norm over batches, which needs two images or more in each, got a batch of 1 of "
            f"{data.num_examples('train')} images (set a larger data.batch_size, or another model or feature_attention)"
        ) from error


@torch.no_grad()
def on_one(network: nn.Module, *inputs: Tensor | None) -> object:
    """What a copy of a network gives in training; random numbers are drawn as if it hadn't."""
    with torch.random.fork_rng(devices=[]):  # before training all is on the CPU
        return deepcopy(network).train()(*inputs)
