"""Where data lies: what comes with this package, and folders of prepared data, each whole or absent."""

import hashlib
import json
import os
import shutil
import time
import uuid
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from attnlab.errors import UserError
from attnlab.reading.bounds import open_file, read_json
from attnlab.reading.kinds import is_of

MANIFEST = "manifest.json"
ABANDONED_SECONDS = 24 * 3600


def default_cache_dir() -> Path:
    """`$ATTNLAB_CACHE`, or `~/.cache/attnlab`."""
    return Path(os.environ.get("ATTNLAB_CACHE") or "~/.cache/attnlab").expanduser()


def bundled(name: str) -> Path:
    """A file of data that comes with this package."""
    return Path(__file__).parents[1] / "bundled" / name


def content_key(*values: Any) -> str:
    """A folder's name: the sha256 of the plain values that its content follows from."""
    return hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()


def cached_folder(folder: Path, write: Callable[[Path], None]) -> Path:
    """`folder`, which `write` fills beforehand if it isn't there whole.

    `write` works in a folder beside it that is then renamed, so that a process killed half-way leaves nothing that
    looks finished. Of two processes at once both write, and the second uses what the first one left.

    Raises:
        UserError: nothing can be written there.
    """
    if is_whole(folder):
        return folder
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        _remove_abandoned(folder.parent)
        draft = folder.with_name(f".draft-{uuid.uuid4().hex}")
        draft.mkdir()
        try:
            write(draft)
            files = [path for path in draft.rglob("*") if path.is_file()]
            manifest = {path.relative_to(draft).as_posix(): file_sha256(path) for path in files}
            (draft / MANIFEST).write_text(json.dumps(manifest))
            _install(draft, folder)
        finally:
            shutil.rmtree(draft, ignore_errors=True)
    except OSError as error:
        raise UserError(
            f"prepared data must be stored, got {folder.parent}: {error.strerror} "
            "(set data.cache_dir or $ATTNLAB_CACHE)"
        ) from error
    return folder


def is_whole(folder: Path) -> bool:
    """Whether every file that was written is there, and as it was."""
    try:
        manifest = read_json(folder / MANIFEST)
        return is_of(manifest, dict[str, str]) and all(
            _lies_within(name) and file_sha256(folder / name) == sha256 for name, sha256 in manifest.items()
        )
    except (OSError, ValueError):
        return False


def file_sha256(path: Path) -> str:
    """Of all of its bytes; OSError for what can't be read, or is no file."""
    with open_file(path) as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _lies_within(name: str) -> bool:
    return not Path(name).is_absolute() and ".." not in Path(name).parts


def _install(draft: Path, folder: Path) -> None:
    try:
        os.rename(draft, folder)
    except OSError:
        # A folder that holds files is never replaced by a rename.
        if is_whole(folder):
            return
        damaged = folder.with_name(f"{draft.name}-damaged")
        os.rename(folder, damaged)
        os.rename(draft, folder)
        shutil.rmtree(damaged, ignore_errors=True)


def _remove_abandoned(parent: Path) -> None:
    for draft in parent.glob(".draft-*"):
        with suppress(FileNotFoundError):  # another process has just finished it
            if time.time() - draft.stat().st_mtime > ABANDONED_SECONDS:
                shutil.rmtree(draft, ignore_errors=True)
