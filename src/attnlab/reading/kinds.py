"""Whether plain values from a file are of the kinds that a constructor's signature names."""

import inspect
import math
import types
import typing
from collections.abc import Callable, Mapping, Sequence
from typing import Any


def check_kinds(function: Callable[..., Any], given: Mapping[str, Any]) -> None:
    """See that `function` can take these arguments, by their names and by its annotations.

    Raises:
        ValueError: one is lacking, unknown, or of another kind; a number that is none is of no kind.
    """
    parameters = inspect.signature(function).parameters
    hints = typing.get_type_hints(function.__init__ if inspect.isclass(function) else function)
    if unknown := [name for name in given if name not in parameters]:
        raise ValueError(f"{unknown[0]} isn't known")
    for name, parameter in parameters.items():
        if name not in given:
            if parameter.default is parameter.empty:
                raise ValueError(f"{name} is lacking")
        elif not is_of(given[name], hints.get(name, Any)):
            raise ValueError(f"{name} is {repr(given[name])[:60]}")


def is_of(value: Any, hint: Any) -> bool:
    """Whether a plain value is of the kind that an annotation names; a whole number is a float, too, and no bool."""
    outer, inner = typing.get_origin(hint), typing.get_args(hint)
    if hint is Any:
        return True
    if outer is typing.Literal:
        return any(value == each and type(value) is type(each) for each in inner)
    if outer in (typing.Union, types.UnionType):
        return any(is_of(value, each) for each in inner)
    if outer in (list, Sequence):
        return isinstance(value, list | tuple) and all(is_of(each, inner[0]) for each in value)
    if outer in (dict, Mapping):
        return isinstance(value, dict) and all(is_of(k, inner[0]) and is_of(v, inner[1]) for k, v in value.items())
    if hint is float:
        return type(value) in (int, float) and _is_finite(value)
    return type(value) is (type(None) if hint is None else hint)


def _is_finite(value: float) -> bool:
    try:
        return math.isfinite(value)
    except OverflowError:  # a whole number beyond all floats
        return False
