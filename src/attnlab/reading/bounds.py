"""How much is read of a file, and of which: a pipe or a device is never waited for, nor read without an end."""

import errno
import gzip
import io
import json
import os
import stat
import sys
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import IO, Any, BinaryIO

from attnlab.errors import UserError

VARIABLE = "ATTNLAB_MAX_FILE_MIB"
MIB = 1 << 20
# MiB, unpacked; the variable takes the place of each.
TEXT = 2048  # all of it is in memory, several times over
TABLE = 16384  # row by row
LINE = 256
ARRAYS = 2048
PICTURE = 256
RECORD = 256  # a run's own files, and others of a few lines
CHUNK = 1 << 20  # bytes
DEEPEST = 64  # values within values; how many Python itself can follow is another number in each version
KINDS = {
    stat.S_IFIFO: "a pipe",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
    stat.S_IFDIR: "a folder",
}


def bound(mib: int) -> int:
    """The bytes that so many MiB are, or those that the user allows instead.

    Raises:
        UserError: the variable is no number above 0.
    """
    given = os.environ.get(VARIABLE)
    if not given:
        return mib * MIB
    if not given.isascii() or not given.isdigit() or int(given) < 1:
        raise UserError(f"a bound must be a whole number of MiB above 0, got {given!r} (set ${VARIABLE})")
    return int(given) * MIB


def too_large(path: Path | str, most: int, *, what: str = "it has") -> OSError:
    """What to raise of a file that has more bytes than `most`."""
    said = f"{what} more than {most // MIB} MiB, the most that is read of such a file (set ${VARIABLE} to allow more)"
    return OSError(errno.EFBIG, said, str(path))


def open_file(path: Path, *, pipes: bool = False) -> io.BufferedReader:
    """A file opened for reading, without waiting for what isn't one.

    Args:
        pipes: whether a pipe will do, for what the user names on the command line.

    Raises:
        OSError: it can't be opened, or is a device, a socket or, unless asked for, a pipe.
    """
    _check_kind(path, os.stat(path).st_mode, pipes=pipes)  # before opening, which may wait, and moves some devices
    if pipes:
        return path.open("rb")
    file = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    try:
        _check_kind(path, os.fstat(file).st_mode, pipes=False)
        return os.fdopen(file, "rb")
    except BaseException:
        os.close(file)
        raise


def _check_kind(path: Path, mode: int, *, pipes: bool) -> None:
    kind = stat.S_IFMT(mode)
    if kind in KINDS and not (pipes and kind in (stat.S_IFIFO, stat.S_IFSOCK)):
        number = errno.EISDIR if kind == stat.S_IFDIR else errno.ENOTSUP
        raise OSError(number, f"it is {KINDS[kind]}, not a file", str(path))


def read_file(path: Path, *, mib: int = TEXT, pipes: bool = False) -> bytes:
    """All of a file's bytes, up to `mib`; `pipes` as for `open_file`.

    Raises:
        OSError: it can't be read, isn't one, or is larger.
    """
    with open_file(path, pipes=pipes) as file:
        most, size = bound(mib), os.fstat(file.fileno()).st_size
        if size > most:
            raise too_large(path, most)
        start = file.read(size)
        return start + _rest(file, path, most - len(start), most)  # of files whose size isn't known


def read_stream(file: BinaryIO, name: str, *, mib: int = TEXT, what: str = "it has") -> bytes:
    """All of what comes, from stdin or out of a packed file, up to `mib`.

    Raises:
        OSError: there is more.
    """
    most = bound(mib)
    return _rest(file, name, most, most, what=what)


def gunzip(data: bytes, path: Path | str, *, mib: int = TEXT) -> bytes:
    """What gzip packed, up to `mib`.

    Raises:
        OSError: it unpacks to more, or isn't gzip.
        EOFError, zlib.error: it is damaged.
    """
    most = bound(mib)
    with gzip.GzipFile(fileobj=io.BytesIO(data)) as unpacked:
        return _rest(unpacked, path, most, most, what="it unpacks to")


def _rest(file: Any, path: Path | str, left: int, most: int, *, what: str = "it has") -> bytes:
    chunks = []
    while chunk := file.read(CHUNK):
        left -= len(chunk)
        if left < 0:
            raise too_large(path, most, what=what)
        chunks.append(chunk)
    return b"".join(chunks)


def read_text(path: Path, *, mib: int = RECORD, encoding: str = "utf-8") -> str:
    """All of a small file's text; line ends as `Path.read_text` has them.

    Raises:
        OSError: as `read_file`.
        UnicodeDecodeError: it is of another encoding.
    """
    text = read_file(path, mib=mib).decode(encoding)
    return text.replace("\r\n", "\n").replace("\r", "\n")


def read_json(path: Path, *, mib: int = RECORD) -> Any:
    """The value in a small file.

    Raises:
        OSError: as `read_file`.
        ValueError: it isn't JSON in UTF-8, or is nested too deeply.
    """
    return plain_json(read_file(path, mib=mib).decode("utf-8"))


def plain_json(text: str | bytes) -> Any:
    """As `json.loads`, but that it is nested too deeply is a ValueError, as all else that is wrong with it.

    So is a whole number beyond 64 bits: it is none of a run's, and floats and arrays may have no room for it.
    """
    try:
        found = json.loads(text, parse_int=_whole_number)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error
    if is_deep(found):
        raise ValueError("nested too deeply")
    return found


def _whole_number(text: str) -> int:
    number = int(text)
    if not -(1 << 63) <= number < 1 << 63:
        raise ValueError(f"a number beyond 64 bits, {text[:20]}...")
    return number


def is_deep(value: Any) -> bool:
    """Whether lists and dicts, none of which stands in two places, lie deeper in each other than `DEEPEST`."""
    level = [value]
    for _ in range(DEEPEST):
        level = [
            inner
            for each in level
            if isinstance(each, dict | list)
            for inner in (each.values() if isinstance(each, dict) else each)
            if isinstance(inner, dict | list)
        ]
    return bool(level)


def bounded_lines(file: IO[str], path: Path, *, start: str = "") -> Iterator[str]:
    """The lines of a text, `start` before the first; a file may have as much as a table, and a line as much as one.

    Raises:
        OSError: there is more.
    """
    longest, left = bound(LINE), bound(TABLE)
    line = start or file.readline(longest)
    while line:
        left -= len(line)
        if len(line) >= longest:
            raise too_large(path, longest, what="a line has")
        if left < 0:
            raise too_large(path, bound(TABLE))
        yield line
        line = file.readline(longest)


def text_lines(path: Path, *, errors: str = "strict") -> Generator[str, None, None]:
    """A file's lines in UTF-8, as `bounded_lines` has them; OSError for what is no file.

    Args:
        errors: as for `open`.
    """
    with open_file(path) as binary, io.TextIOWrapper(binary, encoding="utf-8", errors=errors) as file:
        yield from bounded_lines(file, path)


def physical_memory() -> int:
    """MiB of this machine; where that can't be told, more than any has."""
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // MIB
    except (AttributeError, OSError, ValueError):
        return sys.maxsize // MIB
