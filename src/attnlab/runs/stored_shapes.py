"""A stored model is made only once it is seen, without any room for it, that the checkpoint holds its weights."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.modules.module import (
    register_module_module_registration_hook,
    register_module_parameter_registration_hook,
)

from attnlab.errors import UserError

# What a model has without a weight of its own in the checkpoint: names for the same one, layers of no weights; tables.
PARTS_A_WEIGHT, PARTS_BESIDES = 20, 2000
TABLES_A_BYTE, TABLES_BESIDES = 4, 1 << 28


def weights_of(network: nn.Module, weights: Mapping[str, Tensor]) -> Mapping[str, Tensor]:
    """Those of a whole task, or, of a dict of its networks, theirs."""
    if not isinstance(network, nn.ModuleDict):
        return weights
    return {name: value for name, value in weights.items() if name.split(".")[0] in network}


def check_shapes(make: Callable[[], nn.Module], weights: Mapping[str, Tensor], path: Path) -> None:
    """Have `make` make a network on the meta device, and compare it with the `weights` in a checkpoint.

    Raises:
        UserError: the network is larger than they are, or they don't fit it.
    """
    with torch.device("meta"), _no_larger(len(weights), path):
        network = make()
    weights = weights_of(network, weights)
    own = network.state_dict()
    for name in sorted(own.keys() | weights.keys()):
        here, there = (tuple(each[name].shape) if name in each else "nothing" for each in (own, weights))
        if here != there:
            raise UserError(
                f"the weights in this checkpoint don't fit its own config, got {path}, where {name} is {there} and not "
                f"{here}"
            )
    room = sum(each.numel() * each.itemsize for each in (*network.parameters(), *network.buffers()))
    held = sum(each.numel() * each.itemsize for each in weights.values())
    if room > TABLES_A_BYTE * held + TABLES_BESIDES:
        raise _too_large(path)


@contextmanager
def _no_larger(num_weights: int, path: Path) -> Iterator[None]:
    """While this lasts, a network may only get so many parts: on the meta device a layer costs time alone."""
    left = PARTS_BESIDES + PARTS_A_WEIGHT * num_weights

    def count(_module: nn.Module, _name: str, _part: Any) -> None:
        nonlocal left
        left -= 1
        if left < 0:
            raise _too_large(path)

    hooks = [
        register(count)
        for register in (register_module_module_registration_hook, register_module_parameter_registration_hook)
    ]
    try:
        yield
    finally:
        for hook in hooks:
            hook.remove()


def _too_large(path: Path) -> UserError:
    return UserError(f"the config in this checkpoint is of a larger model than its weights are, got {path}")
