"""Command-line parsers whose mistakes are one line."""

import argparse
from typing import NoReturn

from attnlab.errors import UserError


def parser(
    command: str, description: str, *, usage: str | None = None, allow_abbrev: bool = True
) -> argparse.ArgumentParser:
    """An empty parser for `attnlab COMMAND`; `usage` and `allow_abbrev` are argparse's."""
    made = argparse.ArgumentParser(
        prog=f"attnlab {command}", description=description, usage=usage, allow_abbrev=allow_abbrev
    )

    def refuse(message: str) -> NoReturn:
        raise UserError(f"{message} (see attnlab {command} --help)")

    made.error = refuse  # type: ignore[method-assign]  # argparse's own prints its usage too
    return made
