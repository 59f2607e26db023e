"""The folder that data is read from, looked for before anything heavy is imported, and by what reads it."""

import errno
import glob
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from attnlab.errors import UserError, closest

ABSENT = (errno.ENOENT, errno.ENOTDIR)


def check_no_files(root: Path | None) -> None:
    """Raise UserError for a folder of files that is given to data that is made up, of which nothing would be read."""
    if root is not None:
        raise UserError(f"this data is made up and read from no files, got {root} (drop data.root)")


def pattern_key(data: Mapping[str, Any]) -> str | None:
    """Which key of the configuration of a data module takes a pattern of files, if any does."""
    corpus = data.get("corpus")
    is_pattern = isinstance(corpus, Mapping) and corpus.get("_target_") == "attnlab.data.TextFiles"
    return "data.corpus.train" if is_pattern else None


def _of_pattern(root: Path, key: str | None) -> str:
    folder = next((each for each in root.parents if not glob.has_magic(str(each))), Path())
    instead = f"set data.root={folder}" + (f" {key}='{root.relative_to(folder)}'" if key else "")
    return f"data.root must be a folder, got the pattern {root} ({instead})"


def check_there(root: Path, *, pattern_key: str | None = None) -> None:
    """What can be said of `data.root` without reading a file of it: that something is there, a folder or an archive.

    A pattern of files is told where it belongs, `pattern_key` if the data has such a key.

    Raises:
        UserError: nothing is, or it can't be told; the message says what is named much like it.
    """
    if glob.has_magic(str(root)) and not root.exists():
        raise UserError(_of_pattern(root, pattern_key))
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
