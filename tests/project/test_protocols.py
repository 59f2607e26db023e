"""Protocols that `isinstance` asks see on every Python what they see on the oldest.

From Python 3.12 on `isinstance` doesn't see what an nn.Module holds as its parts, which `__getattr__` gives.
"""

import importlib
import pkgutil
from dataclasses import is_dataclass
from enum import Enum
from typing import Any, get_args, get_type_hints

import attnlab


def asked_protocols() -> dict[str, type]:
    """By their full names; those that can't be asked by `isinstance` aside."""
    found = {}
    for name in (each.name for each in pkgutil.walk_packages(attnlab.__path__, "attnlab.")):
        if name.endswith("__main__"):
            continue
        for each in vars(importlib.import_module(name)).values():
            if isinstance(each, type) and getattr(each, "_is_runtime_protocol", False) and each.__module__ == name:
                found[f"{name}.{each.__qualname__}"] = each
    return found


def parts(hint: Any) -> list[Any]:
    return [hint, *(part for each in get_args(hint) for part in parts(each))]


def is_plain(hint: Any) -> bool:
    """Whether no nn.Module may stand for it."""
    if not isinstance(hint, type) or hint.__module__.split(".")[0] not in ("attnlab", "torch"):
        return True
    return is_dataclass(hint) or issubclass(hint, tuple | Enum)


def test_none_has_a_member_that_may_be_a_module():
    protocols = asked_protocols()
    assert len(protocols) > 20
    wrong = [
        f"{name}.{member}"
        for name, protocol in protocols.items()
        for member, hint in get_type_hints(protocol).items()
        if not all(is_plain(part) for part in parts(hint))
    ]
    assert not wrong, "give the member by named_children() or a method"
