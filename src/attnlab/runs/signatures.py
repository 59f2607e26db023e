"""What classes and functions say that they take, and values that they can't take as one line for the user."""

import inspect
import typing
from collections.abc import Mapping, Sequence
from types import UnionType
from typing import Any

from attnlab.config.ending_code import is_own
from attnlab.config.mechanism_files import file_with
from attnlab.errors import UserError, closest, unless_guessed

OF_TORCH = ("optimizer", "scheduler")  # keys of which each is made by a class of torch's


def parameters_of(target: Any) -> frozenset[str]:
    """The names of what a class or function takes; none where it doesn't say."""
    try:
        return frozenset(inspect.signature(target).parameters)
    except (TypeError, ValueError):
        return frozenset()


def check_arguments(target: Any, given: Mapping[str, Any], key: str, *, option: str | None = None) -> None:
    """UserError for a value that a class or function of this project's, or the user's own, can't take.

    Values are set at `key`, or by an `option` of the command line.
    """
    function = target.__init__ if inspect.isclass(target) else target
    # Callables that are no functions needn't say where they are from.
    ours = (getattr(function, "__module__", "") or "").startswith("attnlab")
    if not ours and not _is_the_users(function):
        if key in OF_TORCH:
            _check_forms(inspect.signature(target).parameters, given, key)
        return  # a library's signature may say less than it takes
    parameters = inspect.signature(target).parameters
    anything = any(each.kind is inspect.Parameter.VAR_KEYWORD for each in parameters.values())
    hints = _hints(function)
    for name, value in given.items():
        if name not in parameters and not anything:
            raise _not_taken([each for each in given if each not in parameters], list(parameters), given, key)
        hint = hints[name] if name in hints else _hint_of_default(parameters.get(name))
        if not fits(value, hint):
            own = f"{key}.{name}" if option is None else name
            remedy = own + _file(key, name, value) if option is None else f"{option} {name}=..."
            raise UserError(f"{own} must be {_words(hint)}, got {value!r} (set {remedy})")


def _not_taken(names: Sequence[str], known: Sequence[str], given: Mapping[str, Any], key: str) -> UserError:
    """What to say of values that a class doesn't take: all of them, as they may come with a file in the defaults."""
    guessed = closest(names[0], known)
    takes = unless_guessed(guessed, known, f"; it takes {', '.join(known) or 'nothing'}")
    said = f"{key} takes no {' nor '.join(map(repr, names))}"
    if len(names) == 1:
        name = names[0]
        return UserError(f"{said}{guessed}{takes} (drop {key}.{name}{_file(key, name, given[name])})")
    without = " ".join(f"~{key}.{each}" for each in names)
    return UserError(f"{said}{takes} (drop them, which where a file in defaults: brings them is {without})")


def check_takes(target: Any, name: str, sizes: Sequence[str], giver: str) -> None:
    """UserError for a model, called so, that doesn't take the sizes which a data set gives."""
    parameters = inspect.signature(target).parameters
    if any(each.kind is inspect.Parameter.VAR_KEYWORD for each in parameters.values()):
        return
    if missing := ", ".join(each for each in sizes if each not in parameters):
        own = _is_the_users(target.__init__ if inspect.isclass(target) else target)
        mend = f"let it take {missing}, even if it does nothing with them" if own else "set model=... or data=..."
        raise UserError(
            f"this model doesn't fit this data: {name} doesn't take {missing}, which {giver} gives ({mend})"
        )


def _file(key: str, name: str, value: Any) -> str:
    """` in FILE` of the user's own that says so; "" where a value comes of something else."""
    return file_with(key.partition(".")[0], f"{name}: {value}")


def _check_forms(parameters: Mapping[str, inspect.Parameter], given: Mapping[str, Any], key: str) -> None:
    """UserError for a value of another form than torch's default at its name: torch would say so somewhere within."""
    for name, value in given.items():
        default = parameters[name].default if name in parameters else None
        words = ""
        if isinstance(default, tuple) and default and not (isinstance(value, list) and _are_like(value, default)):
            words = f"{len(default)} numbers in a list, as [{','.join(map(str, default))}]"
        elif isinstance(value, str) and isinstance(default, (bool, int, float)):
            words = "true or false" if isinstance(default, bool) else "a number"
        if words and value is not None:
            raise UserError(f"{key}.{name} must be {words}, got {value!r} (set {key}.{name})")


def _are_like(values: list[Any], default: tuple[Any, ...]) -> bool:
    return len(values) == len(default) and all(fits(each, float) for each in values)


def _is_the_users(function: Any) -> bool:
    """Whether it is a plain function of the user's own code, and not of what is installed."""
    if not inspect.isfunction(function) or hasattr(function, "__wrapped__"):
        return False
    return is_own(function.__code__.co_filename)


def _hints(function: Any) -> dict[str, Any]:
    try:
        return typing.get_type_hints(function)
    except (NameError, TypeError, AttributeError):  # names that only a type checker knows
        return {}


def _hint_of_default(parameter: inspect.Parameter | None) -> Any:
    """The type of an argument that is annotated with none: a number or a switch is told by its default."""
    default = None if parameter is None else parameter.default
    if isinstance(default, bool):
        return bool
    return float if isinstance(default, (int, float)) else Any


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
