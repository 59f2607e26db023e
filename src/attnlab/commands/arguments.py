"""Command-line parsers whose mistakes are one line."""

import argparse
from typing import NoReturn

from attnlab.errors import UserError


def parser(command: str, description: str) -> argparse.ArgumentParser:
    """An empty parser for `attnlab COMMAND`."""
    made = argparse.ArgumentParser(prog=f"attnlab {command}", description=description)

    def refuse(message: str) -> NoReturn:
        raise UserError(f"{message} (see attnlab {command} --help)")

    made.error = refuse  # type: ignore[method-assign]  # argparse's own prints its usage too
    return made
