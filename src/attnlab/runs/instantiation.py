"""Objects made of a configuration's nodes; what a constructor refuses, or its signature, is one line for the user."""

import logging
import re
import sys
import traceback
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import hydra.utils
from hydra.errors import InstantiationException
from omegaconf import OmegaConf
from torch import nn

from attnlab.attention.core_checks import without_super
from attnlab.config import identity
from attnlab.config.ending_code import ends_the_program, imports_end_nothing, is_own
from attnlab.errors import UserError, closest, one_line
from attnlab.runs.named_class import cure_of_import, named_in, not_had, remark_on_class
from attnlab.runs.own_crash import device_hint
from attnlab.runs.signatures import check_arguments, parameters_of

logging.getLogger("hydra.utils").setLevel(logging.CRITICAL)  # what can't be found is said below, in one line
_HYDRA = Path(hydra.utils.__file__).parent
# Where a group's values stand a second time, and the key that they are set by.
_SET_BY = {
    "task.optimizer": "optimizer",
    "task.scheduler": "scheduler",
    "task.extractor": "extractor",
    "task.adversarial_loss": "adversarial_loss",
    "data.tokenizer": "tokenizer",
    "model.attention": "attention",
    "model.feature_attention": "feature_attention",
    "feature_attention.attention": "attention",
}
# Of the error of Hydra's, and of those of torch's when it makes tensors.
BLOCKED = re.compile(r"Target '([^']+)' is blocklisted.*?(?:full_key: (\S+))?$")
WITHIN = re.compile(r"Error in call to target '([^']+)'.*full_key: (\S+)\s*$", re.DOTALL)
BEYOND_NUMBERS = ("Storage size calculation overflowed", "Overflow when unpacking long")


class TooLarge(UserError):
    """Sizes that no memory has room for."""


def instantiate(node: Any, key: str, **arguments: Any) -> Any:
    """Build what a config node describes; a constructor's refusal becomes one line.

    Raises:
        UserError: with the constructor's own words, or naming the key that has the wrong type or is unknown.
    """
    # A user's own file may have been copied from one of an earlier version's.
    given = OmegaConf.to_container(node) if OmegaConf.is_config(node) else identity.node_of_today(node)
    _check_signatures(given, key)
    config = OmegaConf.create(node if OmegaConf.is_config(node) else _without_references(given))
    try:
        return hydra.utils.instantiate(config, **arguments)
    except (Exception, SystemExit) as error:  # whatever the constructor of a user's own class raises
        raise refusal(error, key, resolve(config["_target_"], key)) from error


def _without_references(node: Any) -> Any:
    """Values in which `${` is text. Escapes won't do: how often Hydra resolves a value is a matter of its depth."""
    if isinstance(node, dict):
        return {key: _without_references(value) for key, value in node.items()}
    if isinstance(node, list):
        return [_without_references(each) for each in node]
    if isinstance(node, str) and "${" in node:
        return {"_target_": f"{__name__}.{in_parts.__name__}", "parts": node.replace("${", "$\0{").split("\0")}
    return node


def in_parts(parts: Sequence[str]) -> str:
    """A text that Hydra would take for a reference if it saw it whole."""
    return "".join(parts)


def call(factory: Any, key: str, **arguments: Any) -> Any:
    """Complete the `_partial_` that stood at `key`; its refusal becomes one line, as in `instantiate`."""
    try:
        return factory(**arguments)
    except (Exception, SystemExit) as error:
        raise refusal(error, key, factory.func if isinstance(factory, partial) else factory) from error


def refusal(error: BaseException, key: str, target: Any) -> UserError:
    """A constructor's refusal as one line; whoever doesn't speak to a user says where in the code it was raised."""
    while isinstance(error, InstantiationException) and error.__cause__ is not None:
        if found := WITHIN.search(str(error)):  # one of the parts of what is made
            key, target = _set_by(key, found[2]), resolve(found[1], _set_by(key, found[2]))
        error = error.__cause__
    if isinstance(error, UserError):
        return error
    if isinstance(error, SystemExit):
        return UserError(f"{ends_the_program(error)}, where {key} is made (raise ValueError instead)")
    message = " ".join(str(error).split())
    if (found := BLOCKED.match(message)) is not None:
        return UserError(
            f"{found[1]} could run anything, so no part of a run is made of it (set {_set_by(key, found[2])}._target_)"
        )
    if any(each in message for each in BEYOND_NUMBERS):
        return TooLarge(f"{key} is too large for any memory (set {key}.* to smaller sizes)")
    if any(
        f"({verb} " in message for verb in ("set", "drop", "write")
    ):  # our own constructors name the key; a library's don't
        return UserError(message)
    if (own := _raised_by_the_users(error, target)) is not None:
        said = message if isinstance(error, _spoken()) and message else f"{type(error).__name__}: {message}"
        return UserError(f"{said} ({own}{without_super(error)})")
    if isinstance(error, _spoken()) and message:
        named = [each for each in parameters_of(target) if re.search(rf"\b{each}\b", message)]
        return UserError(f"{message} (set {key}.{named[0] if len(named) == 1 else '*'})")
    place, name = _place(error), getattr(target, "__qualname__", "")
    if not place or message.startswith((f"{name}() ", f"{name}.__init__() ")):  # it never got inside
        if "missing" in message and (needed := re.findall(r"'(\w+)'", message)):
            return UserError(f"{name} needs {', '.join(needed)} (set {' '.join(f'+{key}.{each}' for each in needed)})")
        if found := re.search(r"unexpected keyword argument '(\w+)'", message):
            guessed = closest(found[1], sorted(parameters_of(target)), f"{key}.")
            return UserError(f"{name} takes no {found[1]!r}{guessed} (drop {key}.{found[1]})")
    remedy = (without_super(error) or device_hint(error)).removeprefix("; ") or f"set {key}.*"
    return UserError(f"{key} can't be made: {type(error).__name__}: {message}{place} ({remedy})")


def _set_by(key: str, within: str | None) -> str:
    """By which key something is set that stands somewhere in the values of another."""
    for name in (within or "").split("."):
        key = _SET_BY.get(f"{key}.{name}", f"{key}.{name}") if name else key
    return key


def _raised_by_the_users(error: BaseException, target: Any) -> str | None:
    """In which constructor of the user's own, and where, if its arguments aren't the keys of what was to be made."""
    for frame, line in reversed(list(traceback.walk_tb(error.__traceback__))):
        code = frame.f_code
        if code.co_name == "__init__" and is_own(code.co_filename):
            of_target = code.co_qualname == f"{getattr(target, '__qualname__', None)}.__init__"
            return None if of_target else f"{code.co_qualname}, {Path(code.co_filename).name} line {line}"
    return None


def _spoken() -> tuple[type[BaseException], ...]:
    """What constructors refuse with; Lightning's own only where it is loaded, which predicting does without."""
    ours = (InstantiationException, ValueError, ImportError)
    if "lightning" not in sys.modules:
        return ours
    from lightning.fabric.utilities.exceptions import MisconfigurationException

    return (*ours, MisconfigurationException)


def _place(error: BaseException) -> str:
    """Where it was raised, but for a call that never got inside."""
    frames = traceback.extract_tb(error.__traceback__)
    inside = [each for each in frames if each.filename != __file__ and not Path(each.filename).is_relative_to(_HYDRA)]
    return f" at {inside[-1].filename}:{inside[-1].lineno}" if inside else ""


def check_target(node: Any, key: str) -> None:
    """UserError for a node that doesn't say what is to be made of it."""
    if not isinstance(node, Mapping) or not isinstance(node.get("_target_"), str):
        got = node.get("_target_", "none") if isinstance(node, Mapping) else node
        shown = "null" if got is None else got
        raise UserError(f"{key} must have a _target_, the class to make, got {shown} (set ++{key}._target_=...)")


def check_factory(node: Any, key: str) -> None:
    """UserError for a node that makes something at once, where what makes it is needed."""
    check_target(node, key)
    if node.get("_partial_") is not True:
        raise UserError(
            f"{key} is made once the rest is known, so it must have _partial_: true, got "
            f"{node.get('_partial_', 'none')} "
            f"(set {key}._partial_: true beside its _target_)"
        )


def _check_signatures(node: Any, key: str) -> None:
    if isinstance(node, list):
        for number, child in enumerate(node):
            _check_signatures(child, f"{key}[{number}]")
    if not isinstance(node, dict):
        return
    if "_target_" in node:
        check_values(node, key)
    for name, child in node.items():
        _check_signatures(child, _SET_BY.get(f"{key}.{name}", f"{key}.{name}"))


def check_values(node: Mapping[Any, Any], key: str) -> None:
    """UserError for a value of a node that its class doesn't take; not of the nodes within it."""
    target = resolve(node["_target_"], key)
    check_arguments(target, {str(k): v for k, v in node.items() if not str(k).startswith("_")}, key)


def resolve(target: str, key: str) -> Any:
    """The class or function that a `_target_` names."""
    try:
        with imports_end_nothing():
            found = hydra.utils.get_object(identity.target_of_today(target))
    except (ImportError, AttributeError, ValueError) as error:
        cause = error.__cause__
        # That there is no such name says no more than the first words; that its own module can't be read does.
        absent = isinstance(cause, ModuleNotFoundError) and f"{target}.".startswith(f"{cause.name}.")
        why = "" if cause is None or absent else f": {one_line(cause)}"
        where = f"{key}._target_{named_in(key, target)}"
        if remark := remark_on_class(target):
            raise UserError(f"nothing can be imported as {target!r}, the {where}{remark}") from error
        if why:
            cure = cure_of_import(cause) if cause is not None else ""
            raise UserError(f"nothing can be imported as {target!r}{why} ({cure or f'set {where}'})") from error
        said, looked = not_had(target)
        raise UserError(f"nothing can be imported as {target!r}: {said} ({looked}; set {where})") from error
    if not callable(found) or isinstance(found, nn.Module):  # a module is called with what it is to work on
        what = f"a {type(found).__name__} already made" if isinstance(found, nn.Module) else repr(found)
        raise UserError(
            f"{key} must name a class or a function, got {target}, which is {what} "
            f"(set {key}._target_{named_in(key, target)})"
        )
    return found
