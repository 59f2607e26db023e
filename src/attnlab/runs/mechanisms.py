"""A model's attention before it is built: whether its files make it at all, and what else would fit."""

import inspect
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from attnlab.config.fitting import serving
from attnlab.config.mechanism_files import check_not_given
from attnlab.errors import UserError, causes
from attnlab.models.layers.slots import NoSlotFits
from attnlab.runs.instantiation import check_factory, resolve
from attnlab.runs.signatures import parameters_of

OF_SHELL = ("num_heads", "role", "max_length")  # what a model gives by name to what it makes for one of its slots
OF_MAPS = ("max_size",)  # and to what works on feature maps


def check_mechanisms(model: Any) -> None:
    """UserError for a mechanism's file that makes no factory, which only the model's own code would stumble over."""
    for name, node in model.items() if isinstance(model, Mapping) else ():
        if not str(name).endswith("attention"):
            continue
        key = name if name in ("attention", "feature_attention") else f"model.{name}"
        if isinstance(node, list):
            raise UserError(f"{key} must be a group of values, got a list (write KEY: VALUE in its file, without -)")
        if not isinstance(node, Mapping):
            continue
        if "_target_" not in node and name != "feature_attention":
            raise UserError(
                f"{key} must stand in the shell, got {', '.join(map(str, node)) or 'nothing'} alone (begin its file "
                "with defaults: [_shell, _self_])"
            )
        check_factory(node, key)
        if name == "attention":
            check_in_shell(node, key)
        _check_function(node["_target_"], key, OF_MAPS if key.endswith("feature_attention") else OF_SHELL)
        check_not_given(node, key)
        if "core" in node:
            check_factory(node["core"], f"{key}.core")
            check_not_given(node["core"], f"{key}.core")


def check_in_shell(node: Mapping[Any, Any], key: str) -> None:
    """UserError for a core that stands in the place of the shell, whose projections it would lack."""
    if "head_dim" in parameters_of(resolve(node["_target_"], key)):
        raise UserError(
            f"{key} must stand in the shell, got {node['_target_']} in its place (begin its file with defaults: "
            f"[_shell, _self_], and write _target_ under core:, which on the command line is {key}.core._target_)"
        )


def _check_function(target: str, key: str, given: Sequence[str]) -> None:
    """UserError for a function in a class's place that doesn't take what every mechanism is `given`, by name."""
    made = resolve(target, key)
    parameters = inspect.signature(made).parameters if inspect.isfunction(made) else {}
    anything = any(each.kind is inspect.Parameter.VAR_KEYWORD for each in parameters.values())
    if inspect.isfunction(made) and not anything and not {*given} <= {*parameters}:
        raise UserError(
            f"{key} must be made by a class, or by a function of {', '.join(given)}, got the function {target} of "
            f"{', '.join(parameters) or 'nothing'} (set {key}._target_)"
        )


@contextmanager
def fitting_named() -> Iterator[None]:
    """Where no place of a model takes a mechanism, the UserError says which ones would do.

    Not while the grid is asked for, which holds what they come from.
    """
    try:
        yield
    except UserError as error:
        cause = next((each for each in causes(error) if isinstance(each, NoSlotFits)), None)
        if cause is None:
            raise
        roles = sorted(cause.roles)
        raise UserError(f"{error}; {' or '.join(roles)} is served by {', '.join(serving(roles))}") from error
