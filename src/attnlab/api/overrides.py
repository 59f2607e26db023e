"""Overrides and folders of configuration, as they are given from Python."""

from collections.abc import Sequence
from pathlib import Path

from attnlab.commands.arguments import check_config_dirs
from attnlab.errors import UserError


def listed(overrides: Sequence[str]) -> list[str]:
    """KEY=VALUE each; UserError for a lone text, which would be taken letter by letter."""
    if isinstance(overrides, str):
        raise UserError(f"overrides must be a list of KEY=VALUE, got {overrides!r} (write [{overrides!r}])")
    return list(overrides)


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
