"""What a picture's file says of what it is of, so that nobody else's is written over."""

import re
from pathlib import Path

from attnlab.errors import UserError
from attnlab.reading.bounds import PICTURE, read_file
from attnlab.reporting.typed_files import OF_PICTURES

MOST = 80  # letters
# Stands in a PNG, a PDF and an SVG as these bytes: none of them compresses what it says of itself.
_MARK = re.compile(OF_PICTURES.encode() + rb"([ -:<-~]+);")


def mark(of: str) -> str:
    """What is written into a picture of this, `run 0123456789`."""
    return f"{OF_PICTURES}{_plain(of)};"


def _plain(of: str) -> str:
    """In letters that all three write as they are: PDF has others in two bytes each, and brackets and XML's escaped."""
    return re.sub(r"[^0-9A-Za-z=._ -]", "_", ascii(of)[1:-1])[:MOST]


def check_free(path: Path, *, of: str, remedy: str) -> None:
    """Before a picture is written where the user typed no file's name.

    Raises:
        UserError: a file lies there that isn't known to be a picture of the same.
    """
    if not path.is_file():
        return
    there, ours = _is_of(path), _plain(of)
    if there is None:
        raise UserError(f"{path} is there already, and isn't known to be a picture of {of} ({remedy}, or delete it)")
    if there != ours:
        raise UserError(f"{path} is a picture of another, {there}, and not of {of} ({remedy})")


def _is_of(path: Path) -> str | None:
    """What it says; None of a file that says nothing, or can't be read."""
    try:
        found = _MARK.search(read_file(path, mib=PICTURE))
    except OSError:
        return None
    return None if found is None else found[1].decode("ascii")
