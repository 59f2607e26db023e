"""What weight decay leaves alone."""

import inspect
from collections.abc import Callable, Iterable
from typing import Any

from torch import nn


def optimized(network: nn.Module, factory: Callable[..., Any]) -> list[Any]:
    """A network's parameters as an optimizer's factory takes them: what is `undecayed` in a group without weight decay.

    A module names its own in `undecayed`: decays, biases of gates and gains, to which a pull towards zero would do
    more than to weights. One group where there is none of them or no decay.
    """
    parameters = list(network.parameters())
    try:
        named = inspect.signature(factory).parameters
    except ValueError:  # it was given what it doesn't take, which it says when it is called
        return parameters
    apart = _undecayed(network) if "weight_decay" in named and named["weight_decay"].default else set()
    if not apart:
        return parameters
    kept = [each for each in parameters if id(each) in apart]
    others = [each for each in parameters if id(each) not in apart]
    groups: list[dict[str, Any]] = [{"params": others}, {"params": kept, "weight_decay": 0.0}]
    return [group for group in groups if group["params"]]


def _undecayed(network: nn.Module) -> set[int]:
    found: set[int] = set()
    for module in network.modules():
        named: Iterable[str] = getattr(module, "undecayed", ())
        found |= {id(getattr(module, name)) for name in named}
    return found
