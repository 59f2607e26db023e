"""Files that several processes may want at once: which of them has a folder or a file to itself."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from attnlab.errors import UserError

WITHOUT_END = -1


@contextmanager
def locked(directory: Path) -> Iterator[None]:
    """Keep other processes of this machine out of a run's folder; the lock ends with this process, however it ends.

    Raises:
        UserError: another process has it.
    """
    directory.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        try:
            stack.enter_context(_held(directory / ".lock", seconds=0))
        except Timeout as error:
            raise UserError(f"another process is training in {directory} (wait for it, or set output_dir)") from error
        yield


@contextmanager
def in_turn(path: Path) -> Iterator[None]:
    """Wait till no other process of this machine works on the file at `path`; `path`.lock stands for it."""
    with _held(path.with_name(path.name + ".lock"), seconds=WITHOUT_END):
        yield


@contextmanager
def _held(path: Path, *, seconds: float) -> Iterator[None]:
    """A lock, waited for so long; the file stays, or others would lock one that is gone.

    Raises:
        Timeout: another has it still.
    """
    # A soft lock in its place would outlive a process that was killed.
    lock = FileLock(path, timeout=seconds, preserve_lock_file=True, fallback_to_soft=False)
    try:
        lock.acquire()
    except Timeout:
        raise
    except OSError as error:
        if error.filename is not None:  # it can't be opened; without a name, it is a file system without locks
            raise
    try:
        yield
    finally:
        lock.release()
