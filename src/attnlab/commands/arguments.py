"""The command lines of all commands: mistakes are one line."""

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from attnlab.errors import UserError


class Parser(argparse.ArgumentParser):
    """argparse's, whose own `error` prints its usage too and exits."""

    def error(self, message: str) -> NoReturn:
        """Raise UserError."""
        raise mistake(message, prog=self.prog)


def parser(
    command: str, description: str, *, usage: str | None = None, allow_abbrev: bool = True
) -> argparse.ArgumentParser:
    """An empty parser for `attnlab COMMAND`; `usage` and `allow_abbrev` are argparse's."""
    return Parser(prog=f"attnlab {command}", description=description, usage=usage, allow_abbrev=allow_abbrev)


def mistake(message: str, *, prog: str) -> UserError:
    """What to raise for a command line that doesn't fit; it points to the command's own help."""
    return UserError(f"{message} (see {prog} --help)")


def check_config_dirs(folders: Sequence[str | Path]) -> None:
    """Raise UserError if one that is given by `--config-dir` is no folder."""
    for folder in folders:
        if not Path(folder).is_dir():
            raise UserError(f"no such folder, got {folder} (set --config-dir)")
