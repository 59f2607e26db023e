"""Text files of which line i of each belongs to line i of the others."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from attnlab.data.files.lines import found_file, read_lines
from attnlab.errors import UserError


class Side(NamedTuple):
    """One of such files: what its lines are, and the key that chose it."""

    what: str
    path: Path
    key: str


def read_parallel(sides: Sequence[Side], *, encoding: str | None = None, instead: str) -> list[list[str]]:
    """The lines of each side, without surrounding white space.

    Args:
        encoding: as for `read_raw_lines`.
        instead: what to set where one file holds all sides.

    Raises:
        UserError: a file that can't be read, two of different numbers of lines, or the same for two sides.
    """
    read: list[list[str]] = []
    for number, side in enumerate(sides):
        read.append(read_lines(side.path, key=side.key, encoding=encoding))
        for other, lines in zip(sides[:number], read, strict=False):
            keys = " or ".join(dict.fromkeys([other.key, side.key]))
            if found_file(other.path).samefile(found_file(side.path)):
                raise UserError(
                    f"{other.what} and {side.what} must be different files, got {side.path} for both (set {keys}; if "
                    f"it holds both, {instead})"
                )
            if len(lines) != len(read[-1]):
                raise UserError(
                    f"{other.what} and {side.what} must have the same number of lines, got {len(lines)} in "
                    f"{other.path} and {len(read[-1])} in {side.path} (set {keys})"
                )
    return read


def named_files(given: str | Sequence[str], *, key: str) -> list[str]:
    """The names that a key gives: one, or a list of several.

    Raises:
        ValueError: none, or what isn't a name.
    """
    names = [given] if isinstance(given, str) else list(given)
    if not names or not all(isinstance(name, str) and name for name in names):
        raise ValueError(f"{key.rpartition('.')[2]} must be a file or a list of files, got {given!r} (set {key})")
    return names
