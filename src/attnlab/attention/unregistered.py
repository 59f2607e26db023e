"""What a module holds and torch doesn't know of: no optimizer trains it, no checkpoint saves it, no device gets it."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from torch import Tensor, nn

OF_TORCH = frozenset(vars(nn.Module()))  # what torch itself keeps in every module
DEPTH = 3  # lists in lists


class Unregistered(NamedTuple):
    """A tensor, or a module in a plain list.

    Attributes:
        said: what it is, what comes of that, and what to write.
        learns: whether it was to be trained, so that a run without it isn't what was meant.
    """

    said: str
    learns: bool


def unregistered(module: nn.Module) -> Iterator[Unregistered]:
    """All that a freshly built module holds so, itself or in a module within; what a forward keeps isn't meant."""
    known = {id(each) for each in (*module.parameters(), *module.buffers(), *module.modules())}
    for part in module.modules():
        for name, value in vars(part).items():
            if name in OF_TORCH or isinstance(value, nn.Module):  # hidden on purpose: torch takes in what is assigned
                continue
            for place, held in _held(name, value, DEPTH):
                found = None if id(held) in known else _said(place, held, type(part).__name__)
                if found is not None:
                    yield found


def check_trained(module: nn.Module) -> None:
    """Raise ValueError if a freshly built module holds what was to be trained and won't be."""
    for each in unregistered(module):
        if each.learns:
            raise ValueError(each.said)


def _held(place: str, value: Any, depth: int) -> Iterator[tuple[str, Tensor | nn.Module]]:
    if isinstance(value, Tensor | nn.Module):
        yield place, value
    elif depth and isinstance(value, Mapping):
        for key, each in value.items():
            yield from _held(f"{place}[{key!r}]", each, depth - 1)
    elif depth and isinstance(value, list | tuple | set):
        for number, each in enumerate(value):
            yield from _held(f"{place}[{number}]", each, depth - 1)


def _said(place: str, held: Tensor | nn.Module, holder: str) -> Unregistered | None:
    name, in_list, by_key = place.partition("[")[0], "[" in place, "['" in place
    nothing = "it is never trained, saved or moved"
    if isinstance(held, nn.Module):
        if not any(True for _ in (*held.parameters(), *held.buffers())):
            return None
        learns = any(True for _ in held.parameters())
        kind = "nn.ModuleDict" if by_key else "nn.ModuleList"
        plain = "dict" if by_key else "list"
        return Unregistered(
            f"{place} of {holder} is a module in a plain {plain}: {nothing} (write self.{name} = {kind}(...))", learns
        )
    if held.requires_grad:
        kind = "nn.ParameterDict" if by_key else "nn.ParameterList" if in_list else "nn.Parameter"
        what = f"stands in no {kind}" if isinstance(held, nn.Parameter) else "is no nn.Parameter"
        return Unregistered(
            f"{place} of {holder} is a tensor that wants a gradient but {what}: {nothing} (write self.{name} = "
            f"{kind}(...))",
            True,
        )
    if not held.dim():  # a number, which any device takes
        return None
    return Unregistered(
        f"{place} of {holder} is a tensor but no buffer: no checkpoint has it, and it stays on the CPU when the model "
        f"moves (write self.register_buffer({name!r}, ...); persistent=False leaves it out of checkpoints)",
        False,
    )
