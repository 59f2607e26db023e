"""Text files of one sentence a line, plain or gzipped; whatever is wrong with one is a single clear line."""

import gzip
import zlib
from pathlib import Path

from attnlab.errors import UserError


def read_lines(path: Path, *, key: str) -> list[str]:
    """The lines of a file, read as by `read_raw_lines`, without surrounding white space."""
    return [line.strip() for line in read_raw_lines(path, key=key)]


def read_raw_lines(path: Path, *, key: str) -> list[str]:
    """The lines of `path`, or of `path`.gz where only that exists, without the line feed or its carriage return.

    Only a line feed ends a line: other separators that Unicode knows stand inside sentences.

    Raises:
        UserError: the file is missing, unreadable, empty, a broken gzip file or not UTF-8; `key` is what to change.
    """
    found = path if path.exists() else path.with_name(path.name + ".gz")
    data = _read_bytes(found if found.exists() else path, key)
    try:
        text = data.decode("utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        column = error.start - (data.rfind(b"\n", 0, error.start) + 1) + 1
        raise UserError(
            f"a text file must be UTF-8, got byte {data[error.start]:#04x} at line {line}, byte {column} of {found} "
            f"(set {key})"
        ) from error
    if not text.strip():
        raise UserError(f"a text file must hold at least one sentence, got the empty file {found} (set {key})")
    return [line.removesuffix("\r") for line in text.removesuffix("\n").split("\n")]


def _read_bytes(path: Path, key: str) -> bytes:
    try:
        data = path.read_bytes()
        return gzip.decompress(data) if path.suffix == ".gz" else data
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise UserError(f"a .gz file must be whole, got {path} with: {error} (set {key})") from error
    except FileNotFoundError as error:
        also = "" if path.suffix == ".gz" else ", nor is there a .gz of it"
        raise UserError(f"a text file must exist, got {path}, which doesn't{also} (set {key})") from error
    except OSError as error:
        raise UserError(f"a text file must be readable, got {path}: {error.strerror} (set {key})") from error
