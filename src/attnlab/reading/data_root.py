"""The folder that data is read from, looked for before anything heavy is imported, and by what reads it."""

import errno
import os
from pathlib import Path

from attnlab.errors import UserError, closest

ABSENT = (errno.ENOENT, errno.ENOTDIR)


def check_there(root: Path) -> None:
    """What can be said of `data.root` without reading a file of it: that something is there, a folder or an archive.

    Raises:
        UserError: nothing is, or it can't be told; the message says what is named much like it.
    """
    try:
        root.stat()
    except (OSError, ValueError) as error:  # ValueError: a zero byte
        why = "" if isinstance(error, OSError) and error.errno in ABSENT else f": {_said(error)}"
        raise UserError(f"the data's folder must be there, got {root}{_like(root)}{why} (set data.root)") from error


def _said(error: Exception) -> str:
    return error.strerror or str(error) if isinstance(error, OSError) else str(error)


def _like(root: Path) -> str:
    """What stands beside the first part of a path that isn't there, and is named much like it."""
    there = next((each for each in root.parents if each.is_dir()), None)
    if there is None:
        return ""
    lost = root.relative_to(there).parts[0]
    try:
        names = sorted(os.listdir(there))
    except OSError:
        return ""
    return closest(lost, names, "" if there == Path() else f"{there}/".replace("//", "/"))
