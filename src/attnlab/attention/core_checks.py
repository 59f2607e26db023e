"""Whether a class of the user's own keeps the contract of `Core`: said when it is built, not by torch at some call."""

import inspect
import re
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from torch import Tensor, nn

from attnlab.attention.core import Properties, Side, sides_of
from attnlab.attention.places import on_places

GIVEN = ("num_heads", "head_dim", "role", "max_length", "dropout")
"""What every core is built with, beside arguments of its own."""
OF_TORCH = (inspect.getfile(nn.Module), inspect.getfile(Tensor))
METHODS = {
    "weights": "a method that gives the weights (B, H, Tq, Tk), the definition of the mechanism",
    "combine": "a method that gives the output of given weights, mostly `weights @ v`",
}
CALLS = {"forward": ("q", "k", "v"), "weights": ("q", "k"), "combine": ("weights", "v")}
"""What each method is given in its place."""


def check_constructor(core: Callable[..., Any]) -> None:
    """Raise ValueError if a core's class doesn't take what it is built with, or needs more than its factory has."""
    bound = core.keywords if isinstance(core, partial) else {}
    made = core.func if isinstance(core, partial) else core
    if twice := [each for each in GIVEN if each in bound]:
        raise ValueError(
            f"{twice[0]} is what the shell gives its core, got {bound[twice[0]]!r} for the core itself (give it to the "
            "shell alone)"
        )
    if (said := _no_class(made)) is not None:
        raise ValueError(f"core must be a class, got {said}")
    if not inspect.isclass(made):
        _check_makes_cores(made)
        return
    parameters = inspect.signature(made).parameters
    name, takes = made.__name__, {each.kind for each in parameters.values()}
    if inspect.Parameter.VAR_KEYWORD in takes:
        return
    if lacking := [each for each in GIVEN if each not in parameters]:
        raise ValueError(
            f"the constructor of {name} must take {' and '.join(lacking)}: every mechanism is built with "
            f"{', '.join(GIVEN)} (write def __init__(self, *, {', '.join(GIVEN)}))"
        )
    if needed := needs(parameters, {*bound, *GIVEN}):
        keys = " and ".join(f"attention.core.{each}" for each in needed)
        raise ValueError(f"{name} needs a value for {' and '.join(needed)} (set {keys})")


def _no_class(given: object) -> str | None:
    """What was given in a class's place, and what to give instead; None for what may make cores."""
    if isinstance(given, str):
        return f"{given!r} (write attnlab.build_attention({given!r}, ...))"
    if isinstance(given, nn.Module):
        return f"an instance of {type(given).__name__} (give the class)"
    if not callable(given) or inspect.isbuiltin(given) or (inspect.isclass(given) and given.__module__ == "builtins"):
        return f"{given!r} (give the class of a mechanism, as attnlab.attention.AdditiveAttention)"
    return None


@contextmanager
def constructing(core: object) -> Iterator[None]:
    """While a core is made: what torch misses of its own constructor is a ValueError that says where, and what to do.

    Everything else that it raises is its own affair.
    """
    try:
        yield
    except AttributeError as error:
        if not (remedy := without_super(error)):
            raise
        called = [(each.f_code, line) for each, line in traceback.walk_tb(error.__traceback__)]
        code, line = [(code, line) for code, line in called if code.co_filename not in OF_TORCH][-1]
        at = f"{code.co_qualname}, {Path(code.co_filename).name} line {line}"
        raise ValueError(f"AttributeError: {error} ({at}{remedy})") from error


def without_super(error: BaseException) -> str:
    """`; ` and what to write, where torch misses what its own constructor makes; "" of any other error."""
    torchs = re.search(
        r"before Module\.__init__\(\) call|object has no attribute '_(modules|parameters|buffers)'", str(error)
    )
    return "; write super().__init__() first in its __init__" if torchs else ""


def _check_makes_cores(function: Callable[..., Any]) -> None:
    """Raise ValueError for a function in a class's place that doesn't take what a core is built with."""
    if not inspect.isfunction(function):
        return
    parameters = inspect.signature(function).parameters
    anything = any(each.kind is inspect.Parameter.VAR_KEYWORD for each in parameters.values())
    if not anything and not {*GIVEN} <= {*parameters}:
        raise ValueError(
            f"a core must be a class, or a function that makes one of {', '.join(GIVEN)}, got the function "
            f"{function.__module__}.{function.__qualname__} of {', '.join(parameters) or 'nothing'} (give the "
            "class itself, in YAML as _target_ under core:)"
        )


def needs(parameters: Mapping[str, inspect.Parameter], given: set[str]) -> list[str]:
    """The arguments without a default that aren't given."""
    variadic = (inspect.Parameter.VAR_KEYWORD, inspect.Parameter.VAR_POSITIONAL)
    return [
        name
        for name, each in parameters.items()
        if each.default is inspect.Parameter.empty and each.kind not in variadic and name not in given
    ]


def check_core(core: object) -> None:
    """Raise ValueError if a built core lacks a part of the contract, or its methods don't take masks and biases."""
    name = type(core).__name__
    if core is None or type(core).__module__ == "builtins":
        raise ValueError(f"core must make a mechanism, a torch.nn.Module, got {core!r} (give the class itself)")
    if not isinstance(core, nn.Module):
        raise ValueError(f"{name} must be a torch.nn.Module, got no such class (write class {name}(nn.Module))")
    if "_modules" not in vars(core):
        raise ValueError(f"{name} isn't a module yet when it is used (write super().__init__() first in its __init__)")
    for member, wanted in missing(core):
        raise ValueError(f"{lacks(core, member, wanted)} (write it in the class; attnlab check says whether it holds)")
    for said in miscalled(core):
        raise ValueError(said)


def miscalled(core: nn.Module) -> Iterator[str]:
    """What is wrong with each method that can't be called as the shell does, with what to write."""
    sides, places = (["side"] if sides_of(core) else []), (["places"] if on_places(core) else [])
    for method, given in CALLS.items():
        named = sides if method == "combine" else ["key_mask", "bias", *sides, *places]
        if (said := miscalled_method(core, method, given, named)) is not None:
            yield said


def miscalled_method(module: nn.Module, method: str, given: Sequence[str], named: Sequence[str] = ()) -> str | None:
    """That a method can't be called with so much by place and so much by name, or None where it can."""
    signature = inspect.signature(getattr(module, method))
    try:
        signature.bind(*given, **dict.fromkeys(named))
        return None
    except TypeError:
        anything = any(each.kind is inspect.Parameter.VAR_KEYWORD for each in signature.parameters.values())
        lacking = [] if anything else [each for each in named if each not in signature.parameters]
    what = f"must take {' and '.join(lacking)}, which the shell gives it"
    if not lacking:
        what = f"must need nothing but {', '.join([*given, *named])}"
    optional = [f"{each}=None" for each in named if each != "side"]
    wanted = ", ".join(["self", *given, *(["*"] if named else []), *(["side"] if "side" in named else []), *optional])
    return f"{type(module).__name__}.{method} {what}, got {_untyped(signature)} (write def {method}({wanted}))"


def _untyped(signature: inspect.Signature) -> str:
    bare = [each.replace(annotation=inspect.Parameter.empty) for each in signature.parameters.values()]
    return str(signature.replace(parameters=bare, return_annotation=inspect.Signature.empty))


def missing(core: nn.Module) -> Iterator[tuple[str, str]]:
    """What the contract asks for and a core lacks, or has as something else, and what it is."""
    if type(core).forward is nn.Module.forward:
        yield "forward", "a method that gives the output"
    for method, wanted in METHODS.items():
        if not callable(member_of(core, method)):
            yield method, wanted
    uses = member_of(core, "uses")
    if not isinstance(uses, set | frozenset) or not uses <= {"query", "key"}:
        yield "uses", 'a frozenset of {"query", "key"}, the projections that the shell is to build'
    side = member_of(core, "side")
    if side is not None and not (isinstance(side, Mapping) and all(isinstance(each, Side) for each in side.values())):
        yield "side", "if it has one, a mapping from names to attnlab.attention.Side, what the shell is to project"
    if not isinstance(member_of(core, "properties"), Properties):
        yield "properties", "an attnlab.attention.Properties that says what holds of it"


def lacks(core: object, member: str, wanted: str) -> str:
    """That a member isn't there, or that it is something else."""
    name, found = type(core).__name__, member_of(core, member)
    if found is None or member == "forward":
        return f"{name} misses `{member}`: {wanted}"
    return f"`{member}` of {name} must be {wanted}, got {found!r}"


def member_of(core: object, name: str) -> Any:
    """What a core has by this name, or None: whether it has it is what is asked."""
    return getattr(core, name, None)


def check_heads(heads: object, core: object) -> None:
    """Raise ValueError if a core gave something else than a tensor (B, H, Tq, Dh)."""
    if not isinstance(heads, Tensor) or heads.dim() != 4:
        got = tuple(heads.shape) if isinstance(heads, Tensor) else f"a {type(heads).__name__}"
        raise ValueError(f"forward of {type(core).__name__} must give (B, H, Tq, Dh), got {got}")
