"""What is said to whoever works from Python: an error alone, that names arguments where a command has options."""

import inspect
import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import ContextDecorator
from functools import wraps
from types import TracebackType
from typing import Any, TypeVar, cast

from attnlab.api.torch_words import BUILT
from attnlab.errors import UserError, closest
from attnlab.files import out_of_reach

Called = TypeVar("Called", bound=Callable[..., Any])


def _as_argument(option: re.Match[str]) -> str:
    before, *parts = option.groups()
    return before + "_".join(filter(None, parts))


PATH = r"[^\s);,]+"
# What a command line has, and what stands for it here.
SPOKEN: tuple[tuple[str, str | Callable[[re.Match[str]], str]], ...] = (
    # What somebody wrote stands in quotes, and is left as it is.
    (rf"drop --trust ({PATH})", r"drop '\1' from trust"),
    (rf"(?<!')--trust ({PATH})", r"trust=['\1']"),
    (r"--config-dir is\b", r"config_dirs names"),
    (rf"([a-z_]+=NAME|[a-z_]+=\S+) --config-dir ({PATH})", r"\1 with config_dirs=['\2']"),
    (rf"set --config-dir ({PATH})", r"set config_dirs=['\1']"),
    (rf"add --config-dir ({PATH})", r"add config_dirs=['\1']"),
    (r"(?<!')--config-dir\b", r"config_dirs"),
    (r"give predict --words", r"give lists of words"),
    (r"drop --ablate", r"drop ablate"),
    (r"(?<![\w'])--set (\w+)=", r"\1="),
    # Those of other programs, as of pip, come after other words.
    (r"(^|\b(?:set|drop|add|give|got|and|or) )--([a-z]+)(?:-([a-z]+))?\b", _as_argument),
    (r"add -m\b", r"give one of them; a loop over attnlab.train makes a sweep"),
)


class InPython(ContextDecorator):
    """Raises a UserError again in Python's words, without what it was raised from: the line says all there is.

    So is a FloatingPointError, of a model whose training diverged, an OSError of a file that can't be had, and, of a
    function that this decorates, an argument that it doesn't take or that is missing.
    """

    def __enter__(self) -> "InPython":
        return self

    def __exit__(self, kind: object, error: BaseException | None, trace: TracebackType | None) -> None:
        match error:
            case UserError():
                raise UserError(spoken(str(error))) from None
            case FloatingPointError():
                raise UserError(f"{error} (train it again with a lower optimizer.lr)") from None
            case OSError() if (said := out_of_reach(error)) is not None:
                raise said from error

    def __call__(self, function: Called) -> Called:
        signature, name = (
            inspect.signature(function),
            function.__qualname__.removesuffix(".__init__").rpartition(".")[2],
        )

        @wraps(function)
        def called(*given: Any, **named: Any) -> Any:
            with self:
                _check_call(name, signature, given, named)
                return function(*given, **named)

        return cast(Called, called)


def in_python() -> InPython:
    """Around what is offered from Python, as a decorator or by `with`."""
    return InPython()


def _check_call(name: str, signature: inspect.Signature, given: Sequence[Any], named: Mapping[str, Any]) -> None:
    """UserError for a call that Python would refuse by a TypeError, which names no argument that would do."""
    try:
        signature.bind(*given, **named)
    except TypeError as error:
        kinds = {each: parameter.kind for each, parameter in signature.parameters.items() if each != "self"}
        takes = [each for each, kind in kinds.items() if kind is not inspect.Parameter.VAR_KEYWORD]
        unknown = [each for each in named if each not in takes and len(takes) == len(kinds)]
        said = " ".join(str(error).split())
        if unknown:
            guessed, text = closest(unknown[0], takes), f"{unknown[0]}={named[unknown[0]]}"
            instead = f"write {text!r}, a text" if "overrides" in takes and not guessed else f"drop {unknown[0]}"
            said = f"{name} takes no {unknown[0]!r}{guessed} ({instead})"
        elif lacking := re.match(r"missing a required .*'(\w+)'", said):
            other = next((each for each in named if BUILT.get(each) == lacking[1]), "")
            said = f"{name} needs {lacking[1]} (write {lacking[1]}=...{f' for {other}' if other else ''})"
        elif said.startswith("too many"):
            said = f"{name} takes arguments by their names, got too many without one (write NAME=VALUE)"
        raise UserError(f"{said}; it takes {', '.join(takes)}") from error


def spoken(message: str) -> str:
    """A message with each option of a command by the name of the argument."""
    for option, argument in SPOKEN:
        message = re.sub(option, argument, message)
    return message
