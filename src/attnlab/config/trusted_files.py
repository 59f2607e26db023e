"""Whose files of weights are read by a torch that can be made to run code by them.

`torch.load(weights_only=True)` can be, before 2.6 by CVE-2025-32434 and before 2.10 by CVE-2026-24747. From 2.10 on
any file may be read.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path

from attnlab.errors import UserError

OPTION = "--trust-file"
SAFE = "2.10"
EVERYWHERE = os.sep

# The folders whose files the user has made himself.
_OWN: ContextVar[tuple[str, ...]] = ContextVar("_OWN", default=())


def torch_is_safe() -> bool:
    """Whether any file may be read."""
    from packaging.version import Version

    return Version(version("torch")) >= Version(SAFE)


def version(distribution: str) -> str:
    """Of what is installed; torch needn't be imported."""
    from importlib import metadata  # which quick commands do without

    return metadata.version(distribution)


def trust_all() -> None:
    """What `--trust-file` says: every file that is read from now on is the user's own."""
    _OWN.set((EVERYWHERE,))


def all_are_trusted() -> bool:
    """Whether that was said."""
    return EVERYWHERE in _OWN.get()


@contextmanager
def trusted(*folders: Path | str) -> Iterator[None]:
    """For the length of the `with` what lies in these folders is trusted, too."""
    token = _OWN.set((*_OWN.get(), *(os.path.realpath(each) for each in folders)))
    try:
        yield
    finally:
        _OWN.reset(token)


def check_file(path: Path) -> None:
    """Refuse a file that this torch isn't safe with, unless it is the user's own.

    Raises:
        UserError: naming the file, and what says that it is.
    """
    place = os.path.realpath(path)
    if not torch_is_safe() and not any(os.path.commonpath((place, each)) == each for each in _OWN.get()):
        raise UserError(
            f"torch {version('torch')} can be made to run code by a checkpoint, got {path} (add {OPTION} if you made "
            f"it, or in Python trust_file=True, or install torch {SAFE})"
        )
