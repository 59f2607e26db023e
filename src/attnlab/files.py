"""Files on disk: what the endings of their names say, written whole, and one process at a time."""

import csv
import errno
import io
import logging
import os
import re
import sys
import tempfile
import threading
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from attnlab.errors import UserError
from attnlab.reading.bounds import open_file
from attnlab.reading.shown import shown

log = logging.getLogger(__name__)

IMAGE_ENDINGS = (
    ".avif", ".bmp", ".gif", ".jfif", ".jpe", ".jpeg", ".jpg", ".pbm", ".pgm", ".png", ".ppm", ".tif", ".tiff", ".webp",
)  # fmt: skip

# Of images that Pillow reads only with a package that isn't asked for here.
HEIF_ENDINGS = (".heic", ".heif", ".hif")

# Files of records, whose lines aren't texts.
RECORD_ENDINGS = (".json", ".jsonl", ".ndjson")

TEXT_ENDINGS = (
    ".adoc", ".conll", ".conllu", ".csv", ".htm", ".html", ".log", ".markdown", ".md", ".org", ".rst", ".srt", ".tex",
    ".text", ".tsv", ".txt", ".xml", ".yaml", ".yml",
)  # fmt: skip

PREDICTED = ".attnlab-predicted"  # a file in folders that predictions were written into
WITHOUT_END = -1
ASKED_SECONDS = 0.2  # for which `is_locked` may keep out who would lock a folder


def write_whole(path: Path, content: bytes) -> Path:
    """Write a file so that a reader sees the old or the whole new one; missing folders are made.

    Raises:
        OSError: naming `path`.
    """
    return _written(path, lambda draft: draft.write_bytes(content))


def write_text(path: Path, text: str) -> Path:
    """Write a text as `write_whole` does, in UTF-8.

    What can't be UTF-8, bytes in a file's name, becomes `\\udc..`, which JSON reads back as that name.
    """
    return write_whole(path, text.encode("utf-8", errors="backslashreplace"))


def write_lines(path: Path, lines: Iterable[str]) -> Path:
    """Write lines as `write_text` does, one after another, so that they needn't all be in memory."""

    def write(draft: Path) -> None:
        with draft.open("w", encoding="utf-8", errors="backslashreplace", newline="\n") as file:
            file.writelines(f"{line}\n" for line in lines)

    return _written(path, write)


def write_rows(path: Path, heads: Sequence[str], rows: Iterable[Sequence[object]]) -> Path:
    """Write a table as CSV, as `write_text` does."""
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerows([heads, *rows])
    return write_text(path, text.getvalue())


def append_rows(path: Path, heads: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Add rows to a table, which is begun with its heads where it isn't there yet.

    Raises:
        OSError: naming `path`.
    """
    with naming(path):
        new = not path.exists()
        with path.open("a", newline="", encoding="utf-8") as file:
            csv.writer(file, lineterminator="\n").writerows([heads, *rows] if new else rows)


@contextmanager
def naming(path: Path) -> Iterator[None]:
    """Around what writes a file: an error of the disk's names it, which that of a write itself doesn't.

    Raises:
        OSError: naming `path`.
    """
    try:
        yield
    except OSError as error:
        if error.errno is not None:  # without a number, naming a file would take the place of what it says
            error.filename, error.filename2 = str(path), None
        raise


STREAM = re.compile(r"/dev/(stdout|stderr|fd/\d+)|/proc/(self|\d+)/fd/\d+")


def is_stream(path: Path) -> bool:
    """Whether a name is of a pipe, a terminal or standard output: written to as it comes, and never replaced."""
    return STREAM.fullmatch(str(path.absolute())) is not None or (
        path.exists() and not path.is_file() and not path.is_dir()
    )


def _written(path: Path, write: Callable[[Path], object]) -> Path:
    if is_stream(path):
        return _sent(path, write)
    # Its own for each writer: two at once must not mix.
    draft = path.with_name(f".{path.name}.{os.getpid()}.{threading.get_ident()}")
    with naming(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            write(draft)
            os.replace(draft, path)
        finally:
            draft.unlink(missing_ok=True)
    return path


def _sent(path: Path, write: Callable[[Path], object]) -> Path:
    with naming(path), tempfile.TemporaryDirectory() as folder:
        draft = Path(folder) / "draft"
        write(draft)
        with path.open("ab") as stream:  # a file that standard output goes to is gone on with
            stream.write(draft.read_bytes())
    return path


def remove_drafts(directory: Path) -> None:
    """Remove what writers that were killed left below a folder that is nobody else's to write to now."""
    for draft in directory.rglob(".*"):
        if re.fullmatch(r"\..+\.\d+\.\d+", draft.name) and draft.is_file():
            draft.unlink(missing_ok=True)


@contextmanager
def writing(place: Path | str, *, remedy: str) -> Iterator[None]:
    """What is done within writes `place`, a file, or the text `to FOLDER`.

    Raises:
        UserError: it couldn't be; `remedy` is what the user can do.
    """
    try:
        yield
    except OSError as error:
        raise unwritable(place, error, remedy=remedy) from error


def unwritable(place: Path | str, error: OSError, *, remedy: str) -> UserError:
    """What to tell the user of a file that couldn't be written, or of a folder that couldn't be made."""
    named = place.parents if isinstance(place, Path) else []
    if error.errno in (errno.EEXIST, errno.ENOTDIR) and isinstance(error.filename, str):  # a folder, perhaps, itself
        named = [*named, Path(error.filename), *Path(error.filename).parents]
    if (file := _file_among(named)) is not None:
        return UserError(f"can't write {place}: {file} is a file and no folder ({remedy})")
    # Of a folder that can't be made, /proc's say, the system only says that it isn't there.
    why = "nothing can be made there" if error.errno == errno.ENOENT else error.strerror
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        remedy = f"make room, or {remedy}"
    return UserError(f"can't write {place}: {why} ({remedy})")


# What the machine, and no mistake of the code's, keeps from a file.
OF_FILES = (
    errno.EACCES, errno.EDQUOT, errno.EFBIG, errno.EISDIR, errno.ELOOP, errno.ENAMETOOLONG, errno.ENOENT,
    errno.ENOSPC, errno.ENOTDIR, errno.ENOTSUP, errno.EPERM, errno.EROFS,
)  # fmt: skip


def out_of_reach(error: OSError) -> UserError | None:
    """What to tell the user of a file that can't be had, of which nothing else is known; None of another error."""
    if error.filename is None or error.errno not in OF_FILES:
        return None
    return UserError(f"can't read or write {error.filename}: {error.strerror} (see whether it is there and may be)")


def check_reachable(path: Path, *, remedy: str) -> None:
    """Before a file takes time to make: raise UserError where none can be made in the folder that it is to lie in."""
    try:
        folder = next(each for each in path.absolute().parents if each.exists())
        with tempfile.TemporaryFile(dir=folder):  # what a system refuses its own user, only a try can tell
            pass
    except OSError as error:
        raise unwritable(path, error, remedy=remedy) from error


def _file_among(folders: Iterable[Path]) -> Path | None:
    return next((each for each in folders if each.is_file()), None)


@contextmanager
def locked(directory: Path) -> Iterator[None]:
    """Keep other processes of this machine out of a run's folder; the lock ends with this process, however it ends.

    Raises:
        UserError: another process has it.
    """
    directory.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        try:
            stack.enter_context(_held(directory / ".lock", seconds=ASKED_SECONDS))
        except Timeout as error:
            raise UserError(f"another process is training in {directory} (wait for it, or set output_dir)") from error
        yield


def is_locked(directory: Path) -> bool:
    """Whether another process trains in a run's folder; False where that can't be told."""
    try:
        import fcntl  # not on Windows
    except ImportError:
        return False
    try:
        with open_file(directory / ".lock") as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)  # shared: two that ask at once don't see each other
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False


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
        if path.is_symlink():  # it may be of a folder that somebody else made, and would be written to elsewhere
            raise UserError(f"a lock must be a file of its folder, got the link {path} (delete it)") from error
        if error.filename is not None:  # it can't be opened; without a name, it is a file system without locks
            raise
        log.warning("this file system has no locks: two processes at once would mix what they write to %s", path.parent)
    try:
        yield
    finally:
        lock.release()


def say(lines: Iterable[str]) -> None:
    """Print lines, be there still a reader or not: what is told last shouldn't undo what is done."""
    try:
        for line in lines:
            print(shown(line))
        sys.stdout.flush()
    except BrokenPipeError:  # head or less has gone; Python must not complain again at exit
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


PICKLED = b"\x80"  # how torch's files of weights began until 1.5


def check_weight_file(path: Path, *, key: str) -> None:
    """Look at how a file begins, before anything slow.

    Raises:
        UserError: it is none that torch or safetensors writes.
    """
    if not path.is_file() or path.suffix == ".safetensors" or zipfile.is_zipfile(path):
        return
    with path.open("rb") as file:
        start = file.read(2)
    if start[:1] != PICKLED:
        which = f"begins with {start!r}" if start else "is empty"
        raise UserError(
            f"this is no file of weights, got {path}, which {which} (set {key} to what torch.save or safetensors has "
            "written)"
        )
