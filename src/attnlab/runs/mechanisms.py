"""A model's attention before it is built: whether its files make it at all, and what else would fit."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from attnlab.config.fitting import serving
from attnlab.errors import UserError, causes
from attnlab.models.layers.slots import NoSlotFits
from attnlab.runs.instantiation import check_factory, parameters_of, resolve


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
        if name == "attention" and "head_dim" in parameters_of(resolve(node["_target_"], key)):
            raise UserError(
                f"{key} must stand in the shell, got {node['_target_']} in its place (begin its file with defaults: "
                "[_shell, _self_], and write _target_ under core:)"
            )
        if "core" in node:
            check_factory(node["core"], f"{key}.core")


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
