"""From what the user named to a mechanism that can be built, or to one line that says why not."""

import inspect
import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any, Literal

from torch import nn

from attnlab.attention import MultiHeadAttention
from attnlab.attention.core_checks import GIVEN as CORE_GIVEN
from attnlab.attention.core_checks import needs
from attnlab.config.called_elsewhere import called_here, no_mechanism
from attnlab.config.compose import load_group, options
from attnlab.config.ending_code import imports_end_nothing
from attnlab.config.mechanism_files import filled, own_file, shown
from attnlab.config.suggestions import choices_of, own_file_there
from attnlab.errors import UserError, closest
from attnlab.runs.instantiation import check_factory, check_values, instantiate
from attnlab.runs.named_class import SHOWN, classes_in, has_no, no_module, remark_on_class, with_module
from attnlab.runs.own_crash import device_hint
from attnlab.runs.signatures import check_arguments

Group = Literal["attention", "feature_attention"]
GROUPS: tuple[Group, ...] = ("attention", "feature_attention")
Contract = Literal["attention", "shell", "feature_attention"]
"""That of a core; of what stands in the shell's place, with projections of its own; of a mechanism on feature maps."""

# What every mechanism of a contract is built with, beside arguments of its own.
GIVEN: dict[Contract, tuple[str, ...]] = {
    "attention": CORE_GIVEN,
    "shell": ("dim", "num_heads", "role", "max_length", "dropout", "key_dim", "value_dim"),
    "feature_attention": ("channels", "max_size"),
}
BY_POSITION: dict[Contract, str] = {"shell": "dim", "feature_attention": "channels"}  # so its own name may be another
DEFINED_IN: dict[Contract, str] = {
    "attention": "attnlab.attention.core.Core",
    "shell": "attnlab.attention.MultiHeadAttention",
    "feature_attention": "attnlab.feature_attention.contract.FeatureAttention",
}


HERE = Path(__file__).parents[2]  # what of it raised something was called from elsewhere


@dataclass(frozen=True)
class Target:
    """A mechanism to check: how it was named, the contract that it implements, its class, and how to build it."""

    name: str
    contract: Contract
    mechanism: type[nn.Module]
    factory: Callable[..., Any]


def find(text: str, own: Mapping[str, Any], *, config_dirs: Sequence[str]) -> Target:
    """The mechanism that `text` names, an import path, a YAML file or a name; `own` are values of its own arguments.

    Raises:
        UserError: there is none, or it can't be built as its contract says.
    """
    text = text.removeprefix("./")
    if text.endswith((".yaml", ".yml")):
        path = Path(text)
        if not path.is_file():
            raise UserError(f"no such file, got {text} (give a YAML file, a class or a name)")
        group = next((group for group in GROUPS if path.absolute().parent.name == group), None)
        if group is None or path.suffix == ".yml":
            raise UserError(
                f"a mechanism's file lies in DIR/attention/NAME.yaml or DIR/feature_attention/NAME.yaml, got {text}"
            )
        target = _configured(text, group, path.stem, [str(path.absolute().parent.parent), *config_dirs])
    elif found := _group_of(text, config_dirs):
        target = _configured(text, *found, config_dirs)
    elif Path(text.removesuffix(".py") + ".py").is_file():
        raise UserError(f"a class of your own is named with its module, got the file {text} (write {_named_in(text)})")
    elif text.endswith(".py") or ("/" in text and text.rpartition("/")[0] not in GROUPS):
        raise UserError(f"no such file, got {text} (a class of your own is named my_package.MyAttention)")
    elif "." in text or ":" in text:
        mechanism = _module_class(text, text.replace(".py:", ".").replace(":", "."))
        target = Target(text, _contract(text, mechanism), mechanism, mechanism)
    else:
        raise _no_such_name(text, config_dirs)
    _check_arguments(target, own)
    return Target(target.name, target.contract, target.mechanism, partial(target.factory, **own))


def _group_of(text: str, config_dirs: Sequence[str]) -> tuple[Group, str] | None:
    """The group and the name in it that `NAME` or `GROUP/NAME` means, if it means any."""
    group, _, name = text.rpartition("/")
    found = [each for each in GROUPS if group in ("", each) and name in options(each, config_dirs=config_dirs)]
    if len(found) > 1:
        raise UserError(f"both groups have a {name!r} (choose attention/{name} or feature_attention/{name})")
    return (found[0], name) if found else None


def _no_such_name(text: str, config_dirs: Sequence[str]) -> UserError:
    group, _, name = text.rpartition("/")
    every = [each for known in GROUPS if group in ("", known) for each in options(known, config_dirs=config_dirs)]
    if (called := text.partition("=")[2]) in every:
        return UserError(f"a mechanism is named alone, got {text} (write {called})")
    if (here := called_here(name)) in every:
        return UserError(f"no mechanism is named {text!r}: what is mostly called so is {here} here (write {here})")
    if said := no_mechanism(name):
        return UserError(f"no mechanism is named {text!r}: {said}")
    for there in filter(None, (own_file_there(known, name, config_dirs) for known in GROUPS if group in ("", known))):
        return UserError(f"no mechanism is named {text!r}: {there}")
    others = "".join(f", which is the {group} {found}" for group, found in choices_of(name)[:1])
    return UserError(
        f"no mechanism is named {text!r}{others}{closest(name, every)} (see attnlab list; a class of your own is "
        "named my_package.MyAttention)"
    )


def _named_in(file: str) -> str:
    """How the classes of a file of the user's own are named; it isn't run."""
    path = Path(file.removesuffix(".py") + ".py")
    module = ".".join(path.with_suffix("").parts)
    return " or ".join(f"{module}.{name}" for name in classes_in(path) or ["CLASS"])


def _configured(text: str, group: Group, name: str, config_dirs: Sequence[str]) -> Target:
    # Some are built around query-key-value attention: by default around that which a run has by default.
    around = load_group("attention", "scaled_dot") if group == "feature_attention" else None
    node: Any = filled(load_group(group, name, config_dirs=config_dirs), around=around)
    own = own_file(group, name, config_dirs)
    said = text if own is None else shown(own)
    contract: Contract = group
    key = str(group)
    if group == "attention":
        check_factory(node, key)
        shell = _module_class(said, node["_target_"])
        if shell is MultiHeadAttention:
            check_values(node, key)
            node, key = node["core"], f"{group}.core"
        elif _contract(text, shell) != (contract := "shell"):
            raise UserError(
                f"what stands in the shell's place is called as the shell is, with project and attend, got "
                f"{shell.__name__} (in {said}, a core goes under core: with defaults: [_shell, _self_])"
            )
    check_factory(node, key)
    return Target(text, contract, _module_class(said, node["_target_"]), instantiate(node, key))


def _module_class(text: str, path: str) -> type[nn.Module]:
    if ":" in path:
        raise UserError(f"a class is named with dots, got {path} in {text} (write {path.replace(':', '.')})")
    name, _, attribute = path.rpartition(".")
    if not name:
        raise UserError(f"a class is named with its module, got {path!r} in {text} (write {with_module(path)})")
    module = _imported(text, name)
    try:
        found = getattr(module, attribute)  # the user named it, and a package may give it only when asked
    except AttributeError as error:
        if remark := remark_on_class(path):
            raise UserError(f"{name} has no {attribute!r}{remark}") from error
        said, looked = has_no(module, attribute)
        raise UserError(f"{said} ({looked}{_set_in(text, path)})") from error
    if not inspect.isclass(found):
        classes = [each.__name__ for each in vars(module).values() if _is_own_module_class(each, name)]
        such = " or ".join(f"{name}.{each}" for each in classes[:SHOWN]) or "my_package.MyAttention"
        raise UserError(f"{path} must be a class, got {_article(type(found).__name__)} (give its class, as {such})")
    if not issubclass(found, nn.Module):
        raise UserError(f"{path} must be a torch.nn.Module: class {attribute}(nn.Module)")
    return found


def _is_own_module_class(value: object, module: str) -> bool:
    return inspect.isclass(value) and issubclass(value, nn.Module) and value.__module__ == module


def _imported(text: str, name: str) -> ModuleType:
    try:
        with imports_end_nothing():
            return import_module(name)
    except UserError:
        raise
    except ModuleNotFoundError as error:
        if error.name is not None and f"{name}.".startswith(f"{error.name}."):
            said, looked = no_module(error.name)
            raise UserError(f"{said}, wanted for {text} ({looked})") from error
        raise UserError(f"{name} can't be imported: {described(error)}") from error
    except Exception as error:  # whatever the user's file does when it is run
        raise UserError(f"{name} can't be imported: {described(error)}") from error


def _set_in(text: str, path: str) -> str:
    """Where a class was named, unless it was by who asks for it."""
    return "" if text.replace(":", ".").endswith(path) else f"; set _target_ in {text}"


def _contract(text: str, mechanism: type[nn.Module]) -> Contract:
    """Told by what is a contract's own: methods, the attribute `uses`, or arguments that the constructor names."""
    named, members = set(inspect.signature(mechanism).parameters), set(dir(mechanism))
    if "uses" in members or "head_dim" in named:
        return "attention"
    if {"attend", "project"} & members:
        return "shell"
    if {"role", "max_length"} & named:
        return "attention"
    if {"channels", "max_size"} & named:
        return "feature_attention"
    own = ", ".join(name for name in inspect.signature(mechanism).parameters) or "nothing"
    raise UserError(
        f"{text} isn't built as a mechanism is: it takes {own}, where one takes {', '.join(GIVEN['attention'])} "
        "(see Add your own mechanism in the README)"
    )


def _check_arguments(target: Target, own: Mapping[str, Any]) -> None:
    """That the constructor takes what every mechanism is given, and is given what else it needs."""
    name, given = target.mechanism.__name__, GIVEN[target.contract]
    parameters = dict(inspect.signature(target.mechanism).parameters)
    if target.contract in BY_POSITION and parameters:
        parameters[BY_POSITION[target.contract]] = parameters.pop(next(iter(parameters)))
    variadic = (inspect.Parameter.VAR_KEYWORD, inspect.Parameter.VAR_POSITIONAL)
    anything = any(each.kind is inspect.Parameter.VAR_KEYWORD for each in parameters.values())
    if (missing := [each for each in given if each not in parameters]) and not anything:
        raise UserError(
            f"the constructor of {name} must take {' and '.join(missing)}: every mechanism is built with "
            f"{', '.join(given)} ({DEFINED_IN[target.contract]})"
        )
    others = {each: p for each, p in parameters.items() if each not in given and p.kind not in variadic}
    of_the_yaml = target.factory.keywords if isinstance(target.factory, partial) else {}
    bound = {**{each: of_the_yaml[each] for each in of_the_yaml if each not in given}, **own}
    if (unknown := [each for each in bound if each not in others]) and not anything:
        takes = f"its own arguments are {', '.join(others)}" if others else "it has no arguments of its own"
        near = closest(unknown[0], list(others))
        raise UserError(f"{name} takes no {unknown[0]!r}{near}; {takes} (drop {unknown[0]})")
    check_arguments(target.mechanism, own, target.name, option="--set")
    if needed := needs(others, set(bound)):
        options = " ".join(f"--set {each}=VALUE" for each in needed)
        raise UserError(f"{name} needs a value for {' and '.join(needed)} ({options})")


def described(error: BaseException, file: str | None = None) -> str:
    """An exception in one line, with the last line of `file` that it went through, or else of the user's own code."""
    frames = [(frame.filename, frame.lineno) for frame in traceback.extract_tb(error.__traceback__)]
    if isinstance(error, SyntaxError) and error.filename:
        frames.append((error.filename, error.lineno))
    message = " ".join((error.msg if isinstance(error, SyntaxError) else str(error)).split())
    hint = device_hint(error)
    message = message.partition(". ")[0] if hint else message  # torch goes on with drivers to be installed
    own = [(name, line) for name, line in frames if (name == file if file else _is_own(name))]
    where = f" ({Path(own[-1][0]).name}, line {own[-1][1]})" if own else ""
    return f"{type(error).__name__}: {message}{where}{hint}"


def _is_own(file: str) -> bool:
    return "importlib" not in file and HERE not in Path(file).parents


def _article(noun: str) -> str:
    return f"{'an' if noun[0] in 'aeiou' else 'a'} {noun}"
