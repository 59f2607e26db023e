"""The command line of `attnlab train`: Hydra's own options, and overrides."""

import os
from collections.abc import Sequence
from pathlib import PurePath

from hydra.core.override_parser.types import Quote, QuotedString

from attnlab.commands.arguments import check_config_dirs, mistake
from attnlab.config import trusted_files
from attnlab.config.suggestions import is_at_the_top
from attnlab.errors import closest

PROG = "attnlab train"
SHORT = {"-m": "--multirun", "-cd": "--config-dir", "-c": "--cfg", "-p": "--package", "-i": "--info"}
INSTEAD = ("--multirun", "--cfg", "--info")  # of which Hydra does one
TAKE_A_VALUE = {"--config-dir": "DIR", "--cfg": "job", "--package": "GROUP", "--trust": "PACKAGE"}  # and such a one
INFO = ("all", "config", "defaults", "defaults-tree", "plugins", "searchpath")
SHOWN = ("job", "hydra", "all")
ALONE = ("--multirun", "--resolve", "--info", trusted_files.OPTION)


def split(arguments: Sequence[str]) -> tuple[list[str], list[str]]:
    """Hydra's own options, by their long names, and the overrides.

    Raises:
        UserError: an option that Hydra hasn't or that lacks its value.
    """
    flags: list[str] = []
    overrides: list[str] = []
    for place, argument in enumerate(arguments):
        if flags and (
            flags[-1] in TAKE_A_VALUE or (flags[-1] == "--info" and "=" not in argument and argument[:1] != "-")
        ):
            flags[-1] += f"={argument}"
        elif argument.startswith("-"):
            name, equals, value = argument.partition("=")
            name = SHORT.get(name, name)
            if name not in (*TAKE_A_VALUE, *ALONE):
                meant = _meant(name, value or arguments[place + 1 :][:1])
                raise mistake(f"no such option of attnlab train, got {argument!r}{meant}", prog=PROG)
            flags.append(name + equals + (os.path.expanduser(value) if name == "--config-dir" else value))
        else:
            overrides.append(argument)
    if flags and flags[-1] in TAKE_A_VALUE:
        raise mistake(f"{flags[-1]} needs a value: write {flags[-1]} {TAKE_A_VALUE[flags[-1]]}", prog=PROG)
    _check_values(flags)
    return flags, overrides


def _meant(option: str, value: str | Sequence[str]) -> str:
    """What an option that there isn't may have been meant as: a misspelt one, or KEY=VALUE."""
    key, given = option.lstrip("-"), "".join(value)
    if key.startswith("config") and given.endswith((".yaml", ".yml")):
        name = PurePath(given).stem
        return f": a file of settings is DIR/experiment/{name}.yaml (write experiment={name} --config-dir DIR)"
    if not is_at_the_top(key) and (guessed := closest(option, (*TAKE_A_VALUE, *ALONE))):
        return guessed
    shown = given if given and not given.startswith("-") and "=" not in given else "VALUE"
    key = key.replace("-", "_")
    return f": values have no dashes (write {key}={shown})" if is_at_the_top(key) or shown != "VALUE" else ""


def _check_values(flags: Sequence[str]) -> None:
    """Raise UserError for a value that Hydra's options don't take."""
    shown = any(flag.startswith("--cfg=") for flag in flags)
    instead = list(dict.fromkeys(flag.partition("=")[0] for flag in flags if flag.partition("=")[0] in INSTEAD))
    if len(instead) > 1:
        told = "drop -m, and give one value of each key" if SHORT["-m"] in instead else "give one of them"
        raise mistake(f"only one of {' and '.join(instead)} can be done, got both ({told})", prog=PROG)
    for flag in flags:
        name, _, value = flag.partition("=")
        if name in ("--resolve", "--package") and not shown:
            raise mistake(f"{name} is of what --cfg shows, got it alone (add --cfg job)", prog=PROG)
        known = {"--cfg": SHOWN, "--info": INFO}.get(name)
        if known is not None and value and value not in known:
            raise mistake(f"{name} is one of {', '.join(known)}{closest(value, known)}, got {value!r}", prog=PROG)


def config_dirs(flags: Sequence[str]) -> list[str]:
    """The user's own folders among Hydra's options. Raises UserError if one isn't there."""
    found = [flag.removeprefix("--config-dir=") for flag in flags if flag.startswith("--config-dir=")]
    check_config_dirs(found)
    return found


def package(flags: Sequence[str]) -> str | None:
    """The part of the configuration that alone is to be shown, by its dotted key."""
    return next((flag.removeprefix("--package=") for flag in flags if flag.startswith("--package=")), None)


def trusted(flags: Sequence[str]) -> list[str]:
    """The packages of the user's own that a resumed run may name."""
    return [flag.removeprefix("--trust=") for flag in flags if flag.startswith("--trust=")]


def quoted(value: str) -> str:
    """A text as Hydra's overrides have it."""
    return QuotedString(value, Quote.single).with_quotes()
