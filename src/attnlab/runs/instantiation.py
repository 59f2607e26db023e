"""Objects made of a configuration's nodes; what a constructor refuses, or its signature, is one line for the user."""

import inspect
import sys
import typing
from collections.abc import Mapping, Sequence
from types import UnionType
from typing import Any

import hydra.utils
from hydra.errors import InstantiationException
from omegaconf import OmegaConf

from attnlab.config import identity
from attnlab.errors import UserError


def instantiate(node: Any, key: str, **arguments: Any) -> Any:
    """Build what a config node describes; a constructor's refusal becomes one line.

    Raises:
        UserError: with the constructor's own words, or naming the key that has the wrong type or is unknown.
    """
    # A user's own file may have been copied from one of an earlier version's.
    config = OmegaConf.create(node if OmegaConf.is_config(node) else identity.node_of_today(node))
    _check_signatures(OmegaConf.to_container(config), key)
    try:
        return hydra.utils.instantiate(config, **arguments)
    except InstantiationException as error:
        raise _cause(error, key) from error


def call(factory: Any, key: str, **arguments: Any) -> Any:
    """Complete the `_partial_` that stood at `key`; its refusal becomes one line, as in `instantiate`."""
    try:
        return factory(**arguments)
    except _refusals() as error:
        raise _cause(error, key) from error


def _refusals() -> tuple[type[BaseException], ...]:
    """What constructors refuse with; Lightning's own only where it is loaded, which predicting does without."""
    ours = (InstantiationException, ValueError)
    if "lightning" not in sys.modules:
        return ours
    from lightning.fabric.utilities.exceptions import MisconfigurationException

    return (*ours, MisconfigurationException)


def _cause(error: BaseException, key: str) -> BaseException:
    while isinstance(error, InstantiationException) and error.__cause__ is not None:
        error = error.__cause__
    if isinstance(error, UserError):
        return error
    if isinstance(error, _refusals()):
        message = " ".join(str(error).split())
        # Our own constructors name the key; a library's don't.
        return UserError(message if "(set " in message else f"{message} (set {key}.*)")
    return error


def _check_signatures(node: Any, key: str) -> None:
    if isinstance(node, list):
        for number, child in enumerate(node):
            _check_signatures(child, f"{key}[{number}]")
    if not isinstance(node, dict):
        return
    if "_target_" in node:
        target = resolve(node["_target_"], key)
        check_arguments(target, {str(k): v for k, v in node.items() if not str(k).startswith("_")}, key)
    for name, child in node.items():
        _check_signatures(child, f"{key}.{name}")


def resolve(target: str, key: str) -> Any:
    """The class or function that a `_target_` names."""
    try:
        return hydra.utils.get_object(identity.target_of_today(target))
    except (ImportError, AttributeError, ValueError) as error:
        raise UserError(f"nothing can be imported as {target!r} (set {key}._target_)") from error


def check_arguments(target: Any, given: Mapping[str, Any], key: str) -> None:
    function = target.__init__ if inspect.isclass(target) else target
    # Callables that are no functions needn't say where they are from.
    if not (getattr(function, "__module__", "") or "").startswith("attnlab"):
        return  # a library's signature may say less than it takes
    parameters = inspect.signature(target).parameters
    hints = typing.get_type_hints(function)
    for name, value in given.items():
        if name not in parameters:
            raise UserError(f"{key} takes no {name!r}; it takes {', '.join(parameters)} (set {key}.{name})")
        if not fits(value, hints.get(name, Any)):
            raise UserError(f"{key}.{name} must be {_words(hints[name])}, got {value!r}")


def fits(value: Any, hint: Any) -> bool:
    """Whether a plain config value has an annotated type; anything but plain types and sequences of them passes."""
    if typing.get_origin(hint) in (typing.Union, UnionType):
        return any(fits(value, each) for each in typing.get_args(hint))
    if typing.get_origin(hint) is typing.Literal:
        return value in typing.get_args(hint)
    if typing.get_origin(hint) is Sequence:
        return isinstance(value, list) and all(fits(each, typing.get_args(hint)[0]) for each in value)
    if isinstance(value, (dict, list)) or hint not in (int, float, bool, str, type(None)):
        return hint not in (int, float, bool, str, type(None))
    if hint is float:
        return isinstance(value, (int, float)) and not isinstance(value, bool)
    if hint is int:
        return isinstance(value, int) and not isinstance(value, bool)
    return isinstance(value, hint)


def _words(hint: Any) -> str:
    if typing.get_origin(hint) is typing.Literal:
        return "one of " + ", ".join(map(str, typing.get_args(hint)))
    if typing.get_origin(hint) in (typing.Union, UnionType):
        return " or ".join(_words(each) for each in typing.get_args(hint))
    if typing.get_origin(hint) is Sequence:
        return f"a list (each {_words(typing.get_args(hint)[0])})"
    known = {int: "a whole number", float: "a number", bool: "true or false", str: "text", type(None): "null"}
    return known.get(hint, str(hint))
