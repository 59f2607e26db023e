"""Overrides and folders of configuration, as they are given from Python."""

from collections.abc import Sequence
from pathlib import Path

from attnlab.commands.arguments import check_config_dirs
from attnlab.errors import UserError


def listed(overrides: Sequence[str | Sequence[str]]) -> list[str]:
    """KEY=VALUE each, given one by one or in lists; UserError for what is neither."""
    found: list[str] = []
    for each in overrides:
        parts: Sequence[object] = [each] if isinstance(each, str) or not isinstance(each, Sequence) else each
        for part in parts:
            if not isinstance(part, str):
                raise UserError(f"an override must be a text KEY=VALUE, got {part!r} (write 'KEY=VALUE')")
            _check_of_the_command_line(part)
            found.append(part)
    return found


def _check_of_the_command_line(part: str) -> None:
    """UserError for an option, or for what is no key of a configuration but a word of `attnlab train`'s."""
    if part.startswith("-"):
        raise UserError(f"an option of the command line is an argument here, got {part!r} (write {_argument(part)})")
    if part.startswith("resume="):
        raise UserError(
            f"resume= is of the command line, got {part!r} (the same overrides go on from where their run was left; "
            "attnlab.Run(FOLDER) opens a run)"
        )


def _argument(option: str) -> str:
    """How an option that Python has, too, is written there."""
    name, _, value = option.lstrip("-").replace("=", " ", 1).partition(" ")
    known = {"config-dir": "config_dirs=[{}]", "trust": "trust=[{}]", "trust-file": "trust_file=True"}
    return known.get(name, "KEY=VALUE alone").format(repr(value.strip() or "FOLDER"))


def folders(config_dirs: Sequence[str | Path]) -> list[str]:
    """The folders of one's own configs; UserError for one that isn't there, or a lone path."""
    if isinstance(config_dirs, str | Path):
        raise UserError(
            f"config_dirs must be a list of folders, got {str(config_dirs)!r} (write [{str(config_dirs)!r}])"
        )
    for each in config_dirs:
        if not Path(each).is_dir():
            raise UserError(f"no such folder, got {each} (set config_dirs)")
    check_config_dirs(config_dirs)
    return [str(each) for each in config_dirs]
