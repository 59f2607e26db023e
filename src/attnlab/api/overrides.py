"""Overrides and folders of configuration, as they are given from Python."""

from collections.abc import Sequence
from pathlib import Path

from attnlab.commands.arguments import check_config_dirs
from attnlab.commands.train.named_runs import with_named_runs
from attnlab.errors import UserError


def listed(overrides: Sequence[str | Sequence[str]]) -> list[str]:
    """KEY=VALUE each, given one by one or in lists, with the folder of each run that has its short name.

    Raises:
        UserError: something else, a name of no run, or `resume`, which is the command's.
    """
    found: list[str] = []
    for each in overrides:
        parts: Sequence[object] = [each] if isinstance(each, str | bytes) or not isinstance(each, Sequence) else each
        for part in parts:
            if not isinstance(part, str):
                raise UserError(f"an override must be a text KEY=VALUE, got {part!r} (write 'KEY=VALUE')")
            _check_no_option(part)
            if part.lstrip("+").startswith("resume="):
                raise UserError(
                    f"from Python a run goes on by the overrides that it began with, got {part} (give those, or use "
                    "the command attnlab train)"
                )
            found.append(part)
    return with_named_runs(found)


def _check_no_option(part: str) -> None:
    """UserError for an option of the command line, with the argument that it is here."""
    if part.startswith("-"):
        raise UserError(f"an option of the command line is an argument here, got {part!r} (write {_argument(part)})")


def _argument(option: str) -> str:
    """How an option that Python has, too, is written there."""
    name, _, value = option.lstrip("-").replace("=", " ", 1).partition(" ")
    known = {"config-dir": "config_dirs=[{}]", "trust": "trust=[{}]", "trust-file": "trust_file=True"}
    return known.get(name, "KEY=VALUE alone").format(repr(value.strip() or "FOLDER"))


def check_list(given: object, name: str, what: str, kinds: tuple[type, ...] = (str,)) -> None:
    """UserError for an argument that isn't a list of such: a lone one is told to be put in one."""
    if isinstance(given, kinds):
        raise UserError(f"{name} must be a list of {what}, got {str(given)!r} (write [{str(given)!r}])")
    if not isinstance(given, list | tuple | set | frozenset):
        raise UserError(f"{name} must be a list of {what}, got {given!r} (write {name}=[...], or leave it out)")
    for each in given:
        if not isinstance(each, kinds):
            raise UserError(f"{name} must be a list of {what}, got {each!r} in it (write {name}=['NAME'])")


def folders(config_dirs: Sequence[str | Path]) -> list[str]:
    """The folders of one's own configs; UserError for one that isn't there, or what is no list of folders."""
    check_list(config_dirs, "config_dirs", "folders", (str, Path))
    for each in config_dirs:
        if not Path(each).is_dir():
            raise UserError(f"no such folder, got {each} (set config_dirs)")
    check_config_dirs(config_dirs)
    return [str(each) for each in config_dirs]
