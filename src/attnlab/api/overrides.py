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
        parts: Sequence[object] = [each] if isinstance(each, str) or not isinstance(each, Sequence) else each
        for part in parts:
            if not isinstance(part, str):
                raise UserError(f"an override must be a text KEY=VALUE, got {part!r} (write 'KEY=VALUE')")
            if part.lstrip("+").startswith("resume="):
                raise UserError(
                    f"from Python a run goes on by the overrides that it began with, got {part} (give those, or use "
                    "the command attnlab train)"
                )
            found.append(part)
    return with_named_runs(found)


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
