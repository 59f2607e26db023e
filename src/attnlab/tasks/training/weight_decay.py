"""What weight decay leaves alone."""

import inspect
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

from torch import nn


def optimized(network: nn.Module, factory: Callable[..., Any]) -> list[Any]:
    """A network's parameters as an optimizer's factory takes them: what is `undecayed` in a group without weight decay.

    A module names its own in `undecayed`: decays, biases of gates and gains, to which a pull towards zero would do
    more than to weights. One group where there is none of them or no decay.
    """
    parameters = list(network.parameters())
    apart = _undecayed(network) if _decays(factory) else set()
    if not apart:
        return parameters
    kept = [each for each in parameters if id(each) in apart]
    others = [each for each in parameters if id(each) not in apart]
    groups: list[dict[str, Any]] = [{"params": others}, {"params": kept, "weight_decay": 0.0}]
    return [group for group in groups if group["params"]]


def _decays(factory: Callable[..., Any]) -> bool:
    # A partial with an argument that isn't known has no signature; to refuse it is for who calls it.
    made, given = (factory.func, factory.keywords) if isinstance(factory, partial) else (factory, {})
    named = inspect.signature(made).parameters.get("weight_decay")
    return named is not None and bool(given.get("weight_decay", named.default))


def _undecayed(network: nn.Module) -> set[int]:
    found: set[int] = set()
    for module in network.modules():
        named: Iterable[str] = getattr(module, "undecayed", ())
        found |= {id(getattr(module, name)) for name in named}
    return found
